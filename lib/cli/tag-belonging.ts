import { memberOf, targetsOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { ListedTag } from './list-tags.ts';
import { naturalOrder } from './natural-order.ts';

/** A tag, and which index it has to do with. */
export interface Belonging {
  readonly tag: ListedTag;
  readonly role: 'member' | 'target' | null;
  /** The tag of the index, its own for a target. */
  readonly group: string | null;
  /** For people: `(target)`, `1.0`, `1.1, waiting` where the index is not there yet, `-`. */
  readonly belongsTo: string;
}

/**
 * What each of `tags` belongs to by the rules, sorted: groups in natural order, the target before its members.
 * `all` are the tags of the repository; a tag is a target only if one of them is its member.
 */
export function belongings(
  rules: readonly Rule[],
  tags: readonly ListedTag[],
  all: readonly string[],
): readonly Belonging[] {
  const there = new Set(all);
  const targets = new Set(all.flatMap(tag => targetTags(rules, tag)));
  const rows = tags.map((tag): Belonging => {
    const own = targetTags(rules, tag.tag);
    if (own.length > 0) {
      const missing = own.some(target => !there.has(target));
      const belongsTo = `${own.join(' ')}${missing ? ', waiting' : ''}`;
      return { tag, role: 'member', group: own[0]!, belongsTo };
    }
    if (targets.has(tag.tag)) return { tag, role: 'target', group: tag.tag, belongsTo: '(target)' };
    return { tag, role: null, group: null, belongsTo: '-' };
  });
  return rows.toSorted(byGroup);
}

function targetTags(rules: readonly Rule[], tag: string): readonly string[] {
  return rules.flatMap(rule => {
    const member = memberOf(rule, tag);
    return member === undefined ? [] : targetsOf(rule, member.captures).map(target => target.tag);
  });
}

function byGroup(a: Belonging, b: Belonging): number {
  const groups = naturalOrder(a.group ?? a.tag.tag, b.group ?? b.tag.tag);
  if (groups !== 0) return groups;
  const targets = Number(b.role === 'target') - Number(a.role === 'target');
  return targets || naturalOrder(a.tag.tag, b.tag.tag);
}
