import { isLoopback } from '../../image/reference.ts';
import { RULE_DEFAULTS } from '../built-in.ts';
import { parseDuration } from '../duration.ts';
import { parseTemplate, withTypes } from '../parse-template.ts';
import type { BuildOrder, RepositoryPattern, Rule } from '../rule.ts';
import type { Template } from '../template.ts';
import {
  droppedBy,
  isTargetTag,
  refuseMembers,
  refuseSameTargets,
  refuseTarget,
  refuseUnordered,
} from './check-rule.ts';
import { splitRepository } from './check-text.ts';
import { quoted, type Refusal } from './finding.ts';
import { hostNamed, type KnownRegistries } from './place.ts';
import { readObject } from './read-object.ts';
import type { Report } from './report.ts';
import { readPlatforms, type ValueOf, warnOfPlatforms } from './rule-platforms.ts';
import { type IndexInput, indexSchema } from './schema.ts';
import type { Secrets } from './secrets.ts';
import { at, type Mapping, type Tree } from './yaml-tree.ts';

export interface RuleContext extends KnownRegistries {
  readonly report: Report;
  readonly secrets: Secrets;
  readonly mode: 'publish' | 'report';
}

/** A rule, and where it stands; `named` is false where the name is only its repositories' pattern. */
export interface ReadRule {
  readonly rule: Rule;
  readonly named: boolean;
  readonly tree: Mapping;
  readonly report: Report;
  /** Where target number `index` stands in the file. */
  targetPlace(index: number): Tree | undefined;
}

/**
 * Reads one entry of `indexes`. What is wrong goes to the report; the rule comes out all the same where enough of
 * it is right to be compared with the others, with defaults where a key was wrong.
 */
export function readIndexRule(tree: Tree, context: RuleContext): ReadRule | undefined {
  const { report } = context;
  const input = readObject(indexSchema, tree, { noun: 'an index rule', ...context });
  if (!input || tree.kind !== 'map') return undefined;
  const value = (key: string): Tree | undefined => tree.entries.get(key)?.value;
  const repositories = readRepositories(input, value('repositories'), context);
  const templates = readTemplates(input, tree, report);
  const platforms = readPlatforms(input, value, report);
  if (!templates) return undefined;
  const { members, targets } = templates;
  const rule: Rule = {
    ...chosen(input, context, repositories),
    name: input.name ?? input.repositories?.find(one => !one.startsWith('!')) ?? 'index rule',
    line: report.lineOf(tree.range),
    file: report.file,
    repositories,
    members,
    targets,
    ...platforms,
    newest: orderOf(input, members, targets),
  };
  checkTogether(rule, input, value, report);
  const targetPlace = (index: number): Tree | undefined => {
    const place = value('target');
    return place && at(place, [index]);
  };
  return { rule, named: input.name !== undefined, tree, report, targetPlace };
}

function readRepositories(
  input: Partial<IndexInput>,
  tree: Tree | undefined,
  context: RuleContext,
): readonly RepositoryPattern[] {
  if (!tree) return [];
  const { report } = context;
  const patterns = (input.repositories ?? []).flatMap((written, index) => {
    const { exclude, registry, pattern = '', prefix } = splitRepository(written);
    const named = hostNamed(registry, context);
    if (named === undefined) return [];
    if ('host' in named) return [{ registry: named.host, pattern, exclude }];
    const narrowed = prefix ? { offset: 1, length: registry.length } : {};
    report.addAt(at(tree, [index]), { ...named.refusal, ...narrowed });
    return [];
  });
  if (patterns.length > 0 && patterns.every(pattern => pattern.exclude)) {
    report.add(tree.range, {
      code: 'bad-repository',
      message: 'these patterns only take away',
      next: '[prod/team/*, "!prod/team/base"]',
    });
  }
  return patterns;
}

function readTemplates(
  input: Partial<IndexInput>,
  tree: Mapping,
  report: Report,
): { members: Template; targets: readonly Template[] } | undefined {
  const membersTree = tree.entries.get('members')?.value;
  const targetTree = tree.entries.get('target')?.value;
  if ((membersTree && input.members === undefined) || (targetTree && input.target === undefined))
    return undefined;
  const members = parseTemplate(input.members ?? RULE_DEFAULTS.members);
  const wrong = refuseMembers(members);
  if (wrong) {
    report.addAt(membersTree ?? tree, wrong);
    return undefined;
  }
  const parsed = [input.target ?? RULE_DEFAULTS.target]
    .flat()
    .map(text => parseTemplate(text, { target: true }));
  const placeOf = (index: number): Tree => (targetTree ? at(targetTree, [index]) : (membersTree ?? tree));
  let right = true;
  const add = (index: number, refusal: Refusal | undefined): void => {
    if (!refusal) return;
    right = false;
    if (targetTree) report.addAt(placeOf(index), refusal);
    else report.add(placeOf(index).range, refusal);
  };
  parsed.forEach((target, index) => {
    add(index, refuseTarget(members, target));
  });
  const targets = parsed.map(target => withTypes(target, members));
  if (!right) return undefined;
  targets.forEach((target, index) => {
    add(
      index,
      refuseSameTargets(targets, index) ??
        (input.newest || tree.entries.has('newest') ? undefined : refuseUnordered(members, target)),
    );
  });
  return { members, targets };
}

function chosen(
  input: Partial<IndexInput>,
  { mode }: RuleContext,
  repositories: readonly RepositoryPattern[],
) {
  const milliseconds = (text: string | undefined, standard: number): number =>
    text === undefined ? standard : parseDuration(text)!;
  return {
    exclude: input.exclude ?? [],
    sameBuild: sameBuildOf(input.sameBuild),
    settle: milliseconds(input.settle, RULE_DEFAULTS.settle),
    partial: input.partial ?? RULE_DEFAULTS.partial,
    grace: milliseconds(input.grace, RULE_DEFAULTS.grace),
    overdue: input.overdue === 'never' ? null : milliseconds(input.overdue, RULE_DEFAULTS.overdue),
    horizon: milliseconds(input.horizon, RULE_DEFAULTS.horizon),
    format: input.format ?? RULE_DEFAULTS.format,
    attestations: input.attestations ?? RULE_DEFAULTS.attestations,
    annotations: input.annotations ?? {},
    mode: input.mode ?? mode,
    adopt: input.adopt ?? RULE_DEFAULTS.adopt,
    // Whoever tries it on a laptop expects the tags that are there already to be joined.
    backfill:
      input.backfill ?? (repositories.length > 0 && repositories.every(one => isLoopback(one.registry))),
    pin: input.pin ?? {},
  };
}

function sameBuildOf(written: IndexInput['sameBuild']): Rule['sameBuild'] {
  const { labels } = RULE_DEFAULTS.sameBuild;
  if (written === undefined) return { labels, mode: 'strict' };
  if (written === false) return { labels: [], mode: 'off' };
  if (written === 'lenient') return { labels, mode: 'lenient' };
  if (typeof written === 'string' || Array.isArray(written))
    return { labels: [written].flat(), mode: 'strict' };
  return { labels: [written.label].flat(), mode: written.required === false ? 'lenient' : 'strict' };
}

function orderOf(input: Partial<IndexInput>, members: Template, targets: readonly Template[]): BuildOrder {
  const dropped = new Set(targets.flatMap(target => droppedBy(members, target)));
  if (dropped.size === 0) return { by: 'nothing' };
  if (input.newest === 'created') return { by: 'created' };
  if (input.newest !== undefined) return { by: 'label', label: input.newest.slice('label:'.length) };
  const captures = members.parts.flatMap(part =>
    part.kind === 'capture' && part.type !== 'text' && dropped.has(part.name) ? [part.name] : [],
  );
  return { by: 'captures', captures };
}

/** What can only be seen with the whole rule at hand. */
function checkTogether(rule: Rule, input: Partial<IndexInput>, value: ValueOf, report: Report): void {
  const format = value('format');
  const shared = rule.targets.find(target => droppedBy(rule.members, target).length > 0);
  if (input.format === 'docker' && shared && format) {
    report.add(format.range, {
      code: 'format',
      message: `${quoted(shared.text)} is shared by several builds, and only an OCI index can say which one it holds`,
      next: 'format: auto',
    });
  }
  const pin = value('pin');
  for (const tag of Object.keys(rule.pin)) {
    if (pin?.kind !== 'map' || isTargetTag(rule.targets, tag)) continue;
    report.add(pin.entries.get(tag)!.keyRange, {
      code: 'bad-pin',
      message: `${quoted(tag)} is no target of this rule`,
    });
  }
  warnOfPlatforms(rule, value, report);
}
