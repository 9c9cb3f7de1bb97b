import { quoted } from './finding.ts';
import type { ReadRule } from './index-rule.ts';
import type { RegistryConfig } from './registries.ts';
import type { Report } from './report.ts';
import { overlapOf } from './two-writers.ts';
import { beginning, type Mapping } from './yaml-tree.ts';

/** What a rule and an import have in common here. */
interface NamedEntry {
  readonly rule: { readonly name: string; readonly line: number };
  readonly named: boolean;
  readonly tree: Mapping;
  readonly report: Report;
}

/**
 * Gives each rule a name of its own, because a key of the work has the rule's name in it. A name that the file
 * gives twice is a mistake; one that comes of the repositories gets a number.
 */
export function uniqueNames<T extends NamedEntry>(rules: readonly T[], noun = 'rule'): readonly T[] {
  const taken = new Map<string, T>();
  for (const one of rules.filter(({ named }) => named)) {
    const before = taken.get(one.rule.name);
    if (before) {
      one.report.add(one.tree.entries.get('name')!.value.range, {
        code: 'name-twice',
        message: `${quoted(one.rule.name)} is the name of another ${noun} too (${placeOf(before, one)})`,
      });
    } else taken.set(one.rule.name, one);
  }
  const counts = new Map<string, number>();
  return rules.map(one => {
    if (one.named) return one;
    let name = one.rule.name;
    let count = counts.get(name) ?? 1;
    while (taken.has(name)) name = `${one.rule.name} (${++count})`;
    counts.set(one.rule.name, count);
    const renamed = { ...one, rule: { ...one.rule, name } };
    taken.set(name, renamed);
    return renamed;
  });
}

/** Reports each rule that writes to a tag which a rule before it writes to. */
export function listTwoWriters(rules: readonly ReadRule[], registries: readonly RegistryConfig[]): void {
  rules.forEach((later, index) => {
    for (const earlier of rules.slice(0, index)) {
      const overlap = overlapOf(earlier.rule, later.rule);
      if (!overlap) continue;
      const registry = registries.find(({ host }) => host === overlap.registry)?.name ?? overlap.registry;
      const target = later.rule.targets[overlap.template]!.text;
      const of = `${quoted(target)} of ${registry}/${overlap.pattern}`;
      later.report.add(later.targetPlace(overlap.template)?.range ?? beginning(later.tree), {
        code: 'two-writers',
        message: `${of} is a target of two rules, ${quoted(earlier.rule.name)} (${placeOf(earlier, later)}) and this one`,
        next: 'narrow one of the repositories, or join the rules',
      });
      break;
    }
  });
}

function placeOf(other: NamedEntry, here: NamedEntry): string {
  return other.report === here.report ? `line ${other.rule.line}` : `${other.report.file}:${other.rule.line}`;
}
