import { type Digest, digestOf } from '../image/digest.ts';
import { candidates, targetOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';

/**
 * Stands for everything that the tags of a target and of its members held when they were looked at: as long as it is
 * the same, another look would see the same. Undefined for a target of several builds, whose members are no fixed
 * list of tags.
 */
export function lookMark(
  rule: Rule,
  target: string,
  held: (tag: string) => Digest | undefined,
): string | undefined {
  const [reading] = targetOf(rule, target);
  if (reading === undefined || reading.shared) return undefined;
  const tags = new Set([target, ...candidates(rule, reading.captures).map(({ tag }) => tag)]);
  const seen = [...tags].toSorted().map(tag => [tag, held(tag) ?? null]);
  const present = seen.filter(([, digest]) => digest !== null);
  const text = JSON.stringify([rule.name, present]);
  return digestOf(new TextEncoder().encode(text)).slice('sha256:'.length, 'sha256:'.length + 32);
}
