import { duration } from '../../assembly/reasons.ts';
import { targetsConcerned } from '../../rules/concern.ts';
import { memberOf, rulesFor } from '../../rules/group.ts';
import type { OnlineCheck, OnlineSubject } from './online-check.ts';

/** A push that is younger may still be on its way. */
const PATIENCE = 10 * 60_000;

/**
 * Whether pushes were heard of. Nobody keeps a list of events, but the ledger has every target that was ever looked at:
 * a member that was pushed a while ago and led to no look was not heard of.
 */
export const events: OnlineCheck = async subject => {
  const check = 'events';
  const { found, missing } = subject.ledger;
  if (found === undefined)
    return { check, verdict: 'skip', message: `nobody to ask: history ${missing ?? 'is not kept here'}` };
  const known = new Map<string, string>();
  for (const repository of subject.repositories)
    for (const { target, since } of await found.standings({ registry: subject.host, repository }))
      known.set(`${repository}:${target.tag}`, since);
  const unheard = membersOf(subject).filter(({ target }) => !known.has(target));
  const [first] = unheard;
  if (first !== undefined) {
    const pushed = first.age === undefined ? 'is there' : `was pushed ${duration(first.age)} ago`;
    const others = unheard.length === 1 ? '' : ` and ${unheard.length - 1} more`;
    return {
      check,
      verdict: 'WRONG',
      message: `${first.member} ${pushed}, and nobody has looked at ${first.target}${others}`,
      next: 'does archweave run, and do events reach it? docs/aws.md#no-events, docs/first-index.md',
    };
  }
  const last = [...known.values()].toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  if (last === undefined)
    return { check, verdict: 'skip', message: 'no push that a rule wants was there yet' };
  const ago = duration(subject.invocation.now() - Date.parse(last));
  return {
    check,
    verdict: 'ok',
    message: `every push was looked at; the last change of an index ${ago} ago`,
  };
};

function membersOf({ repositories, rules, host, tags, invocation }: OnlineSubject) {
  const now = invocation.now();
  return repositories.flatMap(repository =>
    rulesFor(rules, host, repository).flatMap(rule =>
      (tags.get(repository) ?? []).flatMap(({ tag, pushedAt }) => {
        const age = pushedAt === undefined ? undefined : now - Date.parse(pushedAt);
        // Of what lies past the horizon nobody looks for itself.
        const counts = age === undefined || (age > PATIENCE && age < rule.horizon);
        if (!counts || memberOf(rule, tag) === undefined) return [];
        return targetsConcerned(rule, tag).map(target => ({
          member: `${repository}:${tag}`,
          target: `${repository}:${target}`,
          age,
        }));
      }),
    ),
  );
}
