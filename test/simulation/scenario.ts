import { parsePlatform } from '../../lib/image/platform.ts';
import { RULE_DEFAULTS } from '../../lib/rules/built-in.ts';
import { parseTemplate, withTypes } from '../../lib/rules/parse-template.ts';
import type { Rule } from '../../lib/rules/rule.ts';

export const REGISTRY = 'registry.test';
export const REPOSITORY = 'app';

/** A target, and the groups that it can hold, the newest last. `shared`: its tag does not tell the group. */
export interface TargetPlan {
  readonly groups: readonly string[];
  readonly shared: boolean;
}

/**
 * One rule and the tags that it is tried with, described twice: as the rule that the code reads, and in plain words
 * that the oracle reads.
 */
export interface Scenario {
  readonly name: string;
  /** The oldest first, where builds have an order. */
  readonly groups: readonly string[];
  readonly targets: ReadonlyMap<string, TargetPlan>;
  /** Whether images carry the label that tells their build. */
  readonly labelled: boolean;
  /** Whether images carry a number that orders their builds. */
  readonly numbered: boolean;
  readonly optional: boolean;
  readonly adopt: boolean;
  /** The group that each shared target has to hold. */
  readonly pin?: string;
  readonly partial: 'publish' | 'hold';
  readonly rule: Rule;
}

/** The architectures that the rule asks for, and how tags spell them; written down apart from lib/image. */
export const REQUIRED: readonly string[] = ['amd64', 'arm64'];
export const OPTIONAL = 'arm';
export const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  amd64: ['amd64', 'x86_64'],
  arm64: ['arm64', 'aarch64'],
  arm: ['armv7'],
};
export const NUMBER_LABEL = 'org.example.number';

interface Shape {
  readonly members: string;
  readonly targets: readonly string[];
  readonly newest: Rule['newest'];
  readonly plan: (groups: readonly string[]) => Readonly<Record<string, TargetPlan>>;
}

const each = (groups: readonly string[]) =>
  Object.fromEntries(groups.map(group => [group, { groups: [group], shared: false }]));
const latest = (groups: readonly string[]) => ({ latest: { groups, shared: true } });

const SHAPES = {
  moving: {
    members: '{version}-{arch}',
    targets: ['{version}'],
    newest: { by: 'nothing' },
    plan: each,
  },
  latest: {
    members: '{run:int}-{arch}',
    targets: ['latest'],
    newest: { by: 'captures', captures: ['run'] },
    plan: latest,
  },
  both: {
    members: '{run:int}-{arch}',
    targets: ['{run}', 'latest'],
    newest: { by: 'captures', captures: ['run'] },
    plan: groups => ({ ...each(groups), ...latest(groups) }),
  },
  numbered: {
    members: '{commit}-{arch}',
    targets: ['latest'],
    newest: { by: 'label', label: NUMBER_LABEL },
    plan: latest,
  },
  versions: {
    members: '{version:semver}-{arch}',
    targets: ['{version}', '{version.major}', 'latest'],
    newest: { by: 'captures', captures: ['version'] },
    plan: groups => ({
      ...each(groups),
      '1': { groups: groups.filter(group => /^1[^-]*$/.test(group)), shared: true },
      ...latest(groups.filter(group => !group.includes('-'))),
    }),
  },
} satisfies Record<string, Shape>;

interface Told extends Partial<Omit<Scenario, 'targets' | 'rule'>> {
  readonly name: string;
  readonly shape: keyof typeof SHAPES;
  readonly groups: readonly string[];
}

export function scenario({ shape, ...told }: Told): Scenario {
  const { plan } = SHAPES[shape] as Shape;
  const described = {
    labelled: true,
    numbered: shape === 'numbered',
    optional: false,
    adopt: false,
    partial: 'publish' as const,
    ...told,
    targets: new Map(Object.entries(plan(told.groups))),
  };
  return { ...described, rule: ruleOf(SHAPES[shape], described) };
}

const RUNS = ['9', '10', '11'];
const VERSIONS = ['1.9.0', '1.10.0', '2.0.0-rc.1'];

export const SCENARIOS: readonly Scenario[] = [
  scenario({ name: 'a tag that moves', shape: 'moving', groups: ['main'] }),
  scenario({ name: 'tags that move, optional', shape: 'moving', groups: ['main', 'dev'], optional: true }),
  scenario({ name: 'a tag that moves, no labels', shape: 'moving', groups: ['main'], labelled: false }),
  scenario({
    name: 'a tag that moves, no labels, partial: hold',
    shape: 'moving',
    groups: ['main'],
    labelled: false,
    partial: 'hold',
  }),
  scenario({ name: 'latest', shape: 'latest', groups: RUNS }),
  scenario({ name: 'latest, optional platform', shape: 'latest', groups: RUNS, optional: true }),
  scenario({ name: 'latest, no labels', shape: 'latest', groups: RUNS, labelled: false, partial: 'hold' }),
  scenario({ name: 'latest, adopted', shape: 'latest', groups: RUNS, adopt: true }),
  scenario({ name: 'latest by a label', shape: 'numbered', groups: ['c3', 'a1', 'b2'] }),
  scenario({ name: 'each run and latest', shape: 'both', groups: RUNS }),
  scenario({ name: 'each run and latest, optional', shape: 'both', groups: RUNS.slice(1), optional: true }),
  scenario({ name: 'each run and latest, pinned', shape: 'both', groups: RUNS, pin: '10' }),
  scenario({ name: 'versions, floating tags', shape: 'versions', groups: VERSIONS }),
];

export function targetsOf({ targets }: Scenario): readonly string[] {
  return [...targets.keys()];
}

export function isShared({ targets }: Scenario, target: string): boolean {
  return targets.get(target)?.shared === true;
}

/** The groups that a target can hold, the newest last. */
export function groupsOf({ targets }: Scenario, target: string): readonly string[] {
  return targets.get(target)?.groups ?? [];
}

export function isPinned(scenario: Scenario, target: string): boolean {
  return scenario.pin !== undefined && isShared(scenario, target);
}

/** How old what a target holds is; NaN where captures tell no group. The one group of a tag has one order. */
export function orderOf(
  scenario: Scenario,
  target: string,
  captures: Readonly<Record<string, string>> | undefined,
): number {
  if (!isShared(scenario, target)) return 0;
  const order = scenario.groups.indexOf(Object.values(captures ?? {}).join('-'));
  return order < 0 ? Number.NaN : order;
}

/** All tags under which a group's image of an architecture may be. */
export function memberTags(group: string, architecture: string): readonly string[] {
  return SPELLINGS[architecture]!.map(spelling => `${group}-${spelling}`);
}

function ruleOf(shape: Shape, told: Omit<Scenario, 'rule'>): Rule {
  const { optional, adopt, pin, partial } = told;
  const members = parseTemplate(shape.members);
  const { target: _, ...defaults } = RULE_DEFAULTS;
  return {
    ...defaults,
    name: 'simulated',
    line: 1,
    repositories: [{ registry: REGISTRY, pattern: '*', exclude: false }],
    members,
    targets: shape.targets.map(text => withTypes(parseTemplate(text, { target: true }), members)),
    platforms: REQUIRED.map(platform => parsePlatform(`linux/${platform}`)!),
    optional: optional ? [parsePlatform('linux/arm/v7')!] : [],
    exclude: [],
    newest: shape.newest,
    annotations: {},
    adopt,
    partial,
    backfill: true,
    pin: pin === undefined ? {} : { latest: pin },
  };
}
