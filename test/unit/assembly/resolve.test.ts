import { describe, expect, it } from '@jest/globals';
import type { Member, MemberImage } from '../../../lib/assembly/observation.ts';
import { claimText, type Resolution, resolve } from '../../../lib/assembly/resolve.ts';
import type { Platform } from '../../../lib/image/platform.ts';
import type { Rule } from '../../../lib/rules/rule.ts';
import { digest, image } from './a-question.ts';
import { aRule, START } from './a-world.ts';

const REVISION = 'org.opencontainers.image.revision';
const AMD64: Platform = { os: 'linux', architecture: 'amd64' };
const ARM64: Platform = { os: 'linux', architecture: 'arm64' };
const ARM: Platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
const RULE = aRule({ platforms: [AMD64, ARM64], optional: [ARM] });

function of(letter: string, platform: Platform, more: Partial<MemberImage> = {}): MemberImage {
  const plain = image(letter, platform.architecture);
  return { ...plain, descriptor: { ...plain.descriptor, platform }, ...more };
}

function member(platform: Platform, state: Member['state'], more: Partial<Member> = {}): Member {
  const { architecture } = platform;
  return { tag: `1-${architecture}`, claim: { architecture }, platforms: [platform], state, ...more };
}

function present(
  platform: Platform,
  images: readonly MemberImage[],
  more: { pushedAt?: string } = {},
): Member {
  return member(platform, { kind: 'present', digest: digest('f'), images, ...more });
}

const A = present(AMD64, [of('a', AMD64)]);
const B = present(ARM64, [of('b', ARM64)]);

function outcome(members: readonly Member[], rule: Rule = RULE): Resolution {
  return resolve(rule, members, START);
}

function chosenOf(resolution: Resolution) {
  return resolution.kind === 'complete' ? resolution.chosen : [];
}

function reasonsOf(resolution: Resolution) {
  return resolution.kind === 'complete' ? [] : resolution.reasons;
}

describe('resolve', () => {
  it('puts each required image in its place, with its tag, and names optional ones that are missing', () => {
    expect(outcome([B, A])).toEqual({
      kind: 'complete',
      chosen: [
        { wanted: AMD64, required: true, tag: '1-amd64', image: of('a', AMD64) },
        { wanted: ARM64, required: true, tag: '1-arm64', image: of('b', ARM64) },
      ],
      missingOptional: [ARM],
      labelled: false,
      present: [digest('b'), digest('a')],
    });
  });

  it('keeps when each was pushed, and misses no optional one that is there', () => {
    const pushed = present(ARM, [of('c', ARM)], { pushedAt: '2026-11-22T09:00:00Z' });
    const resolution = outcome([A, B, pushed]);
    expect(resolution).toMatchObject({ kind: 'complete', missingOptional: [] });
    const chosen = chosenOf(resolution);
    expect(chosen.map(choice => choice.pushedAt)).toEqual([undefined, undefined, '2026-11-22T09:00:00Z']);
    expect(chosen[0]).not.toHaveProperty('pushedAt');
    expect(chosen[2]!.required).toBe(false);
  });

  it('gives one image to one platform only, required ones first', () => {
    const rule = aRule({ platforms: [{ os: 'linux', architecture: 'arm64' }], optional: [ARM64] });
    const resolution = outcome([B], rule);
    expect(resolution).toMatchObject({ kind: 'complete', missingOptional: [ARM64] });
    expect(chosenOf(resolution)).toHaveLength(1);
  });

  it('waits for what is missing, and counts what is there', () => {
    expect(reasonsOf(outcome([A]))).toEqual([
      { code: 'missing-platform', platforms: ['linux/arm64'], present: 1, wanted: 2 },
    ]);
  });

  it('holds a member that cannot be read and is required, and does not call it missing', () => {
    const broken = member(ARM64, { kind: 'unreadable', why: 'it is no JSON' });
    const resolution = outcome([A, broken]);
    expect(resolution.kind).toBe('held');
    expect(reasonsOf(resolution)).toEqual([{ code: 'unreadable', tag: '1-arm64', why: 'it is no JSON' }]);
  });

  it('tells what is missing besides what cannot be read', () => {
    const broken = member(AMD64, { kind: 'unreadable', why: 'it is no JSON' });
    const absent = member(ARM64, { kind: 'absent' });
    expect(reasonsOf(outcome([broken, absent])).map(({ code }) => code)).toEqual([
      'unreadable',
      'missing-platform',
    ]);
    expect(reasonsOf(outcome([broken, absent]))[1]).toMatchObject({ platforms: ['linux/arm64'] });
  });

  it('takes an optional member that cannot be read for one that is not there', () => {
    const broken = member(ARM, { kind: 'unreadable', why: 'it is no JSON' });
    expect(outcome([A, B, broken])).toMatchObject({ kind: 'complete', missingOptional: [ARM] });
  });

  it('takes an optional platform of which there are two images for one that is not there', () => {
    const twice = ['c', 'd'].map(letter => present(ARM, [of(letter, ARM)]));
    expect(outcome([A, B, ...twice])).toMatchObject({ kind: 'complete', missingOptional: [ARM] });
  });

  it('holds a member that may be required as well as optional', () => {
    const broken = member(ARM64, { kind: 'unreadable', why: 'x' }, { platforms: [ARM, ARM64] });
    expect(outcome([A, broken]).kind).toBe('held');
  });

  it('holds an image under a wrong name once a tag, optional ones too', () => {
    const wrong = present(ARM64, [of('c', AMD64), of('d', AMD64)]);
    const resolution = outcome([A, wrong]);
    expect(resolution.kind).toBe('held');
    expect(reasonsOf(resolution)[0]).toEqual({
      code: 'mislabelled',
      tag: '1-arm64',
      says: 'arm64',
      is: 'linux/amd64',
      digest: digest('c'),
    });
    expect(reasonsOf(resolution).filter(({ code }) => code === 'mislabelled')).toHaveLength(1);
  });

  it('holds two images for one platform, and names each tag once', () => {
    const again = { ...present(AMD64, [of('c', AMD64), of('d', AMD64)]), tag: '1-x86_64' };
    expect(reasonsOf(outcome([A, B, again]))).toEqual([
      { code: 'duplicate-platform', tags: ['1-amd64', '1-x86_64'], platform: 'linux/amd64' },
    ]);
  });

  it('takes the same image under two tags for one', () => {
    const again = { ...A, tag: '1-x86_64' };
    expect(outcome([A, again, B])).toMatchObject({ kind: 'complete' });
  });
});

describe('resolve of several builds', () => {
  const from = (letter: string, platform: Platform, revision: string) =>
    present(platform, [of(letter, platform, { labels: { [REVISION]: revision } })]);

  it('waits while required members are from different builds', () => {
    expect(reasonsOf(outcome([from('a', AMD64, 'r1'), from('b', ARM64, 'r2')]))).toEqual([
      {
        code: 'mixed-builds',
        builds: [
          { platform: 'linux/amd64', build: 'r1' },
          { platform: 'linux/arm64', build: 'r2' },
        ],
      },
    ]);
  });

  it('leaves out an optional member of another build, and names the build', () => {
    const resolution = outcome([from('a', AMD64, 'r1'), from('b', ARM64, 'r1'), from('c', ARM, 'r2')]);
    expect(resolution).toMatchObject({ kind: 'complete', revision: 'r1', labelled: true });
    expect(chosenOf(resolution)).toHaveLength(2);
  });

  it('names no build where there is none', () => {
    expect(outcome([A, B])).not.toHaveProperty('revision');
    expect(outcome([A, B])).not.toHaveProperty('newest');
  });
});

describe('resolve of what orders builds', () => {
  const labelled = (letter: string, platform: Platform, value?: string) =>
    present(platform, [of(letter, platform, value === undefined ? {} : { labels: { run: value } })]);
  const created = (letter: string, platform: Platform, time?: string) =>
    present(platform, [of(letter, platform, time === undefined ? {} : { created: time })]);
  const byLabel = aRule({ newest: { by: 'label', label: 'run' } });
  const byTime = aRule({ newest: { by: 'created' } });
  const at = (offset: number) => new Date(START + offset).toISOString();

  it('takes a label that all have alike', () => {
    expect(outcome([labelled('a', AMD64, '7'), labelled('b', ARM64, '7')], byLabel)).toMatchObject({
      kind: 'complete',
      newest: '7',
    });
  });

  it('waits where the label differs, and says who has which', () => {
    expect(outcome([labelled('a', AMD64, '7'), labelled('b', ARM64)], byLabel)).toEqual({
      kind: 'waiting',
      reasons: [
        {
          code: 'mixed-builds',
          builds: [
            { platform: 'linux/amd64', build: '7' },
            { platform: 'linux/arm64', build: undefined },
          ],
        },
      ],
      present: [digest('a'), digest('b')],
    });
  });

  it('has nothing to order by where nobody has the label', () => {
    expect(outcome([labelled('a', AMD64), labelled('b', ARM64)], byLabel)).not.toHaveProperty('newest');
  });

  it.each([
    ['the oldest of the members', [at(-5_000), at(-9_000)], at(-9_000)],
    [
      'the oldest, however times are written',
      ['2026-11-22T10:30:00+01:00', at(-60_000)],
      '2026-11-22T10:30:00+01:00',
    ],
    ['a time that lies ten minutes ahead', [at(600_000), at(600_000)], at(600_000)],
    ['no time that lies further ahead', [at(0), at(600_001)], undefined],
    ['no time where one has none', [at(0), undefined], undefined],
  ])('takes %s', (_, [left, right], newest) => {
    const members = [created('a', AMD64, left), created('b', ARM64, right)];
    const resolution = outcome(members, byTime);
    expect(resolution.kind).toBe('complete');
    expect((resolution as { newest?: string }).newest).toBe(newest);
    expect('newest' in resolution).toBe(newest !== undefined);
  });

  it('looks at no time where captures order builds', () => {
    const members = [created('a', AMD64, at(0)), created('b', ARM64, at(0))];
    const rule = aRule({ newest: { by: 'captures', captures: ['run'] } });
    expect(outcome(members, rule)).not.toHaveProperty('newest');
  });
});

describe('claimText', () => {
  it.each([
    [{ architecture: 'arm64' }, 'arm64'],
    [{ os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
    [{ os: '', architecture: 'amd64', variant: '' }, 'amd64'],
    [{ os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763' }, 'windows/amd64 10.0.17763'],
  ])('of %j is %s', (claim, text) => {
    expect(claimText(claim)).toBe(text);
  });
});
