import { describe, expect, it } from '@jest/globals';
import { type Decision, decide, type Question } from '../../../lib/assembly/decide.ts';
import type { MemberImage, Target, TargetState } from '../../../lib/assembly/observation.ts';
import type { Chosen, Resolution } from '../../../lib/assembly/resolve.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { meaningOf } from '../../../lib/image/meaning.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import type { Published } from '../../../lib/ledger/interface.ts';
import { aRule, START } from './a-world.ts';

const MINUTE = 60_000;
const LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['run'] },
});
const BY_TIME = aRule({ members: '{run}-{arch}', targets: ['latest'], newest: { by: 'created' } });
const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

function image(letter: string, architecture: string): MemberImage {
  const platform = { os: 'linux', architecture };
  const descriptor = { mediaType: OCI_MANIFEST, digest: digest(letter), size: 500, platform };
  return { descriptor, labels: {}, annotations: {}, attached: [] };
}

function choice(letter: string, architecture: string, more: Partial<Chosen> = {}): Chosen {
  const wanted = { os: 'linux', architecture };
  return { wanted, required: true, tag: `1-${architecture}`, image: image(letter, architecture), ...more };
}

const AB = [choice('a', 'amd64'), choice('b', 'arm64')];

function complete(over: Partial<Extract<Resolution, { kind: 'complete' }>> = {}): Resolution {
  const chosen = over.chosen ?? AB;
  const present = chosen.map(one => one.image.descriptor.digest);
  return { kind: 'complete', chosen, missingOptional: [], labelled: true, present, ...over };
}

function holding(letters: readonly [string, string][], more: object = {}): TargetState {
  const children = letters.map(([letter, architecture]) => image(letter, architecture).descriptor);
  const meaning = meaningOf({ kind: 'index', manifests: children, annotations: {} });
  return {
    kind: 'own',
    digest: digest('f'),
    meaning,
    children,
    build: { captures: {} },
    ...more,
  } as TargetState;
}

const AB_HELD: readonly [string, string][] = [
  ['a', 'amd64'],
  ['b', 'arm64'],
];
const OLD: readonly [string, string][] = [
  ['c', 'amd64'],
  ['d', 'arm64'],
];

function target(state: TargetState, over: Partial<Target> = {}): Target {
  return { tag: '1', shared: false, state, immutable: false, rivals: [], ...over };
}

function record(over: Partial<Published> = {}): Published {
  const required = [digest('a'), digest('b')];
  return { build: { captures: {} }, required, digest: digest('e'), at: '2026-11-22T09:00:00Z', ...over };
}

function ask(over: Partial<Question> = {}): Decision {
  return decide({
    rule: aRule(),
    repository: 'app',
    target: target({ kind: 'absent' }),
    resolution: complete(),
    build: { captures: {} },
    now: START,
    source: 'event',
    ...over,
  });
}

const run = (value: string, newest?: string) => ({ captures: { run: value }, ...(newest ? { newest } : {}) });
const shared = (state: TargetState, over: Partial<Target> = {}) =>
  target(state, { tag: 'latest', shared: true, ...over });
const told = (decision: Decision) => [decision.kind, ...decision.reasons.map(({ code }) => code)].join(' ');
const MISSING: Resolution = {
  kind: 'waiting',
  reasons: [{ code: 'missing-platform', platforms: ['linux/arm64'], present: 1, wanted: 2 }],
  present: [digest('a')],
};

describe('the decision table', () => {
  const rows: readonly [string, Partial<Question>, string][] = [
    [
      '2 a target of two rules is held',
      { target: target({ kind: 'absent' }, { rivals: [LATEST] }) },
      'held two-rules',
    ],
    [
      '2 a rival counts only where this rule has a member',
      {
        target: target({ kind: 'absent' }, { rivals: [LATEST] }),
        resolution: { ...MISSING, present: [] },
      },
      'ignored no-rule',
    ],
    [
      '3 another build than the pinned one does not touch the target',
      { rule: { ...LATEST, pin: { latest: '1' } }, target: shared({ kind: 'absent' }), build: run('2') },
      'unchanged pinned',
    ],
    [
      '3 the pinned build is published over a newer one',
      {
        rule: { ...LATEST, pin: { latest: '1' } },
        target: shared(holding(OLD, { build: run('2') })),
        build: run('1'),
      },
      'publish pinned',
    ],
    [
      '3 the pinned build that is there stays, with or without its members',
      {
        rule: { ...LATEST, pin: { latest: '1' } },
        target: shared(holding(OLD, { build: run('1') })),
        build: run('1'),
        resolution: MISSING,
      },
      'unchanged pinned',
    ],
    [
      '3 a pinned build that is not complete waits',
      {
        rule: { ...LATEST, pin: { latest: '1' } },
        target: shared(holding(OLD, { build: run('2') })),
        build: run('1'),
        resolution: MISSING,
      },
      'waiting missing-platform pinned',
    ],
    [
      '4 what was published is put back over a late write',
      {
        rule: LATEST,
        target: shared(holding(OLD, { build: run('1') }), { published: record({ build: run('3') }) }),
        build: run('2'),
      },
      'restore',
    ],
    [
      '4 a build as new as the record is published from its members',
      {
        rule: LATEST,
        target: shared(holding(OLD, { build: run('1') }), { published: record({ build: run('3') }) }),
        build: run('3'),
      },
      'publish',
    ],
    [
      '5 an older build than the target holds changes nothing',
      { rule: LATEST, target: shared(holding(OLD, { build: run('3') })), build: run('2') },
      'unchanged newer-build',
    ],
    [
      '5 and says so before it waits',
      {
        rule: LATEST,
        target: shared(holding(OLD, { build: run('3') })),
        build: run('2'),
        resolution: MISSING,
      },
      'unchanged newer-build',
    ],
    [
      '6 a target whose members were cleaned up stays',
      { target: target(holding(AB_HELD)), resolution: MISSING },
      'unchanged members-removed',
    ],
    [
      '6 a foreign target that has all present members stays',
      {
        target: target({ kind: 'foreign', children: [image('a', 'amd64').descriptor] }),
        resolution: MISSING,
      },
      'unchanged members-removed',
    ],
    ['7 a group without any member is none', { resolution: { ...MISSING, present: [] } }, 'ignored no-rule'],
    ['7 an incomplete group waits', { resolution: MISSING }, 'waiting missing-platform'],
    [
      '7 and waits while the target holds another build of it',
      { target: target(holding(OLD)), resolution: MISSING },
      'waiting missing-platform',
    ],
    ['8 the same meaning is written once', { target: target(holding(AB_HELD)) }, 'unchanged same-bytes'],
    [
      '8 the same meaning is right whoever put it there',
      { target: target({ ...holding(AB_HELD), kind: 'foreign' } as TargetState) },
      'unchanged same-bytes',
    ],
    [
      '8 the same children under a newer build are written, to raise the build',
      { rule: LATEST, target: shared(holding(AB_HELD, { build: run('1') })), build: run('2') },
      'publish',
    ],
    [
      '8 the same children of the same build are not',
      { rule: LATEST, target: shared(holding(AB_HELD, { build: run('2') })), build: run('2') },
      'unchanged same-bytes',
    ],
    [
      '8 a tie in time with the same children is right',
      {
        rule: BY_TIME,
        target: shared(holding(AB_HELD, { build: run('x', '2026-11-22T09:00:00Z') })),
        build: run('y', '2026-11-22T09:00:10Z'),
      },
      'unchanged same-bytes',
    ],
    [
      '9 what a person deleted stays away',
      { target: target({ kind: 'absent' }, { published: record() }) },
      'held withdrawn',
    ],
    [
      '9 until a required member changes',
      { target: target({ kind: 'absent' }, { published: record({ required: [digest('a'), digest('c')] }) }) },
      'publish',
    ],
    [
      '9 or a newer build is complete',
      {
        rule: LATEST,
        target: shared({ kind: 'absent' }, { published: record({ build: run('1') }) }),
        build: run('2'),
      },
      'publish',
    ],
    [
      '9 an older build does not bring it back',
      {
        rule: LATEST,
        target: shared({ kind: 'absent' }, { published: record({ build: run('3'), required: [] }) }),
        build: run('2'),
      },
      'held withdrawn',
    ],
    [
      '9 nor does one whose order cannot be told',
      {
        rule: BY_TIME,
        target: shared({ kind: 'absent' }, { published: record({ build: run('x') }) }),
        build: run('y', '2026-11-22T09:00:10Z'),
      },
      'held unordered',
    ],
    [
      '9 what was there before archweave is left alone',
      {
        target: target(
          { kind: 'absent' },
          { published: { ...record(), digest: undefined } as unknown as Published },
        ),
      },
      'ignored before-archweave',
    ],
    [
      '10 a foreign target is held',
      { target: target({ kind: 'foreign', children: [] }) },
      'held foreign-target',
    ],
    [
      '10 unless the rule adopts',
      { rule: aRule({ adopt: true }), target: target({ kind: 'foreign', children: [] }) },
      'publish',
    ],
    [
      '11 an immutable target with other members is held',
      { target: target(holding(OLD), { immutable: true }) },
      'held immutable-tag',
    ],
    [
      '11 an immutable target that lacks only an optional platform is right',
      {
        target: target(holding(AB_HELD), { immutable: true }),
        resolution: complete({ chosen: [...AB, choice('9', 's390x', { required: false })] }),
      },
      'unchanged immutable-tag',
    ],
    [
      '13 builds that cannot be ordered leave the target as it is',
      {
        rule: BY_TIME,
        target: shared(holding(OLD, { build: run('x', '2026-11-22T09:00:00Z') })),
        build: run('y', '2026-11-22T09:00:10Z'),
      },
      'held unordered',
    ],
    ['15 a complete group is published', {}, 'publish'],
    ['15 over an older index of its own', { target: target(holding(OLD)) }, 'publish'],
    ['15 unless the index is larger than the registry takes', { limit: 100 }, 'held too-large'],
  ];

  it.each(rows)('row %s', (_, question, answer) => {
    expect(told(ask(question))).toBe(answer);
  });
});

describe('a first publication', () => {
  const fresh = { pushedAt: new Date(START - MINUTE).toISOString() };
  const dated = complete({ chosen: AB.map(one => ({ ...one, ...fresh })) });

  it('waits on an immutable tag for what is optional, until grace is over', () => {
    const rule = aRule({ grace: 10 * MINUTE, optional: [{ os: 'linux', architecture: 's390x' }] });
    const question = {
      rule,
      target: target({ kind: 'absent' }, { immutable: true }),
      resolution: { ...dated, missingOptional: rule.optional } as Resolution,
    };
    const waiting = ask(question);
    expect(told(waiting)).toBe('waiting optional-grace');
    expect(waiting).toMatchObject({ dueAt: START + 9 * MINUTE, reasons: [{ left: 9 * MINUTE }] });
    expect(told(ask({ ...question, now: START + 9 * MINUTE }))).toBe('publish');
    expect(told(ask({ ...question, target: target({ kind: 'absent' }) }))).toBe('publish');
    expect(told(ask({ ...question, resolution: dated }))).toBe('publish');
  });

  it('is not made by a sweep of members past the horizon, but by a push', () => {
    const old = { pushedAt: new Date(START - 8 * 86_400_000).toISOString() };
    const resolution = complete({ chosen: AB.map(one => ({ ...one, ...old })) });
    expect(told(ask({ resolution, source: 'sweep' }))).toBe('ignored past-horizon');
    expect(told(ask({ resolution, source: 'event' }))).toBe('publish');
    expect(told(ask({ resolution, source: 'sweep', rule: aRule({ backfill: true }) }))).toBe('publish');
    expect(told(ask({ resolution: dated, source: 'sweep' }))).toBe('publish');
    expect(told(ask({ source: 'sweep' }))).toBe('publish');
  });

  it('is not made by the first sweep unless the rule says so', () => {
    const ignored = ask({ resolution: dated, source: 'first-sweep' });
    expect(ignored).toMatchObject({ kind: 'ignored', baseline: [digest('a'), digest('b')] });
    expect(told(ask({ resolution: dated, source: 'first-sweep', rule: aRule({ backfill: true }) }))).toBe(
      'publish',
    );
  });
});

describe('a half moved tag without labels', () => {
  const half = [choice('c', 'amd64', { pushedAt: new Date(START).toISOString() }), choice('b', 'arm64')];
  const resolution = complete({ chosen: half, labelled: false });
  const question = { target: target(holding(AB_HELD)), resolution };

  it('waits until it has settled, and says when that is', () => {
    expect(ask(question)).toMatchObject({
      kind: 'waiting',
      dueAt: START + 30 * MINUTE,
      reasons: [{ code: 'partial', platforms: ['linux/arm64'], settlesIn: 30 * MINUTE }],
    });
    expect(told(ask({ ...question, now: START + 30 * MINUTE }))).toBe('publish');
  });

  it('goes on waiting where the rule holds what is partial', () => {
    const decision = ask({ ...question, rule: aRule({ partial: 'hold' }), now: START + 90 * MINUTE });
    expect(told(decision)).toBe('waiting partial');
  });

  it('does not wait where labels tell the build, where all moved, or where settle is off', () => {
    expect(told(ask({ ...question, resolution: { ...resolution, labelled: true } as Resolution }))).toBe(
      'publish',
    );
    const elsewhere = target(
      holding([
        ['8', 'amd64'],
        ['9', 'arm64'],
      ]),
    );
    expect(told(ask({ ...question, target: elsewhere }))).toBe('publish');
    expect(told(ask({ ...question, rule: aRule({ settle: 0 }) }))).toBe('publish');
  });

  it('counts from when the waiting was noticed where the registry tells no times', () => {
    const undated = complete({ chosen: [choice('c', 'amd64'), choice('b', 'arm64')], labelled: false });
    const since = START - 29 * MINUTE;
    expect(ask({ ...question, resolution: undated, waitingSince: since })).toMatchObject({
      dueAt: START + MINUTE,
    });
    expect(ask({ ...question, resolution: undated })).toMatchObject({ dueAt: START + 30 * MINUTE });
  });
});

describe('what is published', () => {
  it('as a Docker list with attested members is at rest afterwards', () => {
    const attestation = {
      ...image('9', 'unknown').descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const chosen = AB.map(one => ({ ...one, image: { ...one.image, attached: [attestation] } }));
    const rule = aRule({ format: 'docker' });
    expect(told(ask({ rule, resolution: complete({ chosen }), target: target(holding(AB_HELD)) }))).toBe(
      'unchanged same-bytes',
    );
  });

  it('is remembered with the digests of its required images alone', () => {
    const decision = ask({
      resolution: complete({ chosen: [...AB, choice('9', 's390x', { required: false })] }),
    });
    expect(decision).toMatchObject({ kind: 'publish', record: { required: [digest('a'), digest('b')] } });
    if (decision.kind === 'publish') expect(decision.record.digest).toBe(decision.manifest.digest);
  });
});
