import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import { matchesGlob } from '../lib/rules/glob.ts';
import type { ImportRule } from '../lib/rules/import-rule.ts';
import { targetRepository } from '../lib/rules/import-scope.ts';
import { registryKind } from '../lib/rules/registry-identity.ts';
import { acknowledgeResource } from './acknowledge.ts';
import type { DeployedFunction } from './deployed-function.ts';

/** What copying reads at the source; references of an image are asked for where some import copies them. */
const SOURCE_READS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const TARGET_WRITES = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** Lets `copy` read what imports copy from ECR, and write what they copy to it. */
export function grantCopies(to: DeployedFunction, imports: readonly ImportRule[]): void {
  const referring = imports.filter(({ referrers }) => referrers);
  grant(to, sourcesOf(to, imports), SOURCE_READS);
  grant(to, sourcesOf(to, referring), ['ecr:ListImageReferrers']);
  grant(to, targetsOf(to, imports), TARGET_WRITES);
}

/** Lets `import-intake` see which tags there are at the source, and what they hold. */
export function grantLooks(to: DeployedFunction, imports: readonly ImportRule[]): void {
  grant(to, sourcesOf(to, imports), ['ecr:BatchGetImage', 'ecr:DescribeImages']);
  const wide = imports.filter(({ from }) => from.pattern.includes('*'));
  const all = sourcesOf(to, wide).map(arn => arn.replace(/:repository\/.*$/, ':repository/*'));
  grant(
    to,
    [...new Set(all)],
    ['ecr:DescribeRepositories'],
    'It lists repositories: names and settings, nothing of what is in them.',
  );
}

function sourcesOf(scope: Construct, imports: readonly ImportRule[]): readonly string[] {
  return arnsOf(
    scope,
    imports.map(({ from }) => [from.registry, from.pattern]),
  );
}

function targetsOf(scope: Construct, imports: readonly ImportRule[]): readonly string[] {
  return arnsOf(
    scope,
    imports.map(rule => [rule.to.registry, targetRepository(rule, rule.from.pattern)]),
  );
}

/** Of those in ECR, without those that another one covers. The same globs mean the same in archweave.yaml and in IAM. */
function arnsOf(
  scope: Construct,
  places: readonly (readonly [registry: string, pattern: string])[],
): readonly string[] {
  const arns = places
    .filter(([registry]) => registryKind(registry) === 'ecr')
    .map(([registry, resourceName]) => {
      // Undefined for `ecr`, which is the stack's own.
      const { account, region } = ecrHost(registry) ?? {};
      const place = { ...(account && { account }), ...(region && { region }) };
      return Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName, ...place });
    });
  const all = [...new Set(arns)].sort();
  return all.filter(
    arn => !all.some(other => other !== arn && other.includes('*') && matchesGlob(other, arn)),
  );
}

function grant(
  to: DeployedFunction,
  resources: readonly string[],
  actions: readonly string[],
  reason = "It is the operator's own glob, as archweave.yaml has it.",
): void {
  if (resources.length === 0) return;
  to.may({ actions, resources });
  for (const arn of resources) if (arn.includes('*')) acknowledgeResource(to.role!, arn, reason);
}
