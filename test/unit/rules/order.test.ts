import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Build } from '../../../lib/rules/build.ts';
import { compareBuilds } from '../../../lib/rules/order.ts';
import { aRule } from './a-rule.ts';

const BY_RUN = aRule({
  members: '{run:int}-{sha}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['run'] },
});
const BY_VERSION = aRule({
  members: '{version:semver}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['version'] },
});
const BY_LABEL = aRule({ members: '{run}-{arch}', targets: ['latest'], newest: { by: 'label', label: 'n' } });
const BY_CREATED = aRule({ members: '{run}-{arch}', targets: ['latest'], newest: { by: 'created' } });

const run = (number: string, sha = 'x'): Build => ({ captures: { run: number, sha } });
const version = (text: string): Build => ({ captures: { version: text } });
const labelled = (name: string, newest?: string): Build => ({
  captures: { run: name },
  ...(newest ? { newest } : {}),
});

describe('compareBuilds', () => {
  it('finds no order where a target has one group', () => {
    expect(compareBuilds(aRule(), version('1'), version('2'))).toBe(0);
  });

  it('orders numbers as numbers, of any size', () => {
    expect(compareBuilds(BY_RUN, run('9'), run('10'))).toBeLessThan(0);
    expect(compareBuilds(BY_RUN, run('90071992547409930'), run('90071992547409931'))).toBeLessThan(0);
  });

  it('orders equal numbers by how they are spelt, so that everybody picks the same', () => {
    expect(compareBuilds(BY_RUN, run('07'), run('7'))).toBeLessThan(0);
    expect(compareBuilds(BY_RUN, run('7', 'a'), run('7', 'b'))).toBeLessThan(0);
    expect(compareBuilds(BY_RUN, run('7', 'a'), run('7', 'a'))).toBe(0);
  });

  it.each([
    ['1.4.10', '1.5.0'],
    ['1.9.0', '1.10.0'],
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0.0-alpha', '1.0.0-alpha.1'],
    ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
    ['1.0.0-beta.2', '1.0.0-beta.11'],
    ['1.0.0-beta.11', '1.0.0-rc.1'],
  ])('orders %s before %s', (older, newer) => {
    expect(compareBuilds(BY_VERSION, version(older), version(newer))).toBeLessThan(0);
    expect(compareBuilds(BY_VERSION, version(newer), version(older))).toBeGreaterThan(0);
  });

  it('cannot tell where a capture is missing or is no number', () => {
    expect(compareBuilds(BY_RUN, { captures: {} }, run('1'))).toBeUndefined();
    expect(compareBuilds(BY_RUN, run('x'), run('1'))).toBeUndefined();
    expect(compareBuilds(BY_RUN, { captures: { run: '7' } }, run('7'))).toBeUndefined();
  });

  it('takes builds of the same captures for one build, whatever the label says', () => {
    expect(compareBuilds(BY_LABEL, labelled('a', '1'), labelled('a', '2'))).toBe(0);
    expect(compareBuilds(BY_CREATED, labelled('a'), labelled('a'))).toBe(0);
  });

  it('looks at the next capture where the first says nothing', () => {
    const rule = aRule({
      members: '{major:int}.{minor:int}-{arch}',
      targets: ['latest'],
      newest: { by: 'captures', captures: ['major', 'minor'] },
    });
    const of = (major: string, minor: string): Build => ({ captures: { major, minor } });
    expect(compareBuilds(rule, of('1', '9'), of('1', '10'))).toBeLessThan(0);
    expect(compareBuilds(rule, of('2', '9'), of('1', '10'))).toBeGreaterThan(0);
    expect(compareBuilds(rule, of('1', '09'), of('1', '9'))).toBeLessThan(0);
  });

  it('cannot tell by a capture that is no number, is not typed or is not there', () => {
    for (const wrong of ['1x', 'x1', '']) expect(compareBuilds(BY_RUN, run(wrong), run('1'))).toBeUndefined();
    expect(compareBuilds(BY_RUN, run('1'), { captures: { run: '1' } })).toBeUndefined();
    expect(compareBuilds(BY_RUN, { captures: { run: '1' } }, run('1'))).toBeUndefined();
    const byName = (name: string) =>
      aRule({
        members: 'b{run:int}-{arch}',
        targets: ['latest'],
        newest: { by: 'captures', captures: [name] },
      });
    const builds: [Build, Build] = [{ captures: { run: '1' } }, { captures: { run: '2' } }];
    expect(compareBuilds(byName('run'), ...builds)).toBeLessThan(0);
    expect(compareBuilds(byName('arch'), ...builds)).toBeUndefined();
    expect(compareBuilds(byName('nobody'), ...builds)).toBeUndefined();
  });

  it('knows the type of a capture, wherever it stands', () => {
    const rule = aRule({
      members: '{version:semver}-{run:int}-{arch}',
      targets: ['latest'],
      newest: { by: 'captures', captures: ['run'] },
    });
    const of = (text: string, number: string): Build => ({ captures: { version: text, run: number } });
    expect(compareBuilds(rule, of('2.0.0', '9'), of('1.0.0', '10'))).toBeLessThan(0);
  });

  it('finds no order where nothing orders, not even by spelling', () => {
    const rule = aRule({ members: '{run}-{arch}', targets: ['latest'], newest: { by: 'nothing' } });
    expect(compareBuilds(rule, labelled('a'), labelled('b'))).toBe(0);
  });

  it.each([
    ['9', '10'],
    ['1.9', '1.10'],
    ['v1.2.3', '1.2.4'],
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0.0+build.9', '1.0.1+build.1'],
  ])('orders the label %s before %s', (older, newer) => {
    expect(compareBuilds(BY_LABEL, labelled('a', older), labelled('b', newer))).toBeLessThan(0);
  });

  it('orders builds of one label by their captures', () => {
    expect(compareBuilds(BY_LABEL, labelled('a', '1.0'), labelled('b', '1.0.0'))).toBeLessThan(0);
  });

  it.each([
    ['a label that is missing', undefined, '1'],
    ['a label that the other has not', '1', undefined],
    ['a date', '2026-11-22', '2026-11-23'],
    ['a word', 'main', '1'],
    ['something endless', '1'.repeat(300), '1'],
  ])('cannot tell with %s', (_, one, two) => {
    expect(compareBuilds(BY_LABEL, labelled('a', one), labelled('b', two))).toBeUndefined();
  });

  it('orders creation times that are more than a minute apart', () => {
    const compare = (one: string, two: string) =>
      compareBuilds(BY_CREATED, labelled('a', one), labelled('b', two));
    expect(compare('2026-11-22T10:00:00Z', '2026-11-22T10:01:01Z')).toBeLessThan(0);
    expect(compare('2026-11-22T12:30:00+02:00', '2026-11-22T10:00:00Z')).toBeGreaterThan(0);
    expect(compare('2026-11-22T10:00:00Z', '2026-11-22T10:01:00Z')).toBeUndefined();
    expect(compare('1970-01-01T00:00:00Z', '2026-11-22T10:00:00Z')).toBeUndefined();
    expect(compare('1990-01-01T00:00:00Z', '2026-11-22T10:00:00Z')).toBeLessThan(0);
    expect(compare('1989-12-31T23:59:59Z', '2026-11-22T10:00:00Z')).toBeUndefined();
    expect(compareBuilds(BY_CREATED, labelled('a'), labelled('b', '2026-11-22T10:00:00Z'))).toBeUndefined();
    expect(compareBuilds(BY_CREATED, labelled('a', '2026-11-22T10:00:00Z'), labelled('b'))).toBeUndefined();
    expect(compare('yesterday', '2026-11-22T10:00:00Z')).toBeUndefined();
  });

  const semver = fc
    .tuple(
      fc.nat(3),
      fc.nat(12),
      fc.nat(3),
      fc.constantFrom('', '-rc.1', '-rc.2', '-rc.10', '-alpha', '-1', '-a-b'),
    )
    .map(([major, minor, patch, rest]) => version(`${major}.${minor}.${patch}${rest}`));
  const number = fc
    .tuple(fc.nat(12), fc.constantFrom('', '0', '00'), fc.constantFrom('a', 'b'))
    .map(([value, zeros, sha]) => run(`${zeros}${value}`, sha));

  it.each([
    ['versions', BY_VERSION, semver],
    ['numbers', BY_RUN, number],
  ] as const)('is a total order of %s', (_, rule, build) => {
    fc.assert(
      fc.property(build, build, build, (a, b, c) => {
        const [ab, ba, bc, ac] = [
          compareBuilds(rule, a, b)!,
          compareBuilds(rule, b, a)!,
          compareBuilds(rule, b, c)!,
          compareBuilds(rule, a, c)!,
        ];
        expect(Math.sign(ab) + Math.sign(ba)).toBe(0);
        expect(ab === 0).toBe(JSON.stringify(a.captures) === JSON.stringify(b.captures));
        if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
