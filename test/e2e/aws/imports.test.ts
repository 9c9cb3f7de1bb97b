import { randomBytes } from 'node:crypto';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { importMessage } from '../../../lib/messages/import-message.ts';
import { putLetter } from '../../support/aws-queues.ts';
import { linuxImage } from '../../support/deployed-stack.ts';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { imageOfLayer } from '../../support/e2e-images.ts';
import { pause, until, using } from '../../support/e2e-run.ts';
import { eventFixture } from '../../support/event-fixture.ts';
import { type ImportsCloud, startImportsCloud } from '../../support/imports-cloud.ts';
import { killFunction } from '../../support/kill-function.ts';
import { scheduledCall } from '../../support/scheduled-call.ts';
import { describeWith } from '../../support/tools.ts';

/** A few of these make a layer of the test: each step ends after one. */
const SLICE = 300_000;
const LAYER = 9_000_000;

/** A deployment that imports from ECR to a registry that nobody here wrote. */
describeWith(['python3', 'crane', 'skopeo', 'docker-registry'], 'imports on an emulated AWS', () => {
  let cloud: ImportsCloud;
  let lan: RunningRegistry;

  beforeAll(async () => {
    lan = await startDockerRegistry();
    const config = `registries:
  prod: ecr
  lan: ${lan.host}
indexes:
  - repositories: [prod/team/*]
    platforms: [linux/amd64, linux/arm64]
imports:
  - name: mirror
    from: prod/team/*
    to: lan/mirror/{repository}
    referrers: false                # the emulated ECR does not know ListImageReferrers
    when: published
  - name: large
    from: prod/large
    to: lan/copies/{repository}
    referrers: false
    when: manual
  - name: raw
    from: prod/raw
    to: lan/copies/{repository}
    referrers: false
    when: pushed
  - name: nightly
    from: prod/nightly/*
    to: lan/copies/{repository}
    referrers: false
    when: every 24h
`;
    cloud = await startImportsCloud('aws-imports', config, SLICE);
    for (const repositoryName of ['team/app', 'large', 'raw', 'nightly/app'])
      await cloud.clients.ecr.send(new CreateRepositoryCommand({ repositoryName }));
  }, 240_000);
  afterAll(async () => {
    await cloud?.stop();
    await lan?.stop();
  });

  const bothHold = async (image: string) =>
    expect(await cloud.digest(`${lan.host}/copies/${image}`)).toBe(
      await cloud.digest(`${cloud.endpoint}/${image}`),
    );
  const copied = (image: string) =>
    until(() => cloud.digest(`${lan.host}/copies/${image}`), { timeout: 30_000 });

  it('copy an index as soon as it is published, and do not copy it again', async () => {
    for (const architecture of ['amd64', 'arm64'])
      await cloud.push('skopeo', `team/app:1.0-${architecture}`, linuxImage(architecture, { build: 'one' }));
    const published = await until(() => cloud.digest(`${cloud.endpoint}/team/app:1.0`), { timeout: 20_000 });
    const copied = await until(() => cloud.digest(`${lan.host}/mirror/team/app:1.0`), { timeout: 30_000 });
    expect(copied).toBe(published);
    await using('crane', ['validate', '--insecure', '--remote', `${lan.host}/mirror/team/app:1.0`]);
    const [first] = await cloud.executions.all();
    expect(await cloud.executions.ended(first!)).toBe('SUCCEEDED');
    for (let times = 0; times < 2; times += 1)
      await cloud.ask({ name: 'mirror', repository: 'team/app', tag: '1.0' });
    expect(await until(async () => (await cloud.waiting()) === 0 || undefined, { every: 200 })).toBe(true);
    expect(await cloud.executions.all()).toHaveLength(1);
  });

  it('copy what is pushed, as soon as it is', async () => {
    await cloud.push('crane', 'raw:1.0', linuxImage('amd64', { build: 'pushed' }));
    await copied('raw:1.0');
    await bothHold('raw:1.0');
  });

  it('copy what is there when their time comes, every image of it', async () => {
    for (const tag of ['1.0', '2.0'])
      await cloud.push('skopeo', `nightly/app:${tag}`, linuxImage('arm64', { build: tag, text: tag }));
    // The emulated clock would ring in a day.
    const { expression, name, event } = await scheduledCall(cloud.ministack, 'Importnightly');
    expect([expression, name]).toEqual(['rate(1440 minutes)', cloud.intake]);
    await cloud.invoke(name, event);
    for (const image of ['nightly/app:1.0', 'nightly/app:2.0']) {
      await copied(image);
      await bothHold(image);
    }
  });

  it('are begun again from their dead letters', async () => {
    await pushLarge('6.0');
    const pushed = linuxImage('amd64', { build: 'unheard', text: 'unheard' });
    await cloud.withoutEvents(() => cloud.push('crane', 'raw:2.0', pushed));
    const { sqs } = cloud.clients;
    const { imports } = await cloud.deployment();
    const body = importMessage({ name: 'large', repository: 'large', tag: '6.0' });
    await putLetter(sqs, imports!.deadLetters, { body, attributes: {} });
    const event = cloud.eventOf('2.0', pushed.digest) as { readonly detail: object };
    const lost = JSON.stringify({ ...event, detail: { ...event.detail, 'repository-name': 'raw' } });
    const attributes = { ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' };
    await putLetter(sqs, imports!.deadLetters, { body: lost, attributes });
    const seen = await cloud.archweave('aws', 'redrive', '--dry-run');
    expect(seen.out).toMatch(/^2 dead letters in Archweave, /);
    expect(seen.out).toMatch(/^import +import "large" of large:6\.0\n +given-up: /m);
    expect(seen.out).toMatch(/^import +raw:2\.0\n +NO_PERMISSIONS: /m);
    const redriven = await cloud.archweave('aws', 'redrive');
    expect(redriven.out).toContain('2 of 2 are on their way again.');
    for (const image of ['large:6.0', 'raw:2.0']) {
      await copied(image);
      await bothHold(image);
    }
  });

  it('copy a layer in slices, each in a step of its own', async () => {
    await pushLarge('1.0');
    const execution = await cloud.executions.start('large', 'large', '1.0');
    expect(await cloud.executions.ended(execution)).toBe('SUCCEEDED');
    const reached = await cloud.parts('large:1.0');
    expect(reached.length).toBeGreaterThanOrEqual(LAYER / SLICE);
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    await bothHold('large:1.0');
    // The same by hand once more finds that it is there: nothing is copied.
    const again = await cloud.executions.start('large', 'large', '1.0');
    expect(await cloud.executions.ended(again!)).toBe('SUCCEEDED');
    expect(await cloud.executions.entered(again, 'Blobs')).toBe(0);
  });

  it('go on where a step was killed', async () => {
    await pushLarge('2.0');
    const execution = await cloud.executions.start('large', 'large', '2.0');
    for (const sofar of [3, 9]) {
      await until(async () => (await cloud.parts('large:2.0')).length >= sofar || undefined, { every: 10 });
      expect(
        await until(() => killFunction(cloud.ministack.pid, cloud.copy) || undefined, { every: 3 }),
      ).toBeGreaterThan(0);
    }
    expect(await cloud.executions.ended(execution)).toBe('SUCCEEDED');
    // No step began before where an earlier one had ended.
    const reached = await cloud.parts('large:2.0');
    expect(reached.length).toBeGreaterThanOrEqual(LAYER / SLICE);
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    await bothHold('large:2.0');
  });

  it('tell that somebody stopped one, or that its time was up, and begin it anew when they are asked again', async () => {
    await pushLarge('4.0');
    await cloud.ask({ name: 'large', repository: 'large', tag: '4.0' });
    await until(async () => (await cloud.parts('large:4.0')).length > 0 || undefined, { every: 10 });
    const [stopped] = await cloud.executions.all();
    await cloud.executions.stop(stopped!);
    expect(await cloud.executions.ended(stopped!)).toBe('ABORTED');
    expect(await cloud.hear('Import Failed', 'large:4.0')).toMatchObject({
      code: 'interrupted',
      retrying: false,
    });
    // The emulated Step Functions has no timeouts: what it would tell of one, as it is documented.
    await pushLarge('5.0');
    const late = await cloud.executions.start('large', 'large', '5.0');
    await cloud.executions.stop(late);
    const end = JSON.parse(new TextDecoder().decode(eventFixture('states-timed-out')));
    await cloud.invoke(cloud.intake, { ...end, detail: { ...end.detail, name: late.split(':').at(-1) } });
    expect(await cloud.hear('Import Failed', 'large:5.0', 'timeout')).toMatchObject({ ms: 21_600_000 });
    await cloud.ask({ name: 'large', repository: 'large', tag: '4.0' });
    const again = await until(async () => (await cloud.executions.all()).find(arn => arn.endsWith('-2')));
    expect(again).toBe(`${stopped}-2`);
    expect(await cloud.executions.ended(again!)).toBe('SUCCEEDED');
    await bothHold('large:4.0');
  });

  it('tell what was copied, and what was not and why, and end as failed', async () => {
    expect(await cloud.hear('Import Finished', 'large')).toMatchObject({
      source: { registry: cloud.registry, repository: 'large' },
      target: { registry: lan.host, repository: 'copies/large' },
    });
    // The emulated Lambda has one name for all that a function throws, and would try it again for minutes.
    const { stateMachineArn } = cloud;
    const { definition } = await cloud.states.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const impatient = definition!.replaceAll('"Refused"', '"Runtime.HandlerError"');
    await cloud.states.send(new UpdateStateMachineCommand({ stateMachineArn, definition: impatient }));
    await pushLarge('3.0');
    await lan.stop();
    const execution = await cloud.executions.start('large', 'large', '3.0');
    expect(await cloud.executions.ended(execution)).toBe('FAILED');
    expect(await cloud.executions.entered(execution, 'Failed')).toBe(1);
    // One that cannot even tell it is heard of by its end, though nobody knows which image it was about.
    const unknown = await cloud.executions.start('unknown', 'large', '3.0');
    expect(await cloud.executions.ended(unknown)).toBe('FAILED');
    expect(await cloud.executions.entered(unknown, 'Untold')).toBe(1);
    expect(await cloud.hear('Import Failed', 'large:3.0')).toMatchObject({
      code: 'unreachable',
      retrying: false,
    });
    // Step Functions tells its end too, and nobody hears of it twice.
    await pause(2_000);
    const failed = (await cloud.heard()).filter(({ detail }) => detail.source?.tag === '3.0');
    expect(failed.map(one => one['detail-type'])).toEqual(['Import Failed']);
  });

  const pushLarge = (tag: string) =>
    cloud.push('skopeo', `large:${tag}`, imageOfLayer(randomBytes(LAYER), tag));
});
