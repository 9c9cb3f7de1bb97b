import { describe, expect, it } from '@jest/globals';
import { readImportMessage } from '../../../lib/messages/import-message.ts';
import { importTasks } from '../../../lib/queue/import-tasks.ts';
import { eventFixture } from '../../support/event-fixture.ts';
import { anImport, MIRROR, pushLayered, TASK } from './an-import.ts';

describe('the intake of imports', () => {
  it('starts one execution for one image, however often it is asked', async () => {
    const world = anImport();
    await pushLayered(world.a, 1_000, 3);
    for (let times = 0; times < 3; times += 1) await world.intake.take(TASK);
    expect(world.inputs).toHaveLength(1);
    expect(readImportMessage(world.inputs[0]!)).toEqual(TASK);
    for (const name of world.started.keys()) expect(name).toMatch(/^[0-9a-f]{64}$/);
  });

  it('starts none for what was copied already, and does not fight whoever changes the target then', async () => {
    const world = anImport();
    await pushLayered(world.a, 1_000, 3);
    await world.execute();
    await world.b.deleteManifest('m/team/app', '1.0');
    await world.intake.take(TASK);
    expect(world.inputs).toEqual([]);
  });

  it('starts one more for a tag that goes back to an earlier image', async () => {
    const world = anImport();
    for (const seed of [3, 5, 3]) {
      await pushLayered(world.a, 1_000, seed);
      await world.intake.take(TASK);
      await world.execute();
    }
    expect(world.inputs).toHaveLength(3);
  });

  it.each([
    ['FAILED', 2],
    ['TIMED_OUT', 2],
    ['ABORTED', 2],
    ['RUNNING', 1],
    ['SUCCEEDED', 1],
  ])(
    'has an execution that is %s, and of those of one image %i in all, when it is asked again',
    async (status, all) => {
      const world = anImport();
      await pushLayered(world.a, 1_000, 3);
      await world.intake.take(TASK);
      for (const name of world.started.keys()) world.started.set(name, status);
      await world.intake.take(TASK);
      expect(world.inputs).toHaveLength(all);
    },
  );

  it('begins anew what failed, when it is asked again, and not for ever', async () => {
    const world = anImport();
    await pushLayered(world.a, 1_000, 3);
    for (let times = 0; times < 30; times += 1) {
      await world.intake.take(TASK);
      for (const name of world.started.keys()) world.started.set(name, 'FAILED');
    }
    expect(world.inputs).toHaveLength(20);
    expect([...world.started.keys()].at(-1)).toMatch(/^[0-9a-f]{64}-20$/);
  });

  it('looks through a whole import, one message an image, all of one group', async () => {
    const world = anImport({ rule: { ...MIRROR, name: 'all of them' } });
    for (const tag of ['1.0', '2.0']) await pushLayered(world.a, 1_000, 3, tag);
    await world.intake.take({ name: 'all of them' });
    expect(world.sent.map(({ group, body }) => [group, readImportMessage(body).tag])).toEqual([
      ['all-of-them', '1.0'],
      ['all-of-them', '2.0'],
    ]);
  });

  it('ignores what is no import, what none copies, and what is gone', async () => {
    const world = anImport();
    for (const task of [{ name: 'none' }, { ...TASK, repository: 'other/app' }, TASK])
      await world.intake.take(task);
    expect(world.inputs).toEqual([]);
    expect(world.telemetry.of('import ignored')).toHaveLength(3);
  });
});

describe('importTasks', () => {
  const rules = [MIRROR, { ...MIRROR, name: 'raw', when: { on: 'pushed' as const } }];
  const at = (host: string) => rules.map(rule => ({ ...rule, from: { ...rule.from, registry: host } }));
  const published = {
    ...{ source: 'archweave', 'detail-type': 'Index Published' },
    detail: { registry: { host: 'a.example' }, repository: 'team/app', targets: ['1.0', 'latest'] },
  };
  const options = { imports: rules, namesOf: (host: string) => [host] };

  it('makes one of each target of a publication', () => {
    expect(importTasks(published, options)).toEqual([TASK, { ...TASK, tag: 'latest' }]);
    expect(importTasks({ requestContext: {}, requestPayload: published }, options)).toHaveLength(2);
  });

  it('makes one of a push, for imports that wait for pushes', () => {
    const push = JSON.parse(new TextDecoder().decode(eventFixture('ecr-push')));
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    const wide = at(host).map(rule => ({ ...rule, from: { registry: host, pattern: '*' } }));
    const tasks = importTasks(push, { imports: wide, namesOf: () => [host] });
    expect(tasks.map(({ name, repository }) => [name, repository])).toEqual([
      ['raw', push.detail['repository-name']],
    ]);
  });

  it('reads messages, and calls of a clock, which have the same fields', () => {
    expect(
      importTasks({ source: 'archweave', clock: 'x', v: 1, import: { name: 'mirror' } }, options),
    ).toEqual([{ name: 'mirror' }]);
    expect(() => importTasks({ v: 2, import: { name: 'mirror' } }, options)).toThrow(/v is not 1/);
    expect(() => importTasks({ v: 1, import: { name: 'mirror', tag: '1' } }, options)).toThrow(
      /repository is missing: both or none/,
    );
  });
});
