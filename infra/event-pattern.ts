import type { Rule } from '../lib/rules/rule.ts';
import { spellings } from '../lib/rules/spellings.ts';
import type { Template } from '../lib/rules/template.ts';

/** What a field of an event may be: a text, or something that it begins or ends with, or anything but some. */
export type Match =
  | string
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly 'anything-but': readonly string[] };

/** A pattern of EventBridge for the events of ECR that some rule may want. */
export interface EcrEventPattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail: Readonly<Record<string, readonly Match[]>>;
}

/** EventBridge takes 2,048 characters. */
export const LONGEST_PATTERN = 2_000;

/** Children of an index are pushed without a tag, two for each tagged one where there is provenance. */
const TAGGED: readonly Match[] = [{ 'anything-but': [''] }];

/**
 * Every event that a rule wants, and as few others as fit into a pattern. `receive` looks at each again, so that
 * this only saves invocations: it says less and less of repositories and tags until it is short enough.
 */
export function eventPattern(rules: readonly Rule[]): EcrEventPattern {
  const tags = tagMatches(rules) ?? TAGGED;
  const repositories = repositoryMatches(rules);
  const shorter = shorten(repositories);
  const ways = [
    [tags, repositories],
    [tags, shorter],
    [TAGGED, repositories],
    [TAGGED, shorter],
    [tags, []],
    [TAGGED, []],
  ] as const;
  const patterns = ways.map(([tag, repository]) => patternOf(tag, repository));
  return patterns.find(pattern => JSON.stringify(pattern).length <= LONGEST_PATTERN) ?? patterns.at(-1)!;
}

function patternOf(tags: readonly Match[], repositories: readonly Match[]): EcrEventPattern {
  return {
    source: ['aws.ecr'],
    'detail-type': ['ECR Image Action'],
    detail: {
      'action-type': ['PUSH', 'DELETE'],
      result: ['SUCCESS'],
      'image-tag': tags,
      ...(repositories.length > 0 && { 'repository-name': repositories }),
    },
  };
}

/** What each member's and each target's tag begins or ends with; undefined where some tag may be anything. */
function tagMatches(rules: readonly Rule[]): readonly Match[] | undefined {
  const found: Match[] = [];
  for (const rule of rules) {
    const members = matchesOf(spellings(rule).map(({ values }) => outline(rule.members, values)));
    const targets = rule.targets.map(target => matchesOf([outline(target, {})]));
    for (const matches of [members, ...targets]) {
      if (matches === undefined) return undefined;
      found.push(...matches);
    }
  }
  return distinct(found);
}

interface Outline {
  readonly head: string;
  readonly tail: string;
  /** Whether something free stands between the two; without it the tag is `head`. */
  readonly open: boolean;
}

/** What is fixed at both ends of the tags of a template, where `values` are filled in. */
function outline(template: Template, values: Readonly<Record<string, string>>): Outline {
  const texts = template.parts.map(part =>
    part.kind === 'literal' ? part.text : part.kind === 'capture' ? values[part.name] : undefined,
  );
  const first = texts.indexOf(undefined);
  if (first < 0) return { head: texts.join(''), tail: '', open: false };
  return {
    head: texts.slice(0, first).join(''),
    tail: texts.slice(texts.lastIndexOf(undefined) + 1).join(''),
    open: true,
  };
}

/** The fewest beginnings, or the fewest endings, that all of these have; undefined where one has neither. */
function matchesOf(outlines: readonly Outline[]): readonly Match[] | undefined {
  const exact = outlines.filter(({ open }) => !open).map(({ head }) => head);
  const open = outlines.filter(outline => outline.open);
  const heads = covering(open.map(({ head }) => head));
  const tails = covering(open.map(({ tail }) => reversed(tail))).map(reversed);
  const ways: readonly (readonly Match[])[] = [
    ...(heads.includes('') ? [] : [heads.map(prefix => ({ prefix }))]),
    ...(tails.includes('') ? [] : [tails.map(suffix => ({ suffix }))]),
  ];
  const [shortest] = ways.toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
  return shortest && [...new Set(exact), ...shortest];
}

/** Of these beginnings, those that cover all others. */
function covering(beginnings: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const beginning of [...new Set(beginnings)].sort())
    if (!kept.some(one => beginning.startsWith(one))) kept.push(beginning);
  return kept;
}

function repositoryMatches(rules: readonly Rule[]): readonly Match[] {
  const patterns = rules.flatMap(({ repositories }) =>
    repositories.filter(({ exclude }) => !exclude).map(({ pattern }) => pattern),
  );
  const open = covering(patterns.filter(isOpen).map(beginning));
  if (open.includes('')) return [];
  const exact = new Set(patterns.filter(pattern => !isOpen(pattern)));
  return [
    ...[...exact].filter(name => !open.some(prefix => name.startsWith(prefix))).sort(),
    ...open.map(prefix => ({ prefix })),
  ];
}

/** Repositories by their first part only; none where a pattern has not even that. */
function shorten(matches: readonly Match[]): readonly Match[] {
  const begins = matches.map(match => firstPart(typeof match === 'string' ? match : beginningOf(match)));
  return begins.includes('') ? [] : covering(begins).map(prefix => ({ prefix }));
}

function firstPart(name: string): string {
  return name.slice(0, name.indexOf('/') + 1);
}

function beginningOf(match: Exclude<Match, string>): string {
  return 'prefix' in match ? match.prefix : '';
}

const isOpen = (pattern: string) => pattern.includes('*');
const beginning = (pattern: string) => pattern.slice(0, pattern.indexOf('*'));
const reversed = (text: string) => [...text].reverse().join('');

function distinct(matches: readonly Match[]): readonly Match[] {
  return [...new Map(matches.map(match => [JSON.stringify(match), match])).values()];
}
