import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { run } from '../../support/e2e-run.ts';
import { type RunningMinistack, startMinistack } from '../../support/ministack.ts';
import { describeWith, PROJECT_ROOT } from '../../support/tools.ts';

/** The checks for a real account, on an emulated one: their answers mean nothing here, but they are known to run. */
describeWith(['python3'], 'npm run live', () => {
  let stack: RunningMinistack;
  beforeAll(async () => {
    stack = await startMinistack();
  }, 180_000);
  afterAll(() => stack?.stop());

  const live = (env: Readonly<Record<string, string>>, ...checks: readonly string[]) =>
    run('npm', ['run', '--silent', 'live', '--', ...checks], {
      cwd: PROJECT_ROOT,
      env: {
        ...{ AWS_ENDPOINT_URL: stack.url, AWS_REGION: stack.region, AWS_EC2_METADATA_DISABLED: 'true' },
        ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...env },
      },
    });

  it('does nothing unless the account is named that the credentials are of', async () => {
    const unnamed = await live({});
    expect(unnamed).toMatchObject({
      rc: 2,
      out: '',
      err: expect.stringContaining('ARCHWEAVE_LIVE_ACCOUNT='),
    });
    const another = await live({ ARCHWEAVE_LIVE_ACCOUNT: '123456789012' });
    expect(another).toMatchObject({ rc: 2, out: '', err: expect.stringContaining('Nothing was done.') });
    expect(await live({}, 'no-such')).toMatchObject({ rc: 2, err: expect.stringContaining('  ecr-events ') });
  });

  it('says what it saw, names what it skipped, and leaves nothing behind', async () => {
    const consent = { ARCHWEAVE_LIVE_ACCOUNT: stack.account, ARCHWEAVE_LIVE_SECONDS: '0.5' };
    const { rc, out } = await live(consent);
    expect({ rc, failed: /^ {4}(FAILED|NOT REMOVED)/m.test(out) }).toEqual({ rc: 0, failed: false });
    expect(out).toMatch(/^ {4}\d+ events for 7 steps$/m);
    expect(out).toMatch(/^ {4}PutImage of os\.version and os\.features: accepted$/m);
    expect(out).toMatch(/^ {4}another digest: ImageTagAlreadyExistsException/m);
    expect(out).toMatch(/^azure-federation .*\n {4}skipped: needs ARCHWEAVE_LIVE_ACR, /m);

    const settings = {
      ...{ endpoint: stack.url, region: stack.region },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const [ecr, events, sqs] = [
      new ECRClient(settings),
      new EventBridgeClient(settings),
      new SQSClient(settings),
    ];
    const left = {
      repositories: (await ecr.send(new DescribeRepositoriesCommand({}))).repositories ?? [],
      rules: (await events.send(new ListRulesCommand({ NamePrefix: 'archweave-live' }))).Rules ?? [],
      queues: (await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'archweave-live' }))).QueueUrls ?? [],
    };
    for (const client of [ecr, events, sqs]) client.destroy();
    expect(left).toEqual({ repositories: [], rules: [], queues: [] });
  });
});
