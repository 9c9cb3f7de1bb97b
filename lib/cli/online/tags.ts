import { targetsConcerned } from '../../rules/concern.ts';
import { rulesFor } from '../../rules/group.ts';
import type { OnlineCheck } from './online-check.ts';

/** A target by which a repository without tags is asked. */
const ANY = 'latest';

/** Whether targets can be moved: those of a repository with fixed tags are written once. */
export const tags: OnlineCheck = async ({
  registry,
  repositories,
  rules,
  host,
  tags: listed,
  invocation,
}) => {
  const check = 'tags';
  if (registry.immutableTags === undefined)
    return { check, verdict: 'skip', message: 'this registry does not say which tags can be moved' };
  const fixed: string[] = [];
  for (const repository of repositories) {
    const targets = rulesFor(rules, host, repository).flatMap(rule =>
      (listed.get(repository) ?? []).flatMap(({ tag }) => targetsConcerned(rule, tag)),
    );
    const asked = targets.length === 0 ? [ANY] : [...new Set(targets)];
    const immutable = await registry.immutableTags(repository, asked, { signal: invocation.signal });
    if (immutable.size > 0) fixed.push(repository);
  }
  const mutable = repositories.length - fixed.length;
  const written = fixed.length === 1 ? 'its targets are written once' : 'their targets are written once';
  const parts = [
    ...(mutable > 0 ? [`mutable (${mutable})`] : []),
    ...(fixed.length > 0 ? [`immutable (${fixed.length}: ${fixed.join(', ')}): ${written}`] : []),
  ];
  if (parts.length === 0) return { check, verdict: 'skip', message: 'there is no repository' };
  return { check, verdict: 'ok', message: parts.join(', ') };
};
