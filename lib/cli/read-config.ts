import { ArchweaveError } from '../errors.ts';
import { includeReader } from '../files/included-files.ts';
import type { Config } from '../rules/load.ts';
import type { Invocation } from './command.ts';
import { type FoundConfig, findConfigIfAny } from './find-config.ts';

export interface Configuration {
  /** As messages show it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly config: Config;
}

type Place = Pick<Invocation, 'cwd' | 'env' | 'common'>;

/** The file that this command line means, unread; undefined where there is none. */
export function locateConfig({ cwd, env, common }: Place): FoundConfig | undefined {
  return findConfigIfAny(cwd, { config: common.config, env });
}

/** archweave.yaml, where there is one. Throws `bad-config` where it has mistakes. */
export async function readConfig(place: Place): Promise<Configuration | undefined> {
  const found = locateConfig(place);
  return found === undefined ? undefined : await loadFound(found, place);
}

export async function loadFound(found: FoundConfig, { cwd }: Place): Promise<Configuration> {
  const { file, path, text } = found;
  const { loadConfig } = await import('../rules/load.ts');
  const { config, findings } = loadConfig(text, { file, readIncluded: includeReader(path, cwd) });
  if (config !== undefined) return { file, path, config };
  const mistakes = findings.filter(({ severity }) => severity === 'error');
  const [first] = mistakes;
  throw new ArchweaveError({
    code: 'bad-config',
    attempt: '',
    reason: `${file} has ${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`,
    ...(first === undefined
      ? {}
      : { where: `${first.file}:${first.line}:${first.column}: ${first.message}` }),
    next: 'archweave check',
  });
}
