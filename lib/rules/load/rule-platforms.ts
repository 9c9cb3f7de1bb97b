import { formatPlatform, type Platform, parsePlatform } from '../../image/platform.ts';
import type { Rule } from '../rule.ts';
import { spellings } from '../spellings.ts';
import { refusePlatform } from './check-rule.ts';
import type { Report } from './report.ts';
import type { IndexInput } from './schema.ts';
import { at, type Tree } from './yaml-tree.ts';

/** Where the value of one of the rule's keys stands. */
export type ValueOf = (key: string) => Tree | undefined;

/** The rule's platforms; one that is there twice, in whatever spelling, is reported. */
export function readPlatforms(
  input: Partial<IndexInput>,
  value: ValueOf,
  report: Report,
): Pick<Rule, 'platforms' | 'optional'> {
  const platforms = (input.platforms ?? []).map(text => parsePlatform(text)!);
  const optional = (input.optional ?? []).map(text => parsePlatform(text)!);
  const check = (key: string, list: readonly Platform[], before: readonly Platform[]): void => {
    list.forEach((one, index) => {
      const refusal = refusePlatform(one, [...before, ...list.slice(0, index)], before);
      const tree = value(key);
      if (refusal && tree) report.addAt(at(tree, [index]), refusal);
    });
  };
  check('platforms', platforms, []);
  check('optional', optional, platforms);
  return { platforms, optional };
}

/** Platforms that no tag can name, and those that the tags cannot tell from another one. */
export function warnOfPlatforms(rule: Rule, value: ValueOf, report: Report): void {
  const known = spellings(rule);
  for (const [key, list] of [
    ['platforms', rule.platforms],
    ['optional', rule.optional],
  ] as const) {
    list.forEach((platform, index) => {
      const tree = value(key);
      const own = known.filter(spelling => spelling.platforms.includes(platform));
      if (!tree) return;
      const place = at(tree, [index]);
      if (own.length === 0) {
        report.add(place.range, {
          code: 'bad-platform',
          message: 'no tag that fits members can name this platform',
          next: `"${rule.members.text}{variant?}"`,
        });
      } else if (own.every(spelling => spelling.platforms[0] !== platform)) {
        report.add(place.range, {
          severity: 'warning',
          code: 'same-tags',
          message: `the tags of this platform are those of ${formatPlatform(own[0]!.platforms[0]!)}`,
          next: 'add {os} or {osversion} to members, if they are pushed under tags of their own',
        });
      }
    });
  }
}
