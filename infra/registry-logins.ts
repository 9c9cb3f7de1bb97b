import { Annotations } from 'aws-cdk-lib';
import { ArchweaveError } from '../lib/errors.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { registryKind } from '../lib/rules/registry-identity.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { namesInPolicy, secretArn } from './secret-names.ts';

/** Lets a function read the logins of these hosts, as far as they are in secrets. ECR and ACR need none. */
export function grantLogins(
  to: DeployedFunction,
  hosts: readonly string[],
  registries: readonly BundledRegistry[],
): void {
  const asked = registries.filter(({ host }) => hosts.includes(host) && needsLogin(host));
  const secrets = asked.flatMap(registry => secretOf(to, registry) ?? []);
  if (secrets.length === 0) return;
  const resources = [...new Set(secrets)].sort().flatMap(namesInPolicy);
  to.may({ actions: ['secretsmanager:GetSecretValue'], resources });
}

function needsLogin(host: string): boolean {
  const kind = registryKind(host);
  return kind !== 'ecr' && kind !== 'acr';
}

function secretOf(to: DeployedFunction, { name, credentials }: BundledRegistry): string | undefined {
  if (credentials === undefined) return undefined;
  if (credentials.startsWith('env:')) {
    Annotations.of(to).addWarningV2(
      `archweave:login-${name}`,
      `registry ${name} has its login in ${credentials}, which no function can read: imports ask it without a login. ` +
        'Put it into Secrets Manager, and "credentials: secretsmanager:ARN" into archweave.yaml.',
    );
    return undefined;
  }
  const arn = secretArn(credentials);
  if (arn !== undefined) return arn;
  throw new ArchweaveError({
    code: 'bad-config',
    attempt: '',
    reason: `registry ${name} has its login in a secret, and archweave.yaml does not name it by its ARN`,
    next: 'credentials: secretsmanager:arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME',
  });
}
