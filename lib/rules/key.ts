import { captureValue, groupCaptures, templateCaptures } from './captures.ts';
import type { Rule } from './rule.ts';
import type { Captures } from './template.ts';

/**
 * The names of the captures that stand as they are in every target of the rule, and so can be read from any
 * target's tag too. A derived one (`version.major`) counts as a capture of its own.
 */
export function keyCaptures(rule: Pick<Rule, 'targets'>): readonly string[] {
  const [first, ...others] = rule.targets.map(templateCaptures);
  return (first ?? []).filter(name => others.every(names => names.includes(name)));
}

/**
 * What is worked on alone, as canonical JSON: registry, repository, rule and the values of its key captures. The
 * same from a member's captures as from a target's, and from two groups that share a target.
 */
export function keyOf(registry: string, repository: string, rule: Rule, captures: Captures): string {
  const values = keyCaptures(rule).map(name => [name, captureValue(captures, name) ?? null]);
  return JSON.stringify([registry, repository, rule.name, Object.fromEntries(values)]);
}

/** The captures that tell apart the builds that share a key, in the members' order; empty where a key has one. */
export function buildCaptures(rule: Rule, captures: Captures): Captures {
  return Object.fromEntries(
    buildCaptureNames(rule).flatMap(name => {
      const value = captureValue(captures, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export function buildCaptureNames(rule: Rule): readonly string[] {
  const key = keyCaptures(rule);
  return groupCaptures(rule).filter(name => !key.includes(name));
}

/** What people call the build, in `pin` too: the values that are not empty, joined by `-`. */
export function buildName(rule: Rule, captures: Captures): string {
  return Object.values(buildCaptures(rule, captures))
    .filter(value => value !== '')
    .join('-');
}
