import { captureValue, groupCaptures, templateCaptures } from './captures.ts';
import { matchTemplate, renderTemplate } from './match-template.ts';
import { isExcluded } from './members.ts';
import type { Rule } from './rule.ts';
import type { Captures, Template } from './template.ts';
import { parseSemver } from './version.ts';

/** A tag that a group's index is written to. */
export interface Target {
  readonly tag: string;
  /** Its place in `rule.targets`. */
  readonly template: number;
  /** Whether several groups (builds) have this one target, because its template drops a capture. */
  readonly shared: boolean;
}

/** What a target's tag tells about the groups that are written there. */
export interface TargetReading {
  readonly template: number;
  /** What stands in the tag; a derived part as `version.major`. */
  readonly captures: Captures;
  readonly shared: boolean;
}

/**
 * The tags that this group's index is written to, in the rule's order.
 *
 * Left out are tags that are none (too long), that the rule excludes or reads as a member of its own, and those
 * that `targetOf` would read as another group's, so that both functions always agree. A semver pre-release goes
 * to the targets that keep its whole version, and to no floating one.
 */
export function targetsOf(rule: Rule, captures: Captures): readonly Target[] {
  return rule.targets.flatMap((template, index) => {
    if (!mayHold(rule, template, captures)) return [];
    const tag = renderTemplate(template, captures);
    const read = tag === undefined ? undefined : targetOf(rule, tag)[0];
    if (tag === undefined || read?.template !== index) return [];
    const same = Object.entries(read.captures).every(
      ([name, value]) => captureValue(captures, name) === value,
    );
    return same ? [{ tag, template: index, shared: read.shared }] : [];
  });
}

/**
 * The target template that yields this tag, with what can be read back of the groups it belongs to; none or one,
 * because of two templates that fit, the one with more literal text has the tag (`latest` before `{version}`).
 * A tag that reads as a member of the rule is no target of it, whether or not the rule has that architecture.
 */
export function targetOf(rule: Rule, tag: string): readonly TargetReading[] {
  if (isExcluded(rule, tag) || matchTemplate(rule.members, tag) !== undefined) return [];
  let best: TargetReading | undefined;
  rule.targets.forEach((template, index) => {
    if (best && literalLength(template) <= literalLength(rule.targets[best.template]!)) return;
    const captures = matchTemplate(template, tag);
    if (captures) best = { template: index, captures, shared: isShared(rule, template) };
  });
  return best ? [best] : [];
}

/** Whether several groups of the rule have one tag of this template. */
export function isShared(rule: Pick<Rule, 'members'>, template: Template): boolean {
  const kept = templateCaptures(template);
  return groupCaptures(rule).some(name => !kept.includes(name));
}

/** How many characters of a target are fixed; what decides between two templates that yield one tag. */
export function literalLength(template: Template): number {
  return template.parts.reduce((sum, part) => sum + (part.kind === 'literal' ? part.text.length : 0), 0);
}

function mayHold(rule: Rule, template: Template, captures: Captures): boolean {
  const kept = templateCaptures(template);
  return rule.members.parts.every(part => {
    if (part.kind !== 'capture' || part.type !== 'semver' || kept.includes(part.name)) return true;
    return parseSemver(captureValue(captures, part.name) ?? '')?.prerelease.length === 0;
  });
}
