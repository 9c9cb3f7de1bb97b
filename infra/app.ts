import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { freshBundles } from '../functions/bundle/fresh-bundles.ts';
import { isArchweaveError } from '../lib/errors.ts';
import { ArchweaveStack } from './stack.ts';

/**
 * The ready app of the clone: `npx cdk deploy` reads ./archweave.yaml. `-c config=FILE`, `-c name=NAME`,
 * `-c stack=NAME` and `-c alarmTopic=ARN` say otherwise; everything else takes an app of one's own.
 */
const app = new App();
const given = (key: string): string | undefined => app.node.tryGetContext(key);

try {
  await freshBundles(join(import.meta.dirname, '..', 'dist', 'functions'));
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  const [name, alarmTopicArn] = [given('name'), given('alarmTopic')];
  new ArchweaveStack(app, given('stack') ?? 'Archweave', {
    description: 'archweave: joins the images of each architecture',
    env: { ...(account && { account }), ...(region && { region }) },
    config: given('config') ?? process.env.ARCHWEAVE_CONFIG ?? 'archweave.yaml',
    ...(name !== undefined && { name }),
    ...(alarmTopicArn !== undefined && { alarmTopicArn }),
  });
  app.synth();
} catch (error) {
  if (!isArchweaveError(error)) throw error;
  process.stderr.write(`${error.message}\n${error.next === undefined ? '' : `  next    ${error.next}\n`}`);
  process.exitCode = 1;
}
