import * as fs from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { ArchweaveError } from '../errors.ts';

export interface IncludedFile {
  /** As messages show it. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads the files that an `include` in the configuration at `path` means, sorted, named from `cwd`.
 *
 * Throws `no-config` for one that cannot be read, and `old-node` before Node 22, which has no globs: a CDK app may
 * run there.
 */
export function includeReader(path: string, cwd: string): (pattern: string) => readonly IncludedFile[] {
  const folder = dirname(path);
  return pattern =>
    globbed(pattern, folder)
      .map(found => resolve(folder, found))
      .filter(found => found !== path)
      .map(found => ({ file: relative(cwd, found) || found, text: readConfigText(found, found) }));
}

/** The text of a configuration, called `shown` in messages. Throws `no-config`. */
export function readConfigText(path: string, shown: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : `it cannot be read (${code})`;
    throw new ArchweaveError({
      code: 'no-config',
      attempt: `read ${shown}`,
      reason,
      next: 'write one: docs/first-index.md has the smallest, docs/configuration.md every key',
      cause: error,
    });
  }
}

function globbed(pattern: string, cwd: string): readonly string[] {
  // Not imported by name: where it is missing, the whole module would not load.
  const glob = fs.globSync as typeof fs.globSync | undefined;
  if (glob !== undefined) return glob(pattern, { cwd }).sort();
  throw new ArchweaveError({
    code: 'old-node',
    attempt: `read what "include: ${pattern}" means`,
    reason: `it takes Node 22 or newer, this is ${process.versions.node}`,
  });
}
