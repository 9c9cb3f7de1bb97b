import { parsePlatform } from '../../image/platform.ts';
import { parseDuration } from '../duration.ts';
import type { ImportRule, ImportTime } from '../import-rule.ts';
import { REPOSITORY } from '../import-scope.ts';
import { parseTemplate } from '../parse-template.ts';
import type { Template } from '../template.ts';
import { refusePlatform } from './check-rule.ts';
import { splitRepository } from './check-text.ts';
import { listed, quoted, type Refusal } from './finding.ts';
import type { RuleContext } from './index-rule.ts';
import { hostNamed } from './place.ts';
import { readObject } from './read-object.ts';
import type { Report } from './report.ts';
import { type ImportInput, importSchema } from './schema.ts';
import { at, type Entry, isEmpty, type Mapping, type Tree } from './yaml-tree.ts';

/** An import, and where it stands; `named` is false where the name is only what it copies from. */
export interface ReadImport {
  readonly rule: ImportRule;
  readonly named: boolean;
  readonly tree: Mapping;
  readonly report: Report;
}

/** Reads `imports`. What is wrong goes to the report; imports that are right enough to be compared come out. */
export function readImports(entry: Entry | undefined, context: RuleContext): readonly ReadImport[] {
  if (!entry || isEmpty(entry.value)) return [];
  if (entry.value.kind !== 'list') {
    context.report.add(entry.value.range, {
      code: 'wrong-type',
      message: '"imports" is a list',
      next: '- { from: prod/team/*, to: "contoso/mirror/{repository}" }',
    });
    return [];
  }
  return entry.value.items.flatMap(item => readImport(item, context) ?? []);
}

function readImport(tree: Tree, context: RuleContext): ReadImport | undefined {
  const { report } = context;
  const input = readObject(importSchema, tree, { noun: 'an import', ...context, onUnknown });
  if (!input || tree.kind !== 'map') return undefined;
  const value = (key: string): Tree | undefined => tree.entries.get(key)?.value;
  const from = placeOf(input.from, value('from'), context);
  const to = placeOf(input.to, value('to'), context);
  const tags = [input.tags ?? '*'].flat();
  const split = readSplit(input, tags, value('split'), report);
  const platforms = readPlatforms(input, value('platforms'), report);
  if (!from || !to || (input.split !== undefined && split === undefined)) return undefined;
  if (from.path.includes('*') && !to.path.includes(REPOSITORY)) {
    report.add(value('to')!.range, {
      code: 'one-repository',
      message: `all of ${input.from} would be copied into one repository`,
      next: `${input.to}/${REPOSITORY}`,
    });
    return undefined;
  }
  const rule: ImportRule = {
    name: input.name ?? input.from!,
    line: report.lineOf(tree.range),
    file: report.file,
    from: { registry: from.registry, pattern: from.path },
    to: { registry: to.registry, repository: to.path },
    tags,
    platforms,
    referrers: input.referrers ?? true,
    ...(split && { split }),
    when: timeOf(input.when),
  };
  return { rule, named: input.name !== undefined, tree, report };
}

function placeOf(
  written: string | undefined,
  tree: Tree | undefined,
  context: RuleContext,
): { readonly registry: string; readonly path: string } | undefined {
  if (written === undefined || !tree) return undefined;
  const { registry, pattern = '' } = splitRepository(written);
  const named = hostNamed(registry, context);
  if (named === undefined) return undefined;
  if ('refusal' in named) {
    context.report.add(tree.range, named.refusal);
    return undefined;
  }
  // What docker calls alpine is library/alpine where it is.
  const official = named.host === 'docker.io' && !/[/*{]/.test(pattern);
  return { registry: named.host, path: official ? `library/${pattern}` : pattern };
}

function readSplit(
  { split }: Partial<ImportInput>,
  tags: readonly string[],
  tree: Tree | undefined,
  report: Report,
): Template | undefined {
  if (split === undefined || !tree) return undefined;
  const template = parseTemplate(split);
  const refusal = refuseSplit(template, tags);
  if (refusal) report.addAt(tree, refusal);
  return refusal ? undefined : template;
}

/** The same ones as lib/import/split-tags.ts fills. */
const SPLIT_PLACEHOLDERS: readonly string[] = ['{tag}', '{arch}', '{os}', '{osversion}'];

function refuseSplit(split: Template, tags: readonly string[]): Refusal | undefined {
  const used: readonly string[] = split.text.match(/\{[^}]*\}/g) ?? [];
  const unknown = used.find(name => !SPLIT_PLACEHOLDERS.includes(name));
  if (unknown !== undefined) {
    return {
      code: 'unknown-capture',
      message: `split uses ${unknown}, but it has ${listed(SPLIT_PLACEHOLDERS)}`,
      next: '"{tag}-{arch}"',
    };
  }
  if (!used.includes('{arch}')) {
    return {
      code: 'no-arch',
      message: `${quoted(split.text)} has no {arch}, so all platforms would have one tag`,
      next: `"${split.text}-{arch}"`,
    };
  }
  if (used.includes('{tag}') || (tags.length === 1 && !tags[0]!.includes('*'))) return undefined;
  return {
    code: 'no-tag',
    message: `${quoted(split.text)} has no {tag}, so the images of several tags would have one`,
    next: `"{tag}-${split.text}"`,
  };
}

function readPlatforms(
  { platforms }: Partial<ImportInput>,
  tree: Tree | undefined,
  report: Report,
): ImportRule['platforms'] {
  if (platforms === undefined || platforms === 'all') return 'all';
  const parsed = platforms.map(text => parsePlatform(text)!);
  parsed.forEach((one, index) => {
    const refusal = refusePlatform(one, parsed.slice(0, index));
    if (refusal && tree) report.addAt(at(tree, [index]), refusal);
  });
  return parsed;
}

function timeOf(written: string | undefined): ImportTime {
  const every = /^every (.+)$/.exec(written ?? '')?.[1];
  if (every !== undefined) return { on: 'schedule', every: parseDuration(every)! };
  return { on: (written ?? 'published') as 'published' | 'pushed' | 'manual' };
}

// YAML 1.1 reads `on` as true, so a script that rewrites the file would break it.
function onUnknown({ key }: Entry): Refusal | undefined {
  if (key !== 'on' && key !== 'true') return undefined;
  return { code: 'yaml-on', message: 'on: is true in many YAML readers; it is called when: here' };
}
