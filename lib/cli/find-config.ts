import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, relative, resolve } from 'node:path';
import { ArchweaveError } from '../errors.ts';
import { readConfigText } from '../files/included-files.ts';

export interface FoundConfig {
  /** Absolute. */
  readonly path: string;
  /** As messages show it: from the working directory, where that is no longer. */
  readonly file: string;
  readonly text: string;
}

const NAME = 'archweave.yaml';

/**
 * The configuration of a working directory: the file that `config` or ARCHWEAVE_CONFIG names, else archweave.yaml
 * here or in a parent, up to the root of the git checkout (without one, only here).
 * @throws {ArchweaveError} `no-config`
 */
export function findConfig(
  cwd: string,
  {
    config,
    env,
  }: { readonly config?: string | undefined; readonly env: Readonly<Record<string, string | undefined>> },
): FoundConfig {
  const named = config ?? (env.ARCHWEAVE_CONFIG || undefined);
  if (named !== undefined) return readConfig(resolve(cwd, named), cwd, named);
  const root = checkoutOf(cwd);
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, NAME);
    if (existsSync(path)) return readConfig(path, cwd, relative(cwd, path));
    if (folder === root || folder === parse(folder).root) break;
  }
  throw new ArchweaveError({
    code: 'no-config',
    attempt: '',
    reason: `there is no ${NAME} here or above, up to ${root}`,
    next: 'write one: docs/first-index.md has the smallest, docs/configuration.md every key',
  });
}

/** Like `findConfig`, but nothing where there is none and none was named. */
export function findConfigIfAny(...args: Parameters<typeof findConfig>): FoundConfig | undefined {
  const [cwd, { config, env }] = args;
  try {
    return findConfig(cwd, { config, env });
  } catch (error) {
    const wanted = config ?? env.ARCHWEAVE_CONFIG;
    if (error instanceof ArchweaveError && error.code === 'no-config' && !wanted) return undefined;
    throw error;
  }
}

function readConfig(path: string, cwd: string, shown: string): FoundConfig {
  return { path, file: isAbsolute(shown) ? shorter(path, cwd) : shown, text: readConfigText(path, shown) };
}

function shorter(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function checkoutOf(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === parse(folder).root) return cwd;
  }
}
