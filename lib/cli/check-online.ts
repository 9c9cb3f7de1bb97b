import { isArchweaveError } from '../errors.ts';
import { matchesGlob } from '../rules/glob.ts';
import type { Config, RegistryConfig } from '../rules/load.ts';
import type { Rule } from '../rules/rule.ts';
import { findRepositories } from '../server/find-repositories.ts';
import type { Invocation } from './command.ts';
import { findLedger } from './find-ledger.ts';
import { readImportEnds } from './online/imports.ts';
import { kindOf } from './online/kinds.ts';
import type { OnlineKind, OnlineResult, OnlineSubject } from './online/online-check.ts';
import { wrong } from './online/wrong.ts';
import { openRegistry } from './open-registry.ts';
import { renamed } from './read-rules.ts';

export interface CheckedRegistry {
  readonly name: string;
  readonly host: string;
  readonly results: readonly OnlineResult[];
}

/** Repositories whose tags are listed: enough to see that it works, and no burden where there are thousands. */
const LISTED = 20;

/** Tries everything that archweave needs of each registry that it works with. Writes nothing but with --write. */
export async function checkOnline(
  config: Config,
  invocation: Invocation,
): Promise<readonly CheckedRegistry[]> {
  const checked: CheckedRegistry[] = [];
  for (const setting of config.registries) {
    const rules = config.rules.filter(({ repositories }) =>
      repositories.some(({ registry }) => registry === setting.host),
    );
    const { name, host } = setting;
    const imports = config.imports.filter(({ from, to }) => from.registry === host || to.registry === host);
    if (rules.length + imports.length === 0) continue;
    checked.push({ name, host, results: await checkRegistry(setting, rules, config, invocation) });
  }
  return checked;
}

async function checkRegistry(
  setting: RegistryConfig,
  rules: readonly Rule[],
  config: Config,
  invocation: Invocation,
): Promise<readonly OnlineResult[]> {
  const { host } = setting;
  const kind = await kindOf(setting);
  const results: OnlineResult[] = [];
  try {
    const message = await kind.credentials({ setting, host, invocation });
    results.push({ check: 'credentials', verdict: 'ok', message });
    const registry = openRegistry({ host }, invocation, config.registries);
    if (rules.length > 0) {
      const read = await readRegistry(registry, setting, rules, invocation);
      results.push(...read.results);
      results.push(...(await furtherChecks(kind, { setting, host, registry, rules, invocation, ...read })));
    }
    results.push(...(await readImportEnds({ host, registry, imports: config.imports, invocation })));
    return results;
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    // A login that is not taken shows at the first read.
    const isLogin = error.code === 'unauthorized';
    const before = isLogin ? results.filter(({ check }) => check !== 'credentials') : results;
    return [...before, wrong(isLogin ? 'credentials' : 'read', error)];
  }
}

async function furtherChecks(
  kind: OnlineKind,
  subject: Omit<OnlineSubject, 'ledger'>,
): Promise<readonly OnlineResult[]> {
  const { host, rules, invocation } = subject;
  const { ledger: found, missing, own } = await findLedger(invocation, host);
  // The ledger of a deployment knows the account's own registry by its host.
  const here = (name: string) => (own !== undefined && name === host ? own : name);
  const known: OnlineSubject = {
    ...subject,
    host: here(host),
    rules: rules.map(rule => renamed(rule, here)),
    ledger: { ...(found && { found }), ...(missing !== undefined && { missing }) },
  };
  const results: OnlineResult[] = [];
  try {
    for (const check of kind.checks) {
      const result = await check(known);
      if (result !== undefined) results.push(result);
    }
    return results;
  } finally {
    found?.close();
  }
}

/** What a sweep would find, and the patterns that match nothing. */
async function readRegistry(
  registry: OnlineSubject['registry'],
  { host }: RegistryConfig,
  rules: readonly Rule[],
  { signal }: Invocation,
): Promise<Pick<OnlineSubject, 'repositories' | 'tags'> & { readonly results: readonly OnlineResult[] }> {
  const reader = registry;
  const all = await findRepositories(
    { registry: host, reader, rules, memo: { repositories: () => [] } },
    signal,
  );
  const tags = new Map<string, { tag: string; pushedAt?: string }[]>();
  for (const repository of all.slice(0, LISTED)) {
    const listed: { tag: string; pushedAt?: string }[] = [];
    for await (const page of registry.listTags(repository, { signal })) listed.push(...page);
    tags.set(repository, listed);
  }
  // A rule may name a repository that is not there.
  const there = all.filter(repository => tags.get(repository)?.length !== 0);
  const count = [...tags.values()].reduce((sum, listed) => sum + listed.length, 0);
  const patterns = patternsOf(rules, host);
  const more = all.length > LISTED ? ` in the first ${LISTED}` : '';
  const what = `${there.length} ${there.length === 1 ? 'repository matches' : 'repositories match'}`;
  const quoted = patterns.map(({ pattern }) => `"${pattern}"`).join(' ');
  const results: OnlineResult[] = [
    {
      check: 'read',
      verdict: 'ok',
      message: `${what} ${quoted}, ${count} ${count === 1 ? 'tag' : 'tags'}${more}`,
    },
    ...patterns
      .filter(({ pattern }) => !there.some(repository => matchesGlob(pattern, repository)))
      .map(
        ({ pattern, rule }): OnlineResult => ({
          check: 'read',
          verdict: 'warn',
          message: `${rule.file ?? 'archweave.yaml'}:${rule.line}: ${host}/${pattern} matches no repository  [matches-nothing]`,
        }),
      ),
  ];
  return { repositories: there, tags, results };
}

function patternsOf(rules: readonly Rule[], host: string) {
  const seen = new Map<string, Rule>();
  for (const rule of rules)
    for (const { registry, pattern, exclude } of rule.repositories)
      if (registry === host && !exclude && !seen.has(pattern)) seen.set(pattern, rule);
  return [...seen].map(([pattern, rule]) => ({ pattern, rule }));
}
