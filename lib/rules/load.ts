import type { ImportRule } from './import-rule.ts';
import { compareImports } from './load/compare-imports.ts';
import { listTwoWriters, uniqueNames } from './load/compare-rules.ts';
import type { Finding } from './load/finding.ts';
import { readImports } from './load/imports.ts';
import { type ReadRule, type RuleContext, readIndexRule } from './load/index-rule.ts';
import { readYaml } from './load/read-yaml.ts';
import { type RegistryConfig, readRegistries } from './load/registries.ts';
import { readIncludes, readTop, topOf } from './load/top.ts';
import { type Entry, isEmpty } from './load/yaml-tree.ts';
import type { Rule } from './rule.ts';

export type { Finding } from './load/finding.ts';
export type { RegistryConfig } from './load/registries.ts';

/** What archweave.yaml says, with every default filled in. Plain data; no secret is in it, only pointers to them. */
export interface Config {
  /** Those that the file names, then those whose host stands in a rule or an import, called by that host. */
  readonly registries: readonly RegistryConfig[];
  readonly rules: readonly Rule[];
  readonly imports: readonly ImportRule[];
  /** `env:NAME` */
  readonly notify?: string;
}

export interface LoadOptions {
  /** The file's name, as messages show it. */
  readonly file: string;
  /** The files that an `include` means, in their order; without it every `include` is a mistake. */
  readonly readIncluded?: (pattern: string) => readonly { readonly file: string; readonly text: string }[];
}

export interface LoadedConfig {
  /** Absent where a finding is an error. */
  readonly config?: Config;
  /** File by file, in each in its order. */
  readonly findings: readonly Finding[];
  /** How many of each there are; what is said where nothing is wrong. */
  readonly counts: { readonly registries: number; readonly rules: number; readonly imports: number };
}

/** Reads archweave.yaml and finds every mistake at once. Contacts nothing, and throws for no text whatever. */
export function loadConfig(text: string, { file, readIncluded }: LoadOptions): LoadedConfig {
  const main = readYaml(file, text);
  const top = topOf(main);
  if (!top) {
    return { findings: main.report.findings(), counts: { registries: 0, rules: 0, imports: 0 } };
  }
  const { mode, notify } = readTop(top, main);
  const { registries, names } = readRegistries(top.entries.get('registries'), main);
  const parts = [{ file: main, top }, ...readIncludes(top.entries.get('include'), main, readIncluded)];
  const context = { registries, names, mode, configFile: file };
  const rules = uniqueNames(
    parts.flatMap(part => readRules(part.top?.entries.get('indexes'), { ...part.file, ...context })),
  );
  const imports = uniqueNames(
    parts.flatMap(part => readImports(part.top?.entries.get('imports'), { ...part.file, ...context })),
    'import',
  );
  listTwoWriters(rules, registries);
  compareImports(imports, { rules, registries });

  const findings = parts.flatMap(part => part.file.report.findings());
  const config: Config = {
    registries: withHosts(registries, [
      ...rules.flatMap(({ rule }) => rule.repositories.map(({ registry }) => registry)),
      ...imports.flatMap(({ rule: { from, to } }) => [from.registry, to.registry]),
    ]),
    rules: rules.map(({ rule }) => rule),
    imports: imports.map(({ rule }) => rule),
    ...(notify === undefined ? {} : { notify }),
  };
  const wrong = findings.some(({ severity }) => severity === 'error');
  return {
    ...(wrong ? {} : { config }),
    findings,
    counts: {
      registries: config.registries.length,
      rules: rules.length,
      imports: imports.length,
    },
  };
}

function readRules(entry: Entry | undefined, context: RuleContext): readonly ReadRule[] {
  if (!entry || isEmpty(entry.value)) return [];
  if (entry.value.kind !== 'list') {
    context.report.add(entry.value.range, {
      code: 'wrong-type',
      message: '"indexes" is a list',
      next: '- repositories: [prod/team/*]',
    });
    return [];
  }
  return entry.value.items.flatMap(item => readIndexRule(item, context) ?? []);
}

function withHosts(named: readonly RegistryConfig[], used: readonly string[]): readonly RegistryConfig[] {
  const hosts = new Set(used);
  for (const { host } of named) hosts.delete(host);
  return [...named, ...[...hosts].map(host => ({ name: host, host }))];
}
