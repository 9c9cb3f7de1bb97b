import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../lib/rules/glob.ts';
import { matchTemplate } from '../../../lib/rules/match-template.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import {
  type CharacterClass,
  globPattern,
  type TagPattern,
  templatePattern,
} from '../../../lib/rules/tag-pattern.ts';
import { tagSetsMeet } from '../../../lib/rules/tag-set.ts';

const set = (include: TagPattern, ...exclude: readonly TagPattern[]) => [{ include: [include], exclude }];
const template = (text: string) => templatePattern(parseTemplate(text));
/** Whether a pattern has one tag: the pattern of that tag alone meets it. */
const has = (pattern: TagPattern, tag: string) => tagSetsMeet(set(pattern), set(globPattern(tag)));

const TEMPLATES = [
  ...['{version}-{arch}', '{arch}', 'v{version:semver}', '{version:semver}-{arch}', '{run:int}-{arch}'],
  ...['{version}-{os}{osversion?}-{arch}', '{name?}x', '{arch}{variant?}', 'latest', '{a}.{b}'],
];
const PIECES = [
  ...['1.2.3', '0', '01', '7', '-', '.', 'v', 'x', 'rc', 'a', '-rc.1', '_', 'A'],
  ...['amd64', 'arm64', 'arm', 'v8', 'v7', 'linux', 'windows', 'ltsc2022', '10.0.17763', 'latest'],
];
const tags = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map(pieces => pieces.join(''));

describe('the pattern of a template', () => {
  it.each([
    ['{n:int}', ['0', '007', '42'], ['x', '4x', '1.2', '']],
    ['{v:semver}', ['0.0.0', '1.20.3', '1.2.3-rc.1', '1.2.3-0', '1.2.3-0a.b-c.10', '1.2.3--'], []],
    ['{v:semver}', [], ['1.2', '1.2.3.4', '01.2.3', '1.2.03', '1.2.3-', '1.2.3-01', '1.2.3-a.', '1.2.3_a']],
    ['x{v?}', ['x', 'xy', 'x.'], ['y', '']],
    ['x{variant}', ['xv1', 'xv9'], ['xv0', 'xv10', 'xv', 'x1', 'x']],
    ['x{variant?}', ['xv1', 'x'], ['xv0', 'xv']],
    ['{os}', ['linux', 'windows', 'plan9'], ['linuz', 'Linux']],
    ['{arch}', ['amd64', 'x86_64', 'arm'], ['amd65', 'AMD64']],
    ['{osversion}', ['ltsc2022', '1809', '20h2', '10.0.17763', '10.0.17763.1', '10.0.17763.12345'], []],
    [
      '{osversion}',
      [],
      ['ltsc2021', '10.0.1776', '10.0.177633', '10.0.17763.', '10.0.17763.123456', '10.1.17763'],
    ],
  ])('of %s has %j and not %j', (text, inside, outside) => {
    for (const tag of inside) {
      expect([tag, has(template(text), tag)]).toEqual([tag, true]);
      expect(matchTemplate(parseTemplate(text), tag)).toBeDefined();
    }
    for (const tag of outside) {
      expect([tag, has(template(text), tag)]).toEqual([tag, false]);
      expect(matchTemplate(parseTemplate(text), tag)).toBeUndefined();
    }
  });

  it('has a number for a part of a version', () => {
    const minor = templatePattern(parseTemplate('{v.major}.{v.minor}', { target: true }));
    expect(['1.0', '10.20'].map(tag => has(minor, tag))).toEqual([true, true]);
    expect(['1', '1.x', '01.0', '1.00', '1.'].map(tag => has(minor, tag))).toEqual(Array(5).fill(false));
  });

  it('has for a part of a version a number, whatever the version is told to be', () => {
    const major = templatePattern(parseTemplate('{v.major}', { target: true }), { v: globPattern('x') });
    expect(['1', 'x'].map(tag => has(major, tag))).toEqual([true, false]);
  });

  it.each(['{arch}', '{os}', '{osversion}'])('of %s meets itself', text => {
    expect(tagSetsMeet(set(template(text)), set(template(text)))).toBe(true);
  });

  it('has the tags that the template reads, and no others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEMPLATES), tags, (text, tag) => {
        expect(has(template(text), tag)).toBe(matchTemplate(parseTemplate(text), tag) !== undefined);
      }),
      { numRuns: 1_500 },
    );
  });

  it('has for a placeholder what it is told to', () => {
    const split = templatePattern(parseTemplate('{tag}-{arch}'), { tag: globPattern('3.*') });
    expect(has(split, '3.20-amd64')).toBe(true);
    expect(has(split, '3.20')).toBe(false);
    expect(has(split, '4.1-amd64')).toBe(false);
  });
});

describe('tagSetsMeet', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 });
  const words = [...'ab'];
  for (const word of words) if (word.length < 8) words.push(`${word}a`, `${word}b`);

  it('is right about globs in short words, what is taken away included', () => {
    fc.assert(
      fc.property(glob, glob, glob, (a, b, without) => {
        const some = words.some(
          word => matchesGlob(a, word) && matchesGlob(b, word) && !matchesGlob(without, word),
        );
        const meet = tagSetsMeet(set(globPattern(a), globPattern(without)), set(globPattern(b)));
        // A tag of other letters may be in a set in which no word of these two is.
        if (some) expect(meet).toBe(true);
        if (![a, b].some(one => one.includes('*'))) expect(meet).toBe(some);
      }),
      { numRuns: 500 },
    );
  });

  it('is right about one set and one tag', () => {
    const word = fc.constantFrom(...words);
    fc.assert(
      fc.property(glob, word, (a, tag) => {
        expect(has(globPattern(a), tag)).toBe(matchesGlob(a, tag));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['*-amd64', '{version}', '{version}-{arch}', false],
    ['*-amd65', '{version}', '{version}-{arch}', true],
    ['*-amd64', '{version:semver}', '{version}-{arch}', false],
    ['1.*', '{version}', '{version}-{arch}', true],
    ['latest', '{run:int}', '{run:int}-{arch}', false],
  ])(
    'tells whether %j are among the targets %j that are no members %j',
    (copied, target, members, expected) => {
      expect(tagSetsMeet(set(globPattern(copied)), set(template(target), template(members)))).toBe(expected);
    },
  );

  it('knows that no tag begins with a dot or a hyphen, or is empty', () => {
    expect(tagSetsMeet(set(globPattern('-*')), set(globPattern('*')))).toBe(false);
    expect(tagSetsMeet(set(globPattern('')), set(globPattern('*')))).toBe(false);
    expect(tagSetsMeet(set(globPattern('*')), set(globPattern('_')))).toBe(true);
    expect(tagSetsMeet(set(globPattern('a-*')), set(globPattern('*.')))).toBe(true);
  });

  it('knows that the longest tag has 128 characters', () => {
    const [longest, tooLong] = ['a'.repeat(128), 'a'.repeat(129)].map(globPattern);
    expect(tagSetsMeet(set(longest!), set(globPattern('*')))).toBe(true);
    expect(tagSetsMeet(set(tooLong!), set(globPattern('*')))).toBe(false);
  });

  const one = (of: CharacterClass): TagPattern => [{ kind: 'one', of }];
  const second = (of: CharacterClass): TagPattern => [...one('digit'), ...one(of)];
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  it('looks for one tag in any of both', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(name => set(globPattern(name))[0]!);
    expect(tagSetsMeet([a!, b!], [c!, b!])).toBe(true);
    expect(tagSetsMeet([a!, b!], [c!])).toBe(false);
    expect(tagSetsMeet([], [a!])).toBe(false);
    expect(tagSetsMeet([a!], [])).toBe(false);
  });

  it('knows the characters of what is repeated', () => {
    const repeated: TagPattern = [{ kind: 'repeat', of: globPattern('q') }];
    expect(tagSetsMeet(set(repeated), set(globPattern('*')))).toBe(true);
    expect(tagSetsMeet(set(repeated), set(globPattern('*r*')))).toBe(false);
  });

  it.each<[string, TagPattern, readonly TagPattern[], TagPattern]>([
    ['a letter', one('alpha'), [], one('alnum')],
    ['a digit', one('nonzero'), [], one('digit')],
    ['0', one('digit'), [one('nonzero')], globPattern('0')],
    ['_', one('tag'), [one('alnum')], globPattern('_')],
    ['.', second('tag'), [second('alnum'), globPattern('*_')], globPattern('*.')],
    ['-', second('alpha'), letters.map(letter => globPattern(`*${letter}`)), globPattern('*-')],
  ])('finds the tag that differs in %s, which no pattern names', (_, include, exclude, last) => {
    expect(tagSetsMeet(set(include, ...exclude), set(globPattern('*')))).toBe(true);
    expect(tagSetsMeet(set(include, ...exclude, last), set(globPattern('*')))).toBe(false);
  });

  it('counts sets as meeting that are too many to compare', () => {
    const without = [...'abcdefghijklmnop'].map(letter => globPattern(`*${letter}*`));
    const none = (few: number) => set(globPattern('*'), globPattern('*z'), ...without.slice(0, few));
    expect(tagSetsMeet(none(4), set(globPattern('*z')))).toBe(false);
    expect(tagSetsMeet(none(16), set(globPattern('*z')))).toBe(true);
  });
});
