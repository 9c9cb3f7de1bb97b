import { formatReference, parseReference, type Reference } from '../image/reference.ts';
import type { CopyRequest } from '../import/copy-request.ts';
import { splitTags } from '../import/split-tags.ts';
import { matchesGlob } from '../rules/glob.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { Config } from '../rules/load.ts';
import { matchTemplate } from '../rules/match-template.ts';
import { parseTemplate } from '../rules/parse-template.ts';
import type { Invocation } from './command.ts';
import { didYouMean } from './did-you-mean.ts';
import { mistake } from './parse-arguments.ts';
import { platformFlag } from './platform-flag.ts';
import { rateFlag } from './rate-flag.ts';
import { withLatest } from './read-reference.ts';
import { type RegistrySettings, readRegistrySettings } from './registry-settings.ts';

/** What `import` was asked for. Every mistake that can be seen without a network is found by then. */
export type ImportRequest = {
  readonly settings: RegistrySettings;
  readonly flags: ImportFlags;
} & (
  | {
      readonly kind: 'image';
      readonly source: Reference;
      readonly target: Reference;
      readonly copy: CopyRequest;
    }
  /** Every tag of one repository that the globs match. */
  | { readonly kind: 'tags'; readonly source: Reference; readonly target: Reference }
  | { readonly kind: 'jobs'; readonly jobs: readonly ImportRule[]; readonly config: Config }
);

export interface ImportFlags {
  /** Globs; none for all. */
  readonly tags: readonly string[];
  readonly platforms: NonNullable<CopyRequest['platforms']> | undefined;
  readonly split: string | undefined;
  readonly noReferrers: boolean;
  readonly dryRun: boolean;
  readonly jobs: number;
  /** Bytes a second. */
  readonly limitRate: number | undefined;
}

export async function readImportRequest(invocation: Invocation): Promise<ImportRequest> {
  const { operands, flags: given } = invocation;
  const flags = readFlags(invocation);
  if (given.has('all')) {
    if (operands.length > 0) throw mistake('--all takes every import of archweave.yaml, and no arguments.');
    return await readJobs(undefined, flags, invocation);
  }
  if (operands.length === 0) {
    throw mistake('import takes SOURCE TARGET, the name of an import in archweave.yaml, or --all.');
  }
  return operands.length === 1
    ? await readJobs(operands[0], flags, invocation)
    : await readCopy(flags, invocation);
}

/** What an image of a repository is copied as, by flags and by the import that it belongs to. */
export function copyOf(
  tag: string,
  { platforms, split, noReferrers }: ImportFlags,
  job?: Pick<ImportRule, 'platforms' | 'split' | 'referrers'>,
): CopyRequest {
  const chosen = platforms ?? (job === undefined || job.platforms === 'all' ? undefined : job.platforms);
  const template = split ?? job?.split?.text;
  return {
    reference: tag,
    tag,
    referrers: !noReferrers && (job?.referrers ?? true),
    ...(chosen !== undefined && { platforms: chosen }),
    ...(template !== undefined && { split: template }),
  };
}

/** Whether the flags let this tag through. One that `--split` makes of another tag is made and not copied. */
export function isWanted(tag: string, { tags, split }: Pick<ImportFlags, 'tags' | 'split'>): boolean {
  if (split !== undefined && matchTemplate(parseTemplate(split), tag) !== undefined) return false;
  return tags.length === 0 || tags.some(glob => matchesGlob(glob, tag));
}

function readFlags({ flags }: Invocation): ImportFlags {
  const platforms = flags.values('platform').map(text => platformFlag(text));
  const split = flags.value('split');
  const tags = flags.values('tags');
  const bad = tags.find(glob => !/^[A-Za-z0-9_.*-]{1,128}$/.test(glob));
  if (bad !== undefined) throw mistake(`--tags "${bad}" matches no tag.`, '--tags "1.*"');
  if (split !== undefined) {
    const made = splitTags(split, 'tag', []);
    if (made.kind === 'wrong') throw mistake(`--split "${split}": ${made.reason}.`, '--split "{tag}-{arch}"');
    if (!split.includes('{arch}'))
      throw mistake(`--split "${split}" has no {arch}, so all platforms would have one tag.`);
  }
  const jobs = Number(flags.value('jobs') ?? 4);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
    throw mistake(`--jobs "${flags.value('jobs')}" is not 1 to 64.`, '--jobs 4');
  return {
    tags,
    platforms: platforms.length === 0 ? undefined : platforms,
    split,
    noReferrers: flags.has('no-referrers'),
    dryRun: flags.has('dry-run'),
    jobs,
    limitRate: rateFlag(flags.value('limit-rate')),
  };
}

async function readCopy(flags: ImportFlags, invocation: Invocation): Promise<ImportRequest> {
  const { operands, terminal } = invocation;
  const settings = await readRegistrySettings(operands, invocation);
  const registries = Object.fromEntries(settings.map(({ name, host }) => [name, host]));
  const [from, to] = operands.map(text => parseReference(text, { registries })) as [Reference, Reference];
  if (to.digest !== undefined) throw mistake('import writes to a tag, not to a digest.');
  if (flags.tags.length > 0) {
    const named = [from, to].find(({ tag, digest }) => tag !== undefined || digest !== undefined);
    if (named) throw mistake(`--tags says which tags; ${formatReference(named)} names one.`);
    if (isSamePlace(from, to) && flags.split === undefined) throw mistake('SOURCE and TARGET are the same.');
    return { kind: 'tags', source: from, target: to, settings, flags };
  }
  const source = withLatest(from, terminal);
  const reference = source.digest ?? source.tag!;
  const tag = to.tag ?? source.tag;
  const { tag: _, ...target } = to;
  if (flags.split !== undefined && tag === undefined)
    throw mistake('--split needs a tag: an image by digest has none.', 'give TARGET a tag');
  const named = { ...target, ...(tag !== undefined && { tag }) };
  const isItself = isSamePlace(source, named);
  if (isItself && flags.split === undefined) throw mistake('SOURCE and TARGET are the same.');
  const { tag: __, ...rest } = copyOf('latest', flags);
  return {
    kind: 'image',
    source,
    target: named,
    copy: { ...rest, reference, ...(tag !== undefined && { tag }) },
    settings,
    flags,
  };
}

function isSamePlace(a: Reference, b: Reference): boolean {
  return (
    a.host === b.host && a.repository === b.repository && a.tag === b.tag && (a.digest ?? a.tag) === a.tag
  );
}

async function readJobs(
  name: string | undefined,
  flags: ImportFlags,
  invocation: Invocation,
): Promise<ImportRequest> {
  const { findConfig } = await import('./find-config.ts');
  const { loadFound, locateConfig } = await import('./read-config.ts');
  // The name of an import may be a repository, so that only the file can tell a SOURCE without its TARGET.
  const isReference = name !== undefined && /[:@/]/.test(name);
  if (isReference && locateConfig(invocation) === undefined) throw withoutTarget(name);
  const { cwd, env, common } = invocation;
  const { config, file } = await loadFound(findConfig(cwd, { config: common.config, env }), invocation);
  const { imports, registries: settings } = config;
  const names = imports.map(one => one.name);
  const jobs = name === undefined ? imports : imports.filter(one => one.name === name);
  if (jobs.length > 0) return { kind: 'jobs', jobs, config, settings, flags };
  if (isReference && !names.some(one => didYouMean(name, [one]) !== '')) throw withoutTarget(name);
  if (imports.length === 0) throw mistake(`${file} has no imports.`, 'archweave import SOURCE TARGET');
  throw mistake(
    `${file} has no import "${name}".${didYouMean(name!, names)}`,
    `one of ${names.map(one => `"${one}"`).join(', ')}`,
  );
}

function withoutTarget(source: string) {
  return mistake(
    `import takes SOURCE and TARGET; given: "${source}".`,
    `archweave import ${source} HOST/REPO:TAG`,
  );
}
