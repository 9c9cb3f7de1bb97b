import { describe, expect, it } from '@jest/globals';
import type { Decision } from '../../../lib/assembly/decide.ts';
import { waitingSince } from '../../../lib/assembly/group-document.ts';
import type { Reason } from '../../../lib/assembly/reasons.ts';
import type { Standing } from '../../../lib/ledger/interface.ts';
import { AB_HELD, ask, complete, digest, holding, image, target } from './a-question.ts';
import {
  AMD64,
  ARM64,
  EARLY,
  LATE,
  MISSING_REASON,
  member,
  of,
  RISCV,
  RULE,
  verdict,
  waiting,
  without,
} from './a-verdict.ts';
import { HOST, START } from './a-world.ts';

const STANDING: Standing = {
  target: { registry: HOST, repository: 'app', tag: '1' },
  rule: 'built in',
  captures: {},
  state: 'waiting',
  since: '2026-11-22T08:00:00Z',
};

describe('groupDocument', () => {
  it('tells what waits for what, where nobody tells times', () => {
    expect(of()).toEqual({
      target: [`${HOST}/app:1`],
      registry: HOST,
      repository: 'app',
      rule: { name: 'built in', line: 5 },
      captures: { version: '1' },
      state: 'waiting',
      reasons: [{ ...MISSING_REASON, message: '1 of 2 there, linux/arm64 is missing' }],
      since: null,
      sinceFrom: null,
      overdueAt: null,
      overdue: false,
      build: null,
      platforms: [],
      members: [
        { tag: '1-amd64', platform: 'linux/amd64', required: true, present: true, digest: digest('a') },
        { tag: '1-arm64', platform: 'linux/arm64', required: true, present: false, lookedFor: ['1-arm64'] },
        {
          tag: '1-riscv64',
          platform: 'linux/riscv64',
          required: false,
          present: false,
          lookedFor: ['1-riscv64'],
        },
      ],
      before: null,
      after: null,
    });
  });

  it('waits since the registry says, else since the ledger does', () => {
    const members = [member('a', AMD64, { pushedAt: LATE }), without(ARM64)];
    const standing = target({ kind: 'absent' }, { standing: STANDING });
    expect(of({ members, target: standing })).toMatchObject({ since: LATE, sinceFrom: 'registry' });
    expect(of({ target: standing })).toMatchObject({ since: STANDING.since, sinceFrom: 'ledger' });
  });

  it('knows from the ledger since when a state lasts, and no other state', () => {
    const held: Decision = { kind: 'held', reasons: [] };
    const as = (state: Standing['state']) => target({ kind: 'absent' }, { standing: { ...STANDING, state } });
    const members = [member('a', AMD64, { pushedAt: LATE })];
    expect(of({ members, decision: held, target: as('held') })).toMatchObject({
      since: STANDING.since,
      sinceFrom: 'ledger',
      overdueAt: null,
      overdue: false,
    });
    expect(of({ members, decision: held, target: as('waiting') })).toMatchObject({
      since: null,
      sinceFrom: null,
    });
    expect(of({ decision: held, target: as('published') }).since).toBeNull();
    const unchanged: Decision = { kind: 'unchanged', reasons: [] };
    expect(of({ decision: unchanged, target: as('published') }).since).toBe(STANDING.since);
    expect(of({ decision: unchanged, target: as('held') }).since).toBeNull();
  });

  it('is overdue from the moment on that the rule says', () => {
    const members = [member('a', AMD64, { pushedAt: LATE }), without(ARM64)];
    const due = { overdueAt: '2026-11-22T10:00:00.000Z' };
    expect(of({ members })).toMatchObject({ ...due, overdue: true });
    expect(of({ members }, { now: START - 1 })).toMatchObject({ ...due, overdue: false });
    expect(of({ members, rule: { ...RULE, overdue: null } })).toMatchObject({
      overdueAt: null,
      overdue: false,
    });
  });

  it('tells what is held and what would be, whatever was decided before', () => {
    const publish = ask();
    const manifest = publish.kind === 'publish' ? publish.manifest.digest : undefined;
    expect(of({ decision: publish })).toMatchObject({ state: 'publish', after: manifest });
    const restore: Decision = {
      kind: 'restore',
      digest: digest('e'),
      otherwise: publish as Extract<Decision, { kind: 'publish' }>,
      reasons: [],
    };
    expect(of({ decision: restore })).toMatchObject({ state: 'publish', after: digest('e') });
    expect(of({ decision: publish }, { after: digest('d') }).after).toBe(digest('d'));
    const reasons: Reason[] = [{ code: 'refused', why: 'so it is' }];
    expect(of({ decision: publish }, { state: 'held', reasons })).toMatchObject({
      state: 'held',
      reasons: [{ code: 'refused', message: 'the registry refuses this index: so it is' }],
    });
  });

  it('tells what the target held before', () => {
    expect(of({ target: target(holding(AB_HELD)) }).before).toBe(digest('f'));
    expect(of({ target: target({ kind: 'foreign', children: [] }) }).before).toBeNull();
  });
});

describe('the platforms of a group', () => {
  it('are those of the images that are joined', () => {
    expect(of({ resolution: complete() }).platforms).toEqual(['linux/amd64', 'linux/arm64']);
  });

  it('are those of the index that stays, without its attestations', () => {
    const plain = image('a', 'amd64').descriptor;
    const { platform: _, ...bare } = image('c', 'amd64').descriptor;
    const unknown = { ...image('b', 'x').descriptor, platform: { os: 'unknown', architecture: 'unknown' } };
    const children = [plain, unknown, bare];
    expect(of({ target: target({ kind: 'foreign', children }) }).platforms).toEqual(['linux/amd64']);
  });
});

describe('the build of a group', () => {
  const members = (...revisions: readonly (string | undefined)[]) =>
    revisions.map((revision, at) => member('ab'[at]!, [AMD64, ARM64][at]!, revision ? { revision } : {}));
  const own = target(holding(AB_HELD, { revision: 'old' }));

  it('is what a complete group says', () => {
    expect(of({ resolution: complete({ revision: 'new' }), members: members('x', 'y') }).build).toBe('new');
    expect(of({ resolution: complete(), members: members('x', 'x') }).build).toBeNull();
  });

  it('is what all that are there say alike', () => {
    expect(of({ members: [...members('x', 'x'), without(RISCV)], target: own }).build).toBe('x');
    expect(of({ members: members('x', 'y'), target: own }).build).toBeNull();
    expect(of({ members: members(undefined, undefined), target: own }).build).toBeNull();
    expect(of({ members: members('x', undefined), target: own }).build).toBeNull();
  });

  it('is what our index says where nothing is there', () => {
    expect(of({ members: [without(AMD64)], target: own }).build).toBe('old');
    expect(of({ members: [without(AMD64)], target: target(holding(AB_HELD)) }).build).toBeNull();
    expect(of({ members: [without(AMD64)] }).build).toBeNull();
  });

  it('is none where no label tells it', () => {
    const rule = { ...RULE, sameBuild: { labels: [], mode: 'off' } } as const;
    expect(of({ rule, members: members('x', 'x') })).toMatchObject({ build: null });
    expect(of({ rule, members: members('x', 'x') }).members[0]).not.toHaveProperty('build');
  });
});

describe('what a tag keeps', () => {
  const old = target(holding(AB_HELD, { revision: 'c'.repeat(40) }));
  const held: Decision = { kind: 'held', reasons: [] };

  it('is told while its group waits or is held', () => {
    expect(of({ target: old }).keeps).toBe('build ccccccc');
    expect(of({ target: old, decision: held }).keeps).toBe('build ccccccc');
    expect(of({ target: target(holding(AB_HELD)), decision: held }).keeps).toBe('its last whole index');
  });

  it('is not told otherwise', () => {
    expect(of({ target: old, decision: { kind: 'unchanged', reasons: [] } })).not.toHaveProperty('keeps');
    expect(of({ target: target({ kind: 'foreign', children: [] }) })).not.toHaveProperty('keeps');
  });
});

describe('waitingSince', () => {
  const members = [
    member('a', AMD64, { pushedAt: LATE }),
    member('b', ARM64, { pushedAt: EARLY }),
    member('c', RISCV),
    without(RISCV),
  ];

  it('is when the first came where something is missing, the last where they do not fit', () => {
    expect(waitingSince(verdict({ members }))).toBe(EARLY);
    expect(waitingSince(verdict({ members, decision: waiting('mixed-builds', 'missing-platform') }))).toBe(
      EARLY,
    );
    expect(waitingSince(verdict({ members, decision: waiting('mixed-builds') }))).toBe(LATE);
    const last = member('d', RISCV, { pushedAt: '2026-11-22T09:59:00Z' });
    const three = verdict({ members: [last, ...members], decision: waiting('mixed-builds') });
    expect(waitingSince(three)).toBe('2026-11-22T09:59:00Z');
  });

  it('is not told where the registry tells no times', () => {
    expect(waitingSince(verdict({ members: [member('c', RISCV)] }))).toBeUndefined();
  });
});
