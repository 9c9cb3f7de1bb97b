import { parsePlatform } from '../../lib/image/platform.ts';
import { RULE_DEFAULTS } from '../../lib/rules/built-in.ts';
import { parseTemplate, withTypes } from '../../lib/rules/parse-template.ts';
import type { Rule } from '../../lib/rules/rule.ts';

export const REGISTRY = 'registry.test';
export const REPOSITORY = 'app';

/**
 * One rule and the tags that it is tried with, described twice: as the rule that the code reads, and in plain words
 * that the oracle reads. `moving`: `{version}-{arch}` to `{version}`, whose tags move. `latest`: `{run:int}-{arch}`
 * to `latest`, which all runs share. `both`: to `{run}` and `latest`.
 */
export interface Scenario {
  readonly name: string;
  readonly shape: 'moving' | 'latest' | 'both';
  readonly groups: readonly string[];
  /** Whether images carry the label that tells their build. */
  readonly labelled: boolean;
  readonly optional: boolean;
  readonly adopt: boolean;
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

type Told = Pick<Scenario, 'name' | 'shape' | 'groups'> & Partial<Scenario>;

export function scenario(told: Told): Scenario {
  const described = { labelled: true, optional: false, adopt: false, partial: 'publish' as const, ...told };
  return { ...described, rule: ruleOf(described) };
}

export const SCENARIOS: readonly Scenario[] = [
  scenario({ name: 'a tag that moves', shape: 'moving', groups: ['main'] }),
  scenario({
    name: 'tags that move, optional platform',
    shape: 'moving',
    groups: ['main', 'dev'],
    optional: true,
  }),
  scenario({ name: 'a tag that moves, no labels', shape: 'moving', groups: ['main'], labelled: false }),
  scenario({
    name: 'a tag that moves, no labels, partial: hold',
    shape: 'moving',
    groups: ['main'],
    labelled: false,
    partial: 'hold',
  }),
  scenario({ name: 'latest', shape: 'latest', groups: ['9', '10', '11'] }),
  scenario({ name: 'latest, optional platform', shape: 'latest', groups: ['9', '10', '11'], optional: true }),
  scenario({
    name: 'latest, no labels',
    shape: 'latest',
    groups: ['9', '10'],
    labelled: false,
    partial: 'hold',
  }),
  scenario({ name: 'latest, adopted', shape: 'latest', groups: ['9', '10'], adopt: true }),
  scenario({ name: 'each run and latest', shape: 'both', groups: ['9', '10', '11'] }),
  scenario({
    name: 'each run and latest, optional platform',
    shape: 'both',
    groups: ['9', '10'],
    optional: true,
  }),
  scenario({ name: 'each run and latest, pinned', shape: 'both', groups: ['9', '10', '11'], pin: '10' }),
];

/** All targets of a scenario. */
export function targetsOf({ shape, groups }: Scenario): readonly string[] {
  return shape === 'moving' ? groups : shape === 'latest' ? ['latest'] : [...groups, 'latest'];
}

/** The groups that a target can hold, the newest last. */
export function groupsOf({ groups }: Scenario, target: string): readonly string[] {
  return target === 'latest' ? groups : [target];
}

/** All tags under which a group's image of an architecture may be. */
export function memberTags(group: string, architecture: string): readonly string[] {
  return SPELLINGS[architecture]!.map(spelling => `${group}-${spelling}`);
}

function ruleOf({ shape, optional, adopt, pin, partial }: Omit<Scenario, 'rule'>): Rule {
  const members = parseTemplate(shape === 'moving' ? '{version}-{arch}' : '{run:int}-{arch}');
  const texts = { moving: ['{version}'], latest: ['latest'], both: ['{run}', 'latest'] }[shape];
  const { target: _, ...defaults } = RULE_DEFAULTS;
  return {
    ...defaults,
    name: 'simulated',
    line: 1,
    repositories: [{ registry: REGISTRY, pattern: '*', exclude: false }],
    members,
    targets: texts.map(text => withTypes(parseTemplate(text, { target: true }), members)),
    platforms: REQUIRED.map(platform => parsePlatform(`linux/${platform}`)!),
    optional: optional ? [parsePlatform('linux/arm/v7')!] : [],
    exclude: [],
    newest: shape === 'moving' ? { by: 'nothing' } : { by: 'captures', captures: ['run'] },
    annotations: {},
    adopt,
    partial,
    backfill: true,
    pin: pin === undefined ? {} : { latest: pin },
  };
}
