import { describe, expect, it } from '@jest/globals';
import { byRank, type Reason, sentence, shortBuild } from '../../../lib/assembly/reasons.ts';

const SHA = `sha256:${'77aa01c2d3e4'.padEnd(64, '0')}` as const;
const MINUTE = 60_000;

const WORDS: readonly [Reason, string][] = [
  [
    { code: 'missing-platform', platforms: ['linux/arm64'], present: 1, wanted: 2 },
    '1 of 2 there, linux/arm64 is missing',
  ],
  [
    { code: 'missing-platform', platforms: ['linux/amd64', 'linux/arm64'], present: 0, wanted: 2 },
    '0 of 2 there, linux/amd64 and linux/arm64 are missing',
  ],
  [
    { code: 'optional-grace', platforms: ['linux/arm/v7'], left: 4 * MINUTE },
    'complete; waiting 4 min more for optional linux/arm/v7, because the tag is immutable',
  ],
  [
    { code: 'mislabelled', tag: '1.0-arm64', says: 'arm64', is: 'linux/amd64', digest: SHA },
    '1.0-arm64 says arm64, but the image is linux/amd64',
  ],
  [
    { code: 'duplicate-platform', tags: ['1.0-amd64', '1.0-x86_64'], platform: 'linux/amd64' },
    '1.0-amd64 and 1.0-x86_64 are both linux/amd64, with different content',
  ],
  [
    { code: 'duplicate-platform', tags: ['1.0-amd64'], platform: 'linux/amd64' },
    '1.0-amd64 has linux/amd64 twice, with different content',
  ],
  [
    {
      code: 'mixed-builds',
      builds: [
        { platform: 'linux/amd64', build: '9f3c1e2' },
        { platform: 'linux/arm64', build: '41d07aa' },
      ],
    },
    'linux/amd64 is from 9f3c1e2, linux/arm64 from 41d07aa',
  ],
  [
    {
      code: 'mixed-builds',
      builds: [
        { platform: 'linux/amd64', build: undefined },
        { platform: 'linux/arm64', build: '41d07aa9f3c1e241d07aa9f3c1e241d07aa9f3c1' },
      ],
    },
    'linux/amd64 is from no build, linux/arm64 from 41d07aa',
  ],
  [
    { code: 'immutable-tag', tag: '1.0', digest: SHA },
    '1.0 is immutable and holds another index, sha256:77aa01c2d3e4',
  ],
  [{ code: 'immutable-tag', tag: '1.0' }, '1.0 is immutable and holds another index'],
  [{ code: 'immutable-tag', tag: '1.0', adds: 'linux/arm/v7' }, '1.0 is immutable; would add linux/arm/v7'],
  [
    { code: 'too-large', bytes: 4_300_000, limit: 4_000_000 },
    'the index would be 4.3 MB, this registry takes 4.0 MB',
  ],
  [
    { code: 'unreadable', tag: '1.0-arm64', why: 'its config sha256:77 is not there' },
    '1.0-arm64 cannot be read: its config sha256:77 is not there',
  ],
  [
    { code: 'withdrawn', tag: '1.0', act: 'deleted', at: '2026-11-21T17:20:03Z' },
    'a person deleted 1.0 on 2026-11-21 17:20Z; a new push or "apply --restore" brings it back',
  ],
  [
    { code: 'withdrawn', tag: '1.0', act: 'replaced' },
    'a person replaced 1.0; a new push or "apply --restore" brings it back',
  ],
  [{ code: 'newer-build', tag: '1.0', build: '41d07aa' }, '1.0 already holds a newer build (41d07aa)'],
  [{ code: 'same-bytes' }, 'nothing to do'],
  [
    { code: 'partial', platforms: ['linux/arm64'], settlesIn: 24 * MINUTE },
    'linux/arm64 is still the old one; waiting until all platforms have moved (settles in 24 min)',
  ],
  [
    { code: 'partial', platforms: ['linux/arm64', 'linux/s390x'] },
    'linux/arm64 and linux/s390x are still the old ones; waiting until all platforms have moved',
  ],
  [
    {
      code: 'two-rules',
      target: 'app:latest',
      rules: [
        { name: 'apps', line: 5 },
        { name: 'nightly', line: 12 },
      ],
    },
    'app:latest is a target of two rules, "apps" (line 5) and "nightly" (line 12)',
  ],
  [
    { code: 'foreign-target', target: 'app:1.0' },
    'app:1.0 was put there by somebody else; "apply" on it takes it over',
  ],
  [
    { code: 'unordered', builds: ['7a1c', '9f3e'], target: 'app:latest' },
    'which of the builds 7a1c and 9f3e is newer cannot be told; app:latest stays',
  ],
  [
    { code: 'child-gone', platform: 'linux/arm64', digest: SHA },
    'linux/arm64 sha256:77aa01c2d3e4 was deleted after it was pushed',
  ],
  [
    { code: 'contested', target: 'app:1.0', times: 6, within: 10 * MINUTE },
    'app:1.0 was rewritten 6 times in 10 min, by somebody else in between; archweave stopped',
  ],
  [
    { code: 'locked', tag: '1.0', registry: 'contoso.azurecr.io' },
    '1.0 is locked against changes in contoso.azurecr.io',
  ],
  [{ code: 'quarantined', tag: '1.0-arm64' }, '1.0-arm64 is in quarantine'],
  [
    { code: 'soft-deleted', digest: SHA },
    'sha256:77aa01c2d3e4 is soft-deleted; restore it, this registry refuses it until then',
  ],
  [
    { code: 'refused', why: 'os.features in an entry (InvalidParameterException)' },
    'the registry refuses this index: os.features in an entry (InvalidParameterException)',
  ],
  [{ code: 'members-removed' }, 'its members were removed after it was published; the index stays'],
  [{ code: 'before-archweave' }, 'was complete before archweave came; "apply" writes it'],
  [
    { code: 'past-horizon', age: 9 * 86_400_000, horizon: 7 * 86_400_000 },
    'was complete 9 d ago, past the horizon of 7 d; "apply" writes it',
  ],
  [{ code: 'pinned', build: '41', where: 'archweave.yaml:9' }, 'pinned to build 41 (archweave.yaml:9)'],
  [
    { code: 'unwanted-platform', tag: '1.0-arm64', platforms: ['linux/arm64'] },
    '1.0-arm64 is linux/arm64, which --platform does not name',
  ],
  [{ code: 'no-clobber', tag: '1.0' }, '1.0 is there and holds something else; --no-clobber leaves it'],
  [{ code: 'no-rule', target: 'app:1.0' }, 'no rule makes app:1.0'],
];

describe('sentence', () => {
  it.each(WORDS.map(([reason, words]) => [reason.code, words, reason] as const))(
    'of %s is "%s"',
    (_, words, reason) => {
      expect(sentence(reason)).toBe(words);
    },
  );
});

describe('sentence, where little is known', () => {
  it('lists three, and none', () => {
    const missing = (...platforms: string[]) =>
      sentence({ code: 'missing-platform', platforms, present: 1, wanted: 4 });
    expect(missing('a', 'b', 'c')).toBe('1 of 4 there, a, b and c are missing');
    expect(sentence({ code: 'mixed-builds', builds: [] })).toBe('its members are from different builds');
  });

  it('has no line for a rule that stands in no file', () => {
    const rules = [
      { name: 'built in', line: 0 },
      { name: 'mine', line: 1 },
    ];
    expect(sentence({ code: 'two-rules', target: 'app:1', rules })).toBe(
      'app:1 is a target of two rules, "built in" (built in) and "mine" (line 1)',
    );
  });
});

describe('byRank', () => {
  it('puts what is wrong before what is missing, and the gravest first', () => {
    const codes = (reasons: readonly Reason[]) => byRank(reasons).map(({ code }) => code);
    const of = (code: Reason['code']) => WORDS.find(([reason]) => reason.code === code)![0];
    expect(codes([of('missing-platform'), of('mixed-builds'), of('mislabelled'), of('unreadable')])).toEqual([
      'unreadable',
      'mislabelled',
      'mixed-builds',
      'missing-platform',
    ]);
    const gravest: readonly Reason['code'][] = [
      ...(['unreadable', 'withdrawn', 'mislabelled', 'duplicate-platform', 'mixed-builds'] as const),
      ...(['immutable-tag', 'too-large', 'two-rules', 'foreign-target', 'unordered', 'child-gone'] as const),
      ...(['contested', 'locked', 'quarantined', 'soft-deleted', 'refused'] as const),
      ...(['missing-platform', 'partial', 'optional-grace', 'pinned'] as const),
    ];
    expect(codes(gravest.toReversed().map(of))).toEqual(gravest);
    expect(codes([of('pinned'), of('partial'), of('two-rules'), of('immutable-tag')])).toEqual([
      'immutable-tag',
      'two-rules',
      'partial',
      'pinned',
    ]);
  });
});

describe('shortBuild', () => {
  it('shortens a commit and nothing else', () => {
    expect(shortBuild('a'.repeat(40))).toBe('aaaaaaa');
    expect(shortBuild('b'.repeat(64))).toBe('bbbbbbb');
    expect(shortBuild('20261122.1')).toBe('20261122.1');
    for (const text of ['z'.repeat(40), 'a'.repeat(39), 'a'.repeat(41), 'b'.repeat(63), 'b'.repeat(65)])
      expect(shortBuild(text)).toBe(text);
    expect(shortBuild(undefined)).toBe('no build');
  });

  it('shows what somebody hostile put there as it is, and no more than anybody reads', () => {
    expect(shortBuild('\u001b[2J\r\n\u202e1')).toBe('\\u{1b}[2J\\u{d}\\u{a}\\u{202e}1');
    expect(shortBuild('r'.repeat(100))).toBe('r'.repeat(100));
    expect(shortBuild('r'.repeat(101))).toBe(`${'r'.repeat(100)}...`);
    expect(sentence({ code: 'refused', why: 'a\u0007b' })).toBe('the registry refuses this index: a\\u{7}b');
  });
});
