import { relative, resolve } from 'node:path';
import { Token, Tokenization } from 'aws-cdk-lib';
import { ArchweaveError } from '../lib/errors.ts';
import { includeReader, readConfigText } from '../lib/files/included-files.ts';
import { type Config, loadConfig } from '../lib/rules/load.ts';
import { renderFindings } from '../lib/rules/render-findings.ts';

export interface ReadConfig {
  readonly config: Config;
  /** As messages show it. */
  readonly file: string;
  /** Warnings, in the words of `archweave check`; empty where there are none. */
  readonly warnings: string;
}

/**
 * Reads archweave.yaml while a stack is synthesised. A mistake in it is an error whose message is what
 * `archweave check` prints. Throws `bad-config` and `no-config`.
 */
export function readConfig(path: string, cwd = process.cwd()): ReadConfig {
  if (Token.isUnresolved(path)) throw early('config', 'the path of a file');
  const whole = resolve(cwd, path);
  const file = shown(whole, cwd);
  const text = readConfigText(whole, file);
  if (Token.isUnresolved(text) || Tokenization.reverseString(text).tokens.length > 0)
    throw early(file, 'names, accounts and Regions');
  const loaded = loadConfig(text, { file, readIncluded: includeReader(whole, cwd) });
  const said = renderFindings(loaded, file);
  if (loaded.config === undefined)
    throw new ArchweaveError({ code: 'bad-config', attempt: '', reason: said.trimEnd() });
  return { config: loaded.config, file, warnings: loaded.findings.length > 0 ? said : '' };
}

function shown(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function early(what: string, write: string): ArchweaveError {
  return new ArchweaveError({
    code: 'bad-config',
    attempt: '',
    reason: `${what} holds a token of CDK, which has a value only when it is deployed; write ${write} as they are, they are read before`,
  });
}
