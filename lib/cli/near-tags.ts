import { spellingsOf } from '../image/architectures.ts';
import type { Platform } from '../image/platform.ts';
import { memberOf, targetsOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Captures } from '../rules/template.ts';

/** What is looked for: a member that is missing, by the tags it may have. */
export interface Wanted {
  readonly rule: Rule;
  readonly captures: Captures;
  readonly platform: Platform;
  readonly lookedFor: readonly string[];
}

/**
 * Tags that are probably meant to be a missing member: the same letters with other separators or in other case, or
 * the group's captures and a name of the platform in another order. Tags that have a place of their own are none.
 */
export function nearTags(wanted: Wanted, tags: readonly string[]): readonly string[] {
  const { rule, lookedFor } = wanted;
  const targets = new Set(tags.flatMap(tag => targetTags(rule, tag)));
  const plain = new Set(lookedFor.map(withoutSeparators));
  return tags.filter(tag => {
    if (memberOf(rule, tag) !== undefined || targets.has(tag)) return false;
    return plain.has(withoutSeparators(tag)) || saysTheSame(wanted, tag);
  });
}

/** How a near tag differs: the separator that the rule has in its place, or nothing that one character tells. */
export function separatorWanted(near: string, lookedFor: readonly string[]): string | undefined {
  const twin = lookedFor.find(
    tag => tag.length === near.length && withoutSeparators(tag) === withoutSeparators(near),
  );
  const place = twin === undefined ? -1 : [...twin].findIndex((character, at) => character !== near[at]);
  const separator = twin?.[place];
  return separator !== undefined && /[._-]/.test(separator) ? separator : undefined;
}

function targetTags(rule: Rule, tag: string): readonly string[] {
  const member = memberOf(rule, tag);
  return member === undefined ? [] : targetsOf(rule, member.captures).map(target => target.tag);
}

function saysTheSame({ captures, platform }: Wanted, tag: string): boolean {
  const lower = tag.toLowerCase();
  const values = Object.values(captures).filter(value => value !== '');
  if (values.length === 0 || !values.every(value => lower.includes(value.toLowerCase()))) return false;
  const rest = values.reduce((text, value) => text.replace(value.toLowerCase(), ' '), lower);
  return spellingsOf(platform).some(spelling => rest.split(/[ ._-]+/).includes(spelling));
}

function withoutSeparators(tag: string): string {
  return tag.toLowerCase().replace(/[._-]/g, '');
}
