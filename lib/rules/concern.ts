import { memberOf } from './members.ts';
import type { Rule } from './rule.ts';
import { targetOf, targetsOf } from './targets.ts';

/** Whether a tag means anything to a rule: as a member, or as a target. */
export function concerns(rule: Rule, tag: string): boolean {
  return memberOf(rule, tag) !== undefined || targetOf(rule, tag).length > 0;
}

/** The targets that a member's tag may change, or the tag itself where it is one. */
export function targetsConcerned(rule: Rule, tag: string): readonly string[] {
  const member = memberOf(rule, tag);
  if (member !== undefined) return targetsOf(rule, member.captures).map(target => target.tag);
  return targetOf(rule, tag).length > 0 ? [tag] : [];
}
