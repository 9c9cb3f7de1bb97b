import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { freshBundles } from '../../functions/bundle/fresh-bundles.ts';
import { Archweave, type ArchweaveProps } from '../../infra/archweave.ts';
import { PROJECT_ROOT } from '../support/find-tool.ts';

export const ENV = { account: '123456789012', region: 'eu-west-1' } as const;

/** The feature flags that `cdk init` sets today. */
export const RECOMMENDED_FLAGS: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'node_modules', 'aws-cdk-lib', 'recommended-feature-flags.json'), 'utf8'),
);

/** Who hears of alarms, for stacks that should have nothing to warn of. */
export const quiet = (stack: Stack) => ({
  alarmTopic: Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:${ENV.region}:${ENV.account}:told`),
});

/** One rule for the teams' repositories of the stack's own registry. */
export const TEAMS = `registries:
  prod: ecr
indexes:
  - repositories: [prod/team/*]
    platforms: [linux/amd64, linux/arm64]
`;

// CDK's own check of templates takes seconds to load; cfn-lint does the same once.
process.env.CDK_VALIDATION = 'false';

const folder = mkdtempSync(join(tmpdir(), 'archweave-infra-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Bundles the functions to where the construct looks, where something changed since. */
export async function makeHandlers(): Promise<void> {
  await freshBundles(join(PROJECT_ROOT, 'dist', 'functions'));
}

export interface StackOptions {
  readonly yaml?: string;
  readonly env?: StackProps['env'];
  /** Adds to the construct's props, with things that may live in the stack. */
  readonly props?: (stack: Stack) => Partial<ArchweaveProps>;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly prepare?: (app: App) => void;
}

/** A stack with archweave in it as people put it into their own app. */
export function aStack(options: StackOptions = {}) {
  const file = join(mkdtempSync(join(folder, 'config-')), 'archweave.yaml');
  writeFileSync(file, options.yaml ?? TEAMS);
  const app = new App({ outdir: mkdtempSync(join(folder, 'out-')), context: { ...options.context } });
  options.prepare?.(app);
  const stack = new Stack(
    app,
    'Images',
    'env' in options ? { ...(options.env && { env: options.env }) } : { env: ENV },
  );
  const weave = new Archweave(stack, 'Archweave', { config: file, ...options.props?.(stack) });
  return { app, stack, weave, file, template: () => Template.fromStack(stack) };
}
