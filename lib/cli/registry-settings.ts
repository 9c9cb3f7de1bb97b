import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RegistryConfig } from '../rules/load.ts';
import type { Invocation } from './command.ts';

/** What archweave.yaml says about registries, as far as a single command needs it. */
export type RegistrySettings = readonly RegistryConfig[];

/**
 * The registries of archweave.yaml, or none where the file cannot be about these references: reading YAML takes
 * longer than many a command, so it is left out unless a host or a name of theirs occurs in the file.
 */
export async function readRegistrySettings(
  references: readonly string[],
  invocation: Invocation,
): Promise<RegistrySettings> {
  const { cwd, env, common } = invocation;
  if (common.config === undefined && !env.ARCHWEAVE_CONFIG && !hasConfigAbove(cwd)) return [];
  const { loadFound, locateConfig } = await import('./read-config.ts');
  const found = locateConfig(invocation);
  if (found === undefined) return [];
  const heads = references.flatMap(text => /^(?:https?:\/\/)?([^/:][^/]*)\//i.exec(text)?.[1] ?? []);
  if (!heads.some(head => found.text.includes(head))) return [];
  return (await loadFound(found, invocation)).config.registries;
}

/** Whether looking for it properly can find anything; that code is not loaded where it cannot. */
function hasConfigAbove(cwd: string): boolean {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'archweave.yaml'))) return true;
    if (folder === dirname(folder)) return false;
  }
}
