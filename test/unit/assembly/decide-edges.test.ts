import { describe, expect, it } from '@jest/globals';
import { PINNED } from './a-pinned-rule.ts';
import {
  AB_HELD,
  ask,
  BY_TIME,
  choice,
  complete,
  digest,
  holding,
  image,
  LATEST,
  MINUTE,
  MISSING,
  OLD,
  record,
  run,
  shared,
  target,
  told,
} from './a-question.ts';
import { aRule, START } from './a-world.ts';

describe('a pinned target', () => {
  it('says where the pin is written', () => {
    const where = (rule: typeof PINNED) =>
      ask({ rule, target: shared({ kind: 'absent' }), build: run('2') }).reasons[0];
    expect(where(PINNED)).toEqual({ code: 'pinned', build: '1', where: 'archweave.yaml:5' });
    expect(where({ ...PINNED, file: 'teams/a.yaml' })).toMatchObject({ where: 'teams/a.yaml:5' });
  });

  it('waits for its build where somebody else holds the tag', () => {
    const foreign = shared({ kind: 'foreign', children: [] });
    const question = { rule: PINNED, build: run('1'), resolution: MISSING };
    expect(told(ask({ ...question, target: foreign }))).toBe('waiting missing-platform pinned');
    expect(told(ask({ ...question, target: shared({ kind: 'absent' }) }))).toBe(
      'waiting missing-platform pinned',
    );
  });

  it('is written once where it was not there', () => {
    expect(told(ask({ rule: PINNED, target: shared({ kind: 'absent' }), build: run('1') }))).toBe(
      'publish pinned',
    );
    expect(
      told(ask({ rule: PINNED, target: shared(holding(AB_HELD, { build: run('1') })), build: run('1') })),
    ).toBe('unchanged pinned');
  });

  it('is held where it is immutable and holds another build', () => {
    const other = shared(holding(OLD, { build: run('2') }), { immutable: true });
    expect(told(ask({ rule: PINNED, target: other, build: run('1') }))).toBe('held immutable-tag');
    const fresh = shared({ kind: 'absent' }, { immutable: true });
    expect(told(ask({ rule: PINNED, target: fresh, build: run('1') }))).toBe('publish pinned');
  });
});

describe('decide', () => {
  it('names the newer build by its revision, else by its captures', () => {
    const newer = (more: object) => {
      const state = holding(OLD, { build: run('3'), ...more });
      return ask({ rule: LATEST, target: shared(state), build: run('2') }).reasons[0];
    };
    expect(newer({ revision: 'c'.repeat(40) })).toEqual({
      code: 'newer-build',
      tag: 'latest',
      build: 'ccccccc',
    });
    expect(newer({})).toMatchObject({ build: '3' });
  });

  it('puts back what was published as it was, and by its members where nobody knows its digest', () => {
    const late = (published: ReturnType<typeof record>) =>
      ask({
        rule: LATEST,
        target: shared(holding(OLD, { build: run('1') }), { published }),
        build: run('2'),
      });
    expect(late(record({ build: run('3') }))).toMatchObject({
      kind: 'restore',
      digest: digest('e'),
      reasons: [],
      otherwise: { kind: 'publish', reasons: [] },
    });
    const { digest: _, ...unknown } = record({ build: run('3') });
    expect(late(unknown).kind).toBe('publish');
  });

  it('puts nothing back for a group that is not complete', () => {
    const target = shared(holding(OLD, { build: run('1') }), { published: record({ build: run('3') }) });
    expect(told(ask({ rule: LATEST, target, build: run('2'), resolution: MISSING }))).toBe(
      'waiting missing-platform',
    );
  });

  it('takes an index of the very limit and none that is larger', () => {
    const bytes = (ask() as { manifest: { bytes: Uint8Array } }).manifest.bytes.byteLength;
    expect(told(ask({ limit: bytes }))).toBe('publish');
    expect(ask({ limit: bytes - 1 })).toEqual({
      kind: 'held',
      reasons: [{ code: 'too-large', bytes, limit: bytes - 1 }],
    });
  });

  it('names both rules in the order of the file', () => {
    const rival = { ...aRule({ name: 'first' }), line: 2 };
    const third = { ...aRule({ name: 'third' }), line: 9 };
    const rivals = target({ kind: 'absent' }, { rivals: [third, rival] });
    expect(ask({ target: rivals }).reasons).toEqual([
      {
        code: 'two-rules',
        target: 'app:1',
        rules: [
          { name: 'first', line: 2 },
          { name: 'built in', line: 5 },
          { name: 'third', line: 9 },
        ],
      },
    ]);
  });

  it('says what no rule makes', () => {
    expect(ask({ resolution: { ...MISSING, present: [] } }).reasons).toEqual([
      { code: 'no-rule', target: 'app:1' },
    ]);
  });

  it('lets an own index stay whose members are all gone, and takes nobody else’s for that', () => {
    const gone = { ...MISSING, present: [] };
    expect(told(ask({ resolution: gone, target: target(holding(OLD)) }))).toBe('unchanged members-removed');
    const foreign = target({ kind: 'foreign', children: [image('a', 'amd64').descriptor] });
    expect(told(ask({ resolution: gone, target: foreign }))).toBe('ignored no-rule');
  });

  it('holds a group although the target has all its members', () => {
    const held = {
      kind: 'held',
      reasons: [{ code: 'unreadable', tag: 'x', why: 'y' }],
      present: [digest('a')],
    } as const;
    expect(told(ask({ resolution: held, target: target(holding(AB_HELD)) }))).toBe('held unreadable');
  });

  it('does not take over by the clock what is not its own, whatever it means', () => {
    const state = { ...holding(AB_HELD), kind: 'foreign' } as ReturnType<typeof holding>;
    expect(told(ask({ rule: BY_TIME, target: shared(state), build: run('x', '2026-11-22T09:00:00Z') }))).toBe(
      'held foreign-target',
    );
  });

  it('publishes a newer build over what somebody put in the place of an older one', () => {
    const foreign = shared({ kind: 'foreign', children: [] }, { published: record({ build: run('1') }) });
    expect(told(ask({ rule: LATEST, target: foreign, build: run('2') }))).toBe('publish');
    expect(
      told(ask({ rule: LATEST, target: shared({ kind: 'foreign', children: [] }), build: run('2') })),
    ).toBe('held foreign-target');
  });

  it('publishes again where the record names other members, even if they are fewer', () => {
    const fewer = record({ required: [digest('a')] });
    expect(told(ask({ target: target({ kind: 'absent' }, { published: fewer }) }))).toBe('publish');
    const more = record({ required: [digest('a'), digest('b'), digest('c')] });
    expect(told(ask({ target: target({ kind: 'absent' }, { published: more }) }))).toBe('publish');
  });

  it('asks the horizon and the grace only before the first publication', () => {
    const required = [digest('a'), digest('9')];
    const published = record({ required });
    const rule = aRule({ horizon: 0, grace: MINUTE, backfill: false });
    const old = complete({
      chosen: [choice('a', 'amd64', { pushedAt: '2026-11-01T00:00:00Z' }), choice('b', 'arm64')],
    });
    const absent = target({ kind: 'absent' }, { published });
    expect(told(ask({ rule, resolution: old, source: 'sweep', target: absent }))).toBe('publish');
    expect(told(ask({ rule, resolution: old, source: 'sweep' }))).toBe('ignored past-horizon');
    const another = target(holding(OLD));
    expect(told(ask({ rule, resolution: old, source: 'sweep', target: another }))).not.toContain(
      'past-horizon',
    );
  });

  it('counts the horizon from the newest required push, and to its very end', () => {
    const ago = (milliseconds: number) => new Date(START - milliseconds).toISOString();
    const rule = aRule({ horizon: 60 * MINUTE, backfill: false });
    const at = (a: number, b: number) =>
      told(
        ask({
          rule,
          source: 'sweep',
          resolution: complete({
            chosen: [choice('a', 'amd64', { pushedAt: ago(a) }), choice('b', 'arm64', { pushedAt: ago(b) })],
          }),
        }),
      );
    expect(at(60 * MINUTE, 90 * MINUTE)).toBe('publish');
    expect(at(60 * MINUTE + 1, 90 * MINUTE)).toBe('ignored past-horizon');
  });
});
