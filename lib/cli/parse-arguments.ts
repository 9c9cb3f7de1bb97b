import { parseArgs } from 'node:util';
import { ArchweaveError } from '../errors.ts';
import type { CommandSpec, CommonOptions, FlagSpec, Flags } from './command.ts';
import { COMMON_FLAGS } from './common-flags.ts';
import { didYouMean } from './did-you-mean.ts';
import { parseDuration } from './parse-duration.ts';

export interface ParsedFlags {
  readonly operands: readonly string[];
  readonly flags: Flags;
}

/**
 * The first word that is no flag, with the second one where the first is the name of a group, and everything else in
 * its order. Flags of every command may stand before them; a command's own may not, since nobody knows yet which take
 * a value.
 */
export function splitCommand(
  argv: readonly string[],
  groups: readonly string[] = [],
): { readonly command?: string; readonly rest: string[] } {
  const { tokens } = tokenize(argv, COMMON_FLAGS);
  const words = tokens.filter(token => token.kind === 'positional');
  const taken = words.slice(0, groups.includes(words[0]?.value ?? '') ? 2 : 1);
  if (taken.length === 0) return { rest: [...argv] };
  const command = taken.map(({ value }) => value).join(' ');
  return { command, rest: argv.filter((_, position) => !taken.some(({ index }) => index === position)) };
}

/** Throws `bad-argument` for a flag that is not of `command` (with the nearest one), or lacks or has a value. */
export function parseFlags(
  argv: readonly string[],
  command: string | undefined,
  own: readonly FlagSpec[],
): ParsedFlags {
  const specs = [...own, ...COMMON_FLAGS];
  const { tokens } = tokenize(argv, specs);
  const operands: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = specs.find(({ name, alias }) => token.name === name || token.name === alias);
    if (spec === undefined) throw unknownFlag(token.rawName, command, specs);
    const stored = values.get(spec.name) ?? [];
    values.set(spec.name, stored);
    if (spec.value !== undefined) stored.push(takenValue(token, spec));
    else if (token.value !== undefined) throw mistake(`${token.rawName} takes no value.`);
  }
  return { operands, flags: readFlags(values, specs) };
}

export function checkOperands(spec: CommandSpec, operands: readonly string[]): void {
  if (operands.length >= spec.fewest && operands.length <= spec.most) return;
  const wanted = spec.operands === '' ? 'no arguments' : spec.operands;
  const got = operands.length === 0 ? 'none' : operands.map(word => `"${word}"`).join(' ');
  throw mistake(`${spec.name} takes ${wanted}; given: ${got}.`, spec.examples[0]);
}

export function readCommonOptions(
  flags: Flags,
): CommonOptions & { readonly color: 'auto' | 'always' | 'never' } {
  const config = flags.value('config');
  const ca = flags.value('ca');
  return {
    json: flags.has('json'),
    quiet: flags.has('quiet'),
    verbose: flags.has('verbose'),
    plainHttp: flags.has('plain-http'),
    timeout: durationFlag(flags, 'timeout') ?? 30_000,
    color: choiceFlag(flags, 'color', ['auto', 'always', 'never']) ?? 'auto',
    ...(config === undefined ? {} : { config }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Milliseconds. */
export function durationFlag(flags: Flags, name: string): number | undefined {
  const text = flags.value(name);
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if (parsed === undefined)
    throw mistake(`--${name} "${text}" is no duration.`, `--${name} 30s   (s, m, h or d)`);
  return parsed;
}

export function choiceFlag<T extends string>(
  flags: Flags,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = flags.value(name);
  if (text === undefined) return undefined;
  const choice = choices.find(one => one === text);
  if (choice === undefined) {
    throw mistake(`--${name} is one of ${choices.join(', ')}, not "${text}".${didYouMean(text, choices)}`);
  }
  return choice;
}

/** A mistake in the arguments: its sentence stands alone in the error's first line. */
export function mistake(sentence: string, next?: string): ArchweaveError {
  return new ArchweaveError({
    code: 'bad-argument',
    attempt: '',
    reason: sentence,
    ...(next === undefined ? {} : { next }),
  });
}

function tokenize(argv: readonly string[], specs: readonly FlagSpec[]) {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }> = {};
  for (const { name, alias, short, value } of specs) {
    const type = value === undefined ? 'boolean' : 'string';
    options[name] = { type, multiple: true, ...(short === undefined ? {} : { short }) };
    if (alias !== undefined) options[alias] = { type, multiple: true };
  }
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
}

function takenValue(
  token: {
    readonly rawName: string;
    readonly value: string | undefined;
    readonly inlineValue: boolean | undefined;
  },
  spec: FlagSpec,
): string {
  const { rawName, value, inlineValue } = token;
  const swallowsFlag = inlineValue === false && value !== undefined && /^-./.test(value);
  if (value === undefined || value === '' || swallowsFlag) {
    throw mistake(`${rawName} needs a value: ${rawName} ${spec.value}.`);
  }
  return value;
}

function unknownFlag(
  rawName: string,
  command: string | undefined,
  specs: readonly FlagSpec[],
): ArchweaveError {
  const known = specs.map(({ name }) => `--${name}`);
  return mistake(
    `"${rawName}" is not a flag of ${command ?? 'archweave'}.${didYouMean(rawName, known)}`,
    command === undefined ? 'archweave --help' : `archweave ${command} --help`,
  );
}

function readFlags(values: ReadonlyMap<string, readonly string[]>, specs: readonly FlagSpec[]): Flags {
  const isList = (name: string): boolean => specs.find(spec => spec.name === name)?.many === 'list';
  return {
    has: name => values.has(name),
    value: name => values.get(name)?.at(-1),
    values: name => {
      const given = values.get(name) ?? [];
      return isList(name) ? given.flatMap(value => value.split(',')).filter(value => value !== '') : given;
    },
  };
}
