import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../lib/rules/glob.ts';
import { matchTemplate } from '../../../lib/rules/match-template.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import { globPattern, type TagPattern, templatePattern } from '../../../lib/rules/tag-pattern.ts';
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
  });
});
