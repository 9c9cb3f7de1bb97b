import { matchesGlob } from '../glob.ts';
import { patternsMeet } from '../patterns-meet.ts';
import type { Rule } from '../rule.ts';
import type { Template } from '../template.ts';

/** Where two rules would write to one tag, as far as the file alone can tell. */
export interface Overlap {
  /** Place of the later rule's template in its `targets`. */
  readonly template: number;
  readonly pattern: string;
  readonly registry: string;
}

/**
 * The first target that both rules write to: they have a repository in common, and two templates that make the same
 * tags. `{version}` and `latest` are not told to be the same here; a tag that two rules claim is held when it comes.
 */
export function overlapOf(earlier: Rule, later: Rule): Overlap | undefined {
  const common = commonRepository(earlier, later);
  if (!common) return undefined;
  const shapes = new Set(earlier.targets.map(shapeOf));
  const template = later.targets.findIndex(target => shapes.has(shapeOf(target)));
  return template < 0 ? undefined : { template, ...common };
}

/** A template without the names of its captures; two of one shape make the same tags. */
export function shapeOf(template: Template): string {
  return JSON.stringify(
    template.parts.map(part => {
      if (part.kind === 'literal') return part.text;
      return part.kind === 'derived' ? ['int'] : [part.type, part.optional];
    }),
  );
}

function commonRepository(a: Rule, b: Rule): { pattern: string; registry: string } | undefined {
  for (const right of b.repositories) {
    if (right.exclude) continue;
    for (const left of a.repositories) {
      if (left.exclude || left.registry !== right.registry) continue;
      if (!patternsMeet(left.pattern, right.pattern)) continue;
      const narrower = matchesGlob(left.pattern, right.pattern) ? right.pattern : left.pattern;
      const excluded = [...a.repositories, ...b.repositories].some(
        other => other.exclude && other.registry === right.registry && matchesGlob(other.pattern, narrower),
      );
      if (!excluded) return { pattern: right.pattern, registry: right.registry };
    }
  }
  return undefined;
}
