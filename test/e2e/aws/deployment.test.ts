import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Deployment } from '../../../lib/deployment/deployment.ts';
import { wakeUpMessage } from '../../../lib/messages/wake-up-message.ts';
import { listenToBus, makeQueue, putLetter } from '../../support/aws-queues.ts';
import { type Cloud, linuxImage, startCloud } from '../../support/deployed-stack.ts';
import { describeContent, sampleAttestation, sampleIndex } from '../../support/e2e-images.ts';
import { pause, until } from '../../support/e2e-run.ts';
import { blocksOf, shellBlocks } from '../../support/shell-blocks.ts';
import { describeWith, PROJECT_ROOT } from '../../support/tools.ts';

const PAGE = readFileSync(join(PROJECT_ROOT, 'docs', 'aws.md'), 'utf8');
const REPORTED = `  - name: reported
    repositories: [prod/reported/*]
    platforms: [linux/amd64, linux/arm64]
    mode: report
`;

interface Told {
  readonly 'detail-type': string;
  readonly detail: { readonly repository: string; readonly targets?: readonly string[] };
}

/** One deployment, made, used and removed by the commands of docs/aws.md. */
describeWith(['python3', 'crane', 'skopeo'], 'a deployment on an emulated AWS', () => {
  const [deploy, explain, lookAfter, uninstall] = shellBlocks(PAGE);
  let cloud: Cloud;
  let deployment: Deployment;
  let told: string;
  const heard: Told[] = [];

  beforeAll(async () => {
    const [configuration] = blocksOf(PAGE, 'yaml');
    cloud = await startCloud('aws-deployment', `${configuration}${REPORTED}`);
    for (const line of deploy!.filter(one => one !== 'npm ci')) {
      const { rc, out, err } = await cloud.shell(line);
      if (rc !== 0) throw new Error(`${line}: exit ${rc}\n${out}${err}\n${cloud.ministack.log()}`);
    }
    deployment = await cloud.deployment();
    const { ecr, events, sqs } = cloud.clients;
    // A rule's first sweep leaves what it finds as it is: here it finds nothing.
    await cloud.invoke(clock('sweep'));
    for (const repositoryName of ['team/app', 'reported/app'])
      await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    told = await makeQueue(sqs, 'told');
    await listenToBus(events, sqs, told, 'default');
  }, 240_000);
  afterAll(() => cloud?.stop());

  const clock = (name: string) => deployment.receive.replace('receive', name);
  const both = async (reference: string, build: string, repository = 'team/app') => {
    for (const architecture of ['amd64', 'arm64'])
      await cloud.push(
        'skopeo',
        `${repository}:${reference}-${architecture}`,
        imageOf(reference, architecture, build),
      );
  };
  /** Another one for each version: the emulator takes two tags of one image for one. */
  const imageOf = (text: string, architecture: string, build: string) =>
    linuxImage(architecture, { build, text });
  /** An event of this kind about a repository, among those that were heard so far or come soon. */
  const hear = (type: string, repository: string) =>
    until(async () => {
      const input = { QueueUrl: told, MaxNumberOfMessages: 10 };
      const { Messages = [] } = await cloud.clients.sqs.send(new ReceiveMessageCommand(input));
      heard.push(...Messages.map(({ Body }) => JSON.parse(Body!) as Told));
      return heard.find(one => one['detail-type'] === type && one.detail.repository === repository);
    });

  it('makes an index of two pushes by different clients, which another one reads back', async () => {
    await cloud.push('crane', 'team/app:1.0-amd64', linuxImage('amd64', { build: 'one' }));
    const half = await cloud.settle('team/app:1.0', 3);
    expect(half.out).toContain('team/app:1.0 is waiting: 1 of 2 there, linux/arm64 is missing.');
    expect(await cloud.isThere('team/app:1.0')).toBe(false);
    await cloud.push('skopeo', 'team/app:1.0-arm64', linuxImage('arm64', { build: 'one' }));
    await cloud.settle('team/app:1.0', 0);
    const index = JSON.parse(await cloud.raw('team/app:1.0'));
    expect(index.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
    ]);
    expect(await hear('Index Published', 'team/app')).toMatchObject({ detail: { targets: ['1.0'] } });
  });

  it('answers for a reference as docs/aws.md shows it, with its history', async () => {
    for (const line of explain!) {
      const { rc, out } = await cloud.shell(line);
      expect({ line, rc }).toEqual({ line, rc: 0 });
      expect(out).toMatch(
        /^team\/app:1\.0 is there and right: linux\/amd64 linux\/arm64, build one, published .* ago\.$/m,
      );
      expect(out).toMatch(/^history {2}\S+Z {2}published {2}sha256:[0-9a-f]{12}$/m);
    }
    const byHost = await cloud.archweave('explain', '--json', `${cloud.registry}/team/app:1.0-arm64`);
    expect(JSON.parse(byHost.out)).toMatchObject({
      group: { rule: { name: expect.any(String) }, state: 'unchanged' },
      history: [{ event: 'published' }, { event: 'waiting' }],
    });
    const elsewhere = await cloud.archweave('explain', '--stack', 'Nowhere', 'prod/team/app:1.0');
    expect(elsewhere).toMatchObject({ rc: 0, out: expect.stringContaining('no stack Nowhere of archweave') });
  });

  it('keeps the old index while the builds are mixed', async () => {
    const before = await cloud.raw('team/app:1.0');
    await cloud.push('skopeo', 'team/app:1.0-amd64', linuxImage('amd64', { build: 'two' }));
    const mixed = await cloud.settle('team/app:1.0', 3);
    expect(mixed.out).toContain('linux/amd64 is from two, linux/arm64 from one');
    expect(await cloud.raw('team/app:1.0')).toBe(before);
    await cloud.push('skopeo', 'team/app:1.0-arm64', linuxImage('arm64', { build: 'two' }));
    await cloud.settle('team/app:1.0', 0);
    expect(await cloud.raw('team/app:1.0')).not.toBe(before);
  });

  it('joins members that are indexes with provenance', async () => {
    for (const [client, architecture, form] of [
      ['crane', 'amd64', 'old'],
      ['skopeo', 'arm64', 'new'],
    ] as const) {
      const image = linuxImage(architecture, { build: 'one' });
      const attestation = sampleAttestation(image, form);
      const entry = { ...describeContent(image), platform: { os: 'linux', architecture } };
      const member = sampleIndex([entry, attestation.entry], [image, attestation.content]);
      await cloud.push(client, `team/app:2.0-${architecture}`, member);
    }
    await cloud.settle('team/app:2.0', 0);
    const { manifests } = JSON.parse(await cloud.raw('team/app:2.0')) as {
      manifests: { platform: { os: string } }[];
    };
    expect(manifests.map(({ platform }) => platform.os)).toEqual(['linux', 'linux', 'unknown', 'unknown']);
  });

  it('holds an image that is not what its tag says', async () => {
    for (const tag of ['3.0-amd64', '3.0-arm64'])
      await cloud.push('skopeo', `team/app:${tag}`, linuxImage('amd64', { build: tag }));
    const held = await cloud.settle('team/app:3.0', 4);
    expect(held.out).toContain('3.0-arm64 says arm64, but the image is linux/amd64');
    expect(await cloud.isThere('team/app:3.0')).toBe(false);
    expect(await hear('Index Held', 'team/app')).toMatchObject({ detail: { targets: ['3.0'] } });
  });

  it('only tells what it would write where a rule is in report mode', async () => {
    await both('1.0', 'one', 'reported/app');
    expect(await hear('Index Planned', 'reported/app')).toMatchObject({ detail: { targets: ['1.0'] } });
    await pause(500);
    expect(await cloud.isThere('reported/app:1.0')).toBe(false);
    expect(
      heard.filter(one => one['detail-type'] === 'Index Published' && /^rep/.test(one.detail.repository)),
    ).toEqual([]);
  });

  it('finds by a sweep what no event told', async () => {
    await cloud.withoutEvents(() => both('4.0', 'one'));
    await pause(500);
    expect(await cloud.isThere('team/app:4.0')).toBe(false);
    await cloud.invoke(clock('sweep'));
    await cloud.settle('team/app:4.0', 0);
    expect(await cloud.isThere('team/app:4.0')).toBe(true);
  });

  it('is paused, keeps what comes in, and goes on', async () => {
    const paused = await cloud.archweave('aws', 'pause');
    expect(paused).toMatchObject({
      rc: 0,
      out: expect.stringMatching(/^Archweave in us-east-1 is paused: /),
    });
    expect((await cloud.archweave('aws', 'pause')).out).toMatch(
      /^Archweave in us-east-1 is already paused: /,
    );
    await both('5.0', 'one');
    await pause(1_500);
    expect(await cloud.isThere('team/app:5.0')).toBe(false);
    expect(await cloud.archweave('explain', 'prod/team/app:5.0')).toMatchObject({ rc: 5 });
    const resumed = JSON.parse((await cloud.archweave('aws', 'resume', '--json')).out);
    expect(resumed).toMatchObject({ schema: 'archweave/aws-resume/v1', state: 'running', changed: true });
    await cloud.settle('team/app:5.0', 0);
    expect((await cloud.archweave('aws', 'resume')).out).toBe('Archweave in us-east-1 was not paused.\n');
  });

  it('shows what is in its dead letters and why, and lets it be tried again', async () => {
    await cloud.withoutEvents(() => both('6.0', 'one'));
    await cloud.withoutEvents(() => both('7.0', 'one'));
    const { sqs } = cloud.clients;
    const poison = { MessageBody: '{"v":99}', MessageGroupId: 'poison', MessageDeduplicationId: 'poison' };
    await sqs.send(new SendMessageCommand({ QueueUrl: deployment.work, ...poison }));
    const cause = { source: 'event', id: 'event-6', time: '2026-11-25T09:00:00Z' } as const;
    const at = { registry: cloud.registry, repository: 'team/app', rule: 'prod/team/*' };
    const wakeUp = { ...at, kind: 'group', captures: { version: '6.0' }, cause } as const;
    const { body, group } = wakeUpMessage(wakeUp, 0, []);
    const reason = { code: 'throttled', reason: 'cannot read it: asked to slow down', receives: '8' };
    await putLetter(sqs, deployment.deadLetters, { body, attributes: reason, group });
    const attributes = { ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' };
    const lost = JSON.stringify(cloud.eventOf('7.0-arm64', imageOf('7.0', 'arm64', 'one').digest));
    await putLetter(sqs, deployment.inletDeadLetters, { body: lost, attributes });

    const seen = await until(async () => {
      const { out } = await cloud.archweave('aws', 'redrive', '--dry-run');
      return out.startsWith('3 dead letters') ? out : undefined;
    });
    expect(seen).toContain('malformed: cannot read this message: v is not 1');
    expect(seen).toMatch(
      /^work +team\/app:version=6\.0 \(rule .*\)\n +throttled: cannot read it: .*\n +since 2026-11-25T09:00:00Z, .*; tried 8 times$/m,
    );
    expect(seen).toMatch(/^inlet +team\/app:7\.0-arm64\n +NO_PERMISSIONS: /m);
    expect(seen).toMatch(/Nothing was moved\. To try them again: archweave aws redrive\n$/);

    const moved = await cloud.archweave('aws', 'redrive', '--json');
    const { letters } = JSON.parse(moved.out) as { letters: { about: string; result: string }[] };
    expect(letters).toHaveLength(3);
    const readable = letters.filter(({ about }) => about.startsWith('team/app'));
    expect(readable.map(({ result }) => result)).toEqual(['moved', 'moved']);
    await cloud.settle('team/app:6.0', 0);
    await cloud.settle('team/app:7.0', 0);
    // What nobody can read is back, and the rest is gone.
    const back = await until(async () => {
      const { out } = await cloud.archweave('aws', 'redrive', '--dry-run');
      return out.startsWith('1 dead letter ') ? out : undefined;
    });
    expect(back).toContain('a message that cannot be read');
  });

  it('is looked after by the commands of docs/aws.md', async () => {
    await cloud.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: deployment.deadLetters }));
    for (const line of lookAfter!)
      expect({ line, rc: (await cloud.shell(line)).rc }).toEqual({ line, rc: 0 });
  });

  it('leaves no function behind, and its ledger', async () => {
    for (const line of uninstall!) {
      const { rc, out, err } = await cloud.shell(line);
      expect({ line, rc, told: rc === 0 ? '' : out + err }).toEqual({ line, rc: 0, told: '' });
    }
    const { Functions } = await cloud.clients.lambda.send(new ListFunctionsCommand({}));
    expect(Functions).toEqual([]);
    expect(
      (await cloud.clients.events.send(new ListRulesCommand({ NamePrefix: 'Archweave' }))).Rules,
    ).toEqual([]);
    const { Table } = await cloud.clients.dynamo.send(
      new DescribeTableCommand({ TableName: deployment.ledger }),
    );
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(await cloud.isThere('team/app:1.0')).toBe(true);
  });
});
