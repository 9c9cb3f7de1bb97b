import type { Push } from '../events/push.ts';
import type { Digest } from '../image/digest.ts';
import { keyCaptures, keyOf, memberOf, rulesFor, targetOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Captures } from '../rules/template.ts';

/** Why somebody looks: for messages and logs, never for the decision. */
export interface Cause {
  readonly source: 'event' | 'first-sweep' | 'sweep' | 'due' | 'cli';
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
}

/**
 * A hint where to look. It carries no truth: what is written follows from what the registry holds when the pass
 * looks. `floor` is what an event said that a tag holds, so that a stale read is noticed.
 */
export type WakeUp = {
  readonly registry: string;
  readonly repository: string;
  readonly rule: string;
  readonly cause: Cause;
  readonly floor?: Floor;
} & (
  | { readonly kind: 'group'; readonly captures: Captures }
  | { readonly kind: 'verify'; readonly target: string; readonly captures: Captures }
);

export interface Floor {
  readonly tag: string;
  readonly digest: Digest;
}

/**
 * The wake-ups that a push or a delete causes; none where no rule wants the tag.
 *
 * A target's own push is one too (`verify`), whoever wrote it: it is the only signal there is when a write lands
 * late, after its sender has gone.
 */
export function wakeUpsOf(push: Push, rules: readonly Rule[]): readonly WakeUp[] {
  const cause: Cause = { source: 'event', id: push.id, time: push.time };
  const { tag } = push;
  if (tag === undefined) return [];
  return rulesFor(rules, push.registry, push.repository).flatMap(rule =>
    wakeUpsForTag(rule, push, tag, cause),
  );
}

function wakeUpsForTag(rule: Rule, push: Push, tag: string, cause: Cause): WakeUp[] {
  const common = { registry: push.registry, repository: push.repository, rule: rule.name, cause };
  const floor =
    push.action === 'push' && push.digest !== undefined ? { floor: { tag, digest: push.digest } } : {};
  const member = memberOf(rule, tag);
  if (member !== undefined) {
    return [{ ...common, kind: 'group', captures: member.captures, ...floor }];
  }
  return verifyWakeUps(rule, push.registry, push.repository, tag, cause).map(wakeUp => ({
    ...wakeUp,
    ...floor,
  }));
}

/** `verify` of one target tag: one for each key that the tag can belong to, which is one for nearly every rule. */
export function verifyWakeUps(
  rule: Rule,
  registry: string,
  repository: string,
  target: string,
  cause: Cause,
): WakeUp[] {
  const byKey = new Map<string, WakeUp>();
  for (const { captures } of targetOf(rule, target)) {
    const kept = Object.fromEntries(keyCaptures(rule).map(name => [name, captures[name] ?? '']));
    const key = keyOf(registry, repository, rule, kept);
    byKey.set(key, { registry, repository, rule: rule.name, cause, kind: 'verify', target, captures: kept });
  }
  return [...byKey.values()];
}

/** What is worked on alone. Undefined where the rule is no longer configured. */
export function keyOfWakeUp(wakeUp: WakeUp, rules: readonly Rule[]): string | undefined {
  const rule = rules.find(({ name }) => name === wakeUp.rule);
  return rule && keyOf(wakeUp.registry, wakeUp.repository, rule, wakeUp.captures);
}
