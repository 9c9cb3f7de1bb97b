import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Digest } from '../image/digest.ts';
import { isDigest } from '../image/digest.ts';
import type { ExpectedChange } from '../plan/planned-write.ts';
import { mistake } from './parse-arguments.ts';

/** One write of a saved plan. */
export interface SavedWrite {
  readonly registry: string;
  readonly repository: string;
  readonly rule: string;
  readonly tag: string;
  readonly expected: ExpectedChange;
}

/** The writes of a `plan --json` in a file. Throws `bad-argument` for anything else. */
export function readSavedPlan(file: string, cwd: string): readonly SavedWrite[] {
  const plan = parsed(file, cwd);
  if (plan.schema !== 'archweave/plan/v1' || !Array.isArray(plan.groups)) throw noPlan(file);
  return plan.groups.filter(group => group?.state === 'publish').map(group => writeOf(group, file));
}

function parsed(file: string, cwd: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw mistake(`--plan ${file} cannot be read${code === undefined ? '' : ` (${code})`}.`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // It is said below.
  }
  throw noPlan(file);
}

function writeOf(group: Readonly<Record<string, unknown>>, file: string): SavedWrite {
  const { registry, repository, before, after } = group;
  const rule = (group.rule as { readonly name?: unknown } | null | undefined)?.name;
  const target: unknown = Array.isArray(group.target) ? group.target[0] : undefined;
  const prefix = `${registry}/${repository}:`;
  const texts = [registry, repository, rule, target, after];
  if (!texts.every((text): text is string => typeof text === 'string')) throw noPlan(file);
  const [host = '', name = '', ruleName = '', reference = '', next = ''] = texts;
  const digests = [next, ...(before === null ? [] : [before])];
  if (
    !digests.every(digest => typeof digest === 'string' && isDigest(digest)) ||
    !reference.startsWith(prefix)
  )
    throw noPlan(file);
  return {
    registry: host,
    repository: name,
    rule: ruleName,
    tag: reference.slice(prefix.length),
    expected: { before: before as Digest | null, after: next as Digest },
  };
}

function noPlan(file: string) {
  return mistake(`--plan ${file} is no saved plan.`, `archweave plan --json > ${file}`);
}
