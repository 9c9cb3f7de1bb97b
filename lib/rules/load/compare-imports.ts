import { type CircleStep, importCircles } from '../import-circles.ts';
import { type Flow, flowOfImport, flowOfRule, tagsMeet } from '../import-graph.ts';
import type { ImportRule } from '../import-rule.ts';
import { REPOSITORY } from '../import-scope.ts';
import { registryKind } from '../registry-identity.ts';
import type { Rule } from '../rule.ts';
import { quoted } from './finding.ts';
import type { ReadImport } from './imports.ts';
import type { ReadRule } from './index-rule.ts';
import type { RegistryConfig } from './registries.ts';
import type { Report } from './report.ts';
import { beginning } from './yaml-tree.ts';

/** What a file with imports is compared with: its own registries, for their names, and its rules. */
export interface Beside {
  readonly rules: readonly ReadRule[];
  readonly registries: readonly RegistryConfig[];
}

/** Reports what is wrong with imports next to each other and to the index rules. */
export function compareImports(imports: readonly ReadImport[], { rules, registries }: Beside): void {
  const name = (host: string): string => registries.find(one => one.host === host)?.name ?? host;
  const tooMany = imports[MOST_IMPORTS];
  if (tooMany) {
    tooMany.report.add(beginning(tooMany.tree), {
      code: 'bad-value',
      message: `more than ${MOST_IMPORTS} imports are not compared, so that circles could not be told`,
      next: 'join some of them with *',
    });
    return;
  }
  if (imports.length === 0) return;
  const ruleFlows = rules.map(({ rule }) => flowOfRule(rule));
  listCircles(imports, rules, name);
  listWriters(imports, rules, ruleFlows, name);
  for (const one of imports) {
    listReplication(one);
    warnOfSilence(one, ruleFlows, name);
  }
}

/** Comparing them takes a time that goes with their square. */
const MOST_IMPORTS = 1_000;

type NameOf = (host: string) => string;

function listCircles(imports: readonly ReadImport[], rules: readonly ReadRule[], name: NameOf): void {
  const circles = importCircles(
    imports.map(({ rule }) => rule),
    rules.map(({ rule }) => rule),
  );
  for (const circle of circles) {
    const last = circle.at(-1)!;
    const { tree, report } = imports.find(({ rule }) => rule === last.rule)!;
    report.add(beginning(tree), {
      code: 'import-cycle',
      message: `imports run in a circle: ${wayOf(circle, name).join(' -> ')}`,
      next: 'take one away, or narrow one with tags',
    });
  }
}

/** From source to source until the first one again; a circle of one import has its target in between. */
function wayOf(circle: readonly CircleStep[], name: NameOf): readonly string[] {
  const sources = circle.map(step =>
    step.kind === 'import' ? sourceOf(step.rule, name) : `index rule ${quoted(step.rule.name)}`,
  );
  const [only] = circle;
  const between = circle.length === 1 && only?.kind === 'import' ? [targetOf(only.rule, name)] : [];
  return [...sources, ...between, sources[0]!];
}

function listWriters(
  imports: readonly ReadImport[],
  rules: readonly ReadRule[],
  ruleFlows: readonly Flow[],
  name: NameOf,
): void {
  const flows = imports.map(({ rule }) => flowOfImport(rule));
  imports.forEach(({ rule, tree, report }, index) => {
    const { to } = flows[index]!;
    const place = tree.entries.get('to')!.value.range;
    const writer = rules.find((_, at) => tagsMeet(ruleFlows[at]!.to, to));
    if (writer) {
      report.add(place, {
        code: 'two-writers',
        message: `${targetOf(rule, name)} has tags that the index rule ${called(writer, report)} writes, and this import too`,
        next: 'narrow this import with tags, or copy to another repository',
      });
      return;
    }
    const earlier = imports.find((_, at) => at < index && tagsMeet(flows[at]!.to, to));
    if (!earlier) return;
    report.add(place, {
      code: 'two-writers',
      message: `${targetOf(rule, name)} has tags that two imports write, ${called(earlier, report)} and this one`,
      next: 'narrow one of them with tags, or join them',
    });
  });
}

function listReplication({ rule, tree, report }: ReadImport): void {
  const { from, to, tags, platforms, split, referrers, when } = rule;
  const isEcr = registryKind(from.registry) === 'ecr' && registryKind(to.registry) === 'ecr';
  const isWhole = tags.includes('*') && platforms === 'all' && split === undefined && referrers;
  const isSameName = to.repository === REPOSITORY || to.repository === from.pattern;
  const isItself = from.registry === to.registry;
  if (!isEcr || !isWhole || !isSameName || isItself || when.on === 'manual') return;
  report.add(beginning(tree), {
    code: 'ecr-replication',
    message: 'from ECR to ECR under one name is what ECR replication does, sooner and without a job',
    next: 'a replication rule in ECR; or, if less or another name is wanted: platforms, tags, another to',
  });
}

/** An import that waits for a publication where nothing is published. */
function warnOfSilence({ rule, tree, report }: ReadImport, ruleFlows: readonly Flow[], name: NameOf): void {
  // A registry of this machine may be the one in serve, for which there is a rule without a file.
  if (rule.when.on !== 'published' || registryKind(rule.from.registry) === 'this-machine') return;
  const { from } = flowOfImport(rule);
  if (ruleFlows.some(({ to }) => tagsMeet(to, from))) return;
  report.add(tree.entries.get('when')?.keyRange ?? beginning(tree), {
    severity: 'warning',
    code: 'never-published',
    message: `no index rule publishes to ${sourceOf(rule, name)}, so this import runs by hand only`,
    next: 'when: every 24h, when: pushed, or when: manual',
  });
}

function sourceOf({ from }: ImportRule, name: NameOf): string {
  return `${name(from.registry)}/${from.pattern}`;
}

function targetOf({ from, to }: ImportRule, name: NameOf): string {
  return `${name(to.registry)}/${to.repository.replaceAll(REPOSITORY, from.pattern)}`;
}

function called(
  other: { readonly rule: Pick<Rule, 'name' | 'line'>; readonly report: Report },
  here: Report,
): string {
  const { line, name } = other.rule;
  return `${quoted(name)} (${other.report === here ? `line ${line}` : `${other.report.file}:${line}`})`;
}
