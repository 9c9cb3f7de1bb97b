import { ConfigCache } from '../assembly/config-cache.ts';
import type { Sights } from '../assembly/world.ts';
import { type GatheredRegistry, gatherReads } from '../registry/gather-reads.ts';
import { readTags } from '../registry/read-tags.ts';
import { concerns, targetsConcerned } from '../rules/concern.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import { lookAtTarget } from './look-at-target.ts';
import { type Planned, plannedOf } from './planned.ts';

/** A registry that is planned for. */
export interface PlanSubject {
  /** The registry's host, as rules name it. */
  readonly host: string;
  readonly registry: GatheredRegistry;
  readonly rules: readonly Rule[];
  readonly ledger: Sights['ledger'];
  readonly restore: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface RepositoryPlan {
  readonly repository: string;
  readonly tags: number;
  /** Tags that are no member and no index of any rule. */
  readonly unruled: number;
  readonly planned: readonly Planned[];
}

/** Targets that are looked at together: some hundred tags, which is one call of a registry that answers many at once. */
const TOGETHER = 40;

/**
 * What would be done about each target of a repository. Its tags are listed once; manifests are read many at a time.
 * Reads only.
 */
export async function planRepository(
  { host, registry, rules, ledger, restore, now, signal }: PlanSubject,
  repository: string,
): Promise<RepositoryPlan> {
  const concerned = rulesFor(rules, host, repository);
  const tags = await readTags(registry, repository, () => true, signal);
  const view = gatherReads(registry, repository, tags, { signal });
  const sights = { registry: view, ledger, rules, configs: new ConfigCache(), clock: { now }, signal };
  const targets = concerned.flatMap(rule => {
    const found = new Set([...tags.keys()].flatMap(tag => targetsConcerned(rule, tag)));
    return [...found].toSorted().map(tag => ({ place: { registry: host, repository, rule }, tag }));
  });
  const planned: Planned[] = [];
  for (let start = 0; start < targets.length; start += TOGETHER) {
    const looks = targets
      .slice(start, start + TOGETHER)
      .map(({ place, tag }) => lookAtTarget(sights, place, tag, { named: false, restore }));
    for (const { verdict, restores } of await Promise.all(looks))
      planned.push(plannedOf(verdict, now(), restores));
  }
  const isNobodys = ({ group }: Planned) => group.reasons[0]?.code === 'no-rule';
  const unruled = [...tags.keys()].filter(tag => !concerned.some(rule => concerns(rule, tag))).length;
  const kept = planned.filter(one => !isNobodys(one));
  return {
    repository,
    tags: tags.size,
    unruled: unruled + nobodys(planned.filter(isNobodys), kept),
    planned: kept,
  };
}

/** Plain tags that a target's template fits, but that no member was ever there for. */
function nobodys(planned: readonly Planned[], kept: readonly Planned[]): number {
  const others = new Set(kept.map(({ tag }) => tag));
  return new Set(planned.map(({ tag }) => tag).filter(tag => !others.has(tag))).size;
}
