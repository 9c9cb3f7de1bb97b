import type { CommandGroup, CommandSpec, FlagSpec } from './command.ts';
import { COMMAND_GROUPS } from './command-groups.ts';
import { COMMANDS } from './commands.ts';
import { COMMON_FLAGS } from './common-flags.ts';
import { EXIT_MEANINGS } from './exit-codes.ts';
import { formatTable } from './format-table.ts';

/** One screen: every command that exists, those of a group in one line. */
export function programHelp(version: string): string {
  const lines = [
    `archweave ${version}: per-architecture pushes go in, one multi-architecture image comes out`,
    '',
  ];
  const line = (name: string, operands: string, summary: string) =>
    `  ${name.padEnd(8)} ${operands.padEnd(18)} ${summary}`;
  let group: string | undefined;
  for (const command of COMMANDS) {
    if (command.group !== group) lines.push(command.group);
    group = command.group;
    lines.push(line(command.name, command.operands, command.summary));
  }
  lines.push('Look after what is deployed');
  for (const { name, summary, commands } of COMMAND_GROUPS)
    lines.push(line(name, 'COMMAND', `${summary}: ${commands.map(lastWord).join(', ')}`));
  lines.push(
    '',
    "REF is HOST/REPO[:TAG][@DIGEST]; SCOPE is a registry's name, a REPO, a REF, or nothing for all",
    'Help: archweave COMMAND --help',
    '',
  );
  return lines.join('\n');
}

export function groupHelp({ name, summary, commands }: CommandGroup): string {
  const rows = commands.map(command => [lastWord(command), command.operands, command.summary]);
  const more = `Help: archweave ${name} COMMAND --help\n`;
  return `Usage: archweave ${name} COMMAND\n\n${sentence(summary)}\n\n${formatTable(rows, '  ')}\n${more}`;
}

export function commandHelp(command: CommandSpec): string {
  const sections = [
    `${usage(command)}\n\n${sentence(command.summary)}\n`,
    command.flags.length === 0 ? '' : `Flags\n${flagTable(command.flags)}`,
    `Flags of every command\n${flagTable(COMMON_FLAGS)}`,
    `Examples\n${command.examples.map(example => `  ${example}\n`).join('')}`,
    `Exit codes\n${exitTable(command)}`,
  ];
  return sections.filter(section => section !== '').join('\n');
}

export function usage(command: CommandSpec): string {
  const operands = command.operands === '' ? '' : ` ${command.operands}`;
  return `Usage: archweave ${command.name} [FLAGS]${operands}`;
}

/** `-t, --tag TAG...`: a flag with dots may be given several times. */
export function flagHead({ name, short, alias, value, many }: FlagSpec): string {
  const names = [
    short === undefined ? [] : [`-${short}`],
    `--${name}`,
    alias === undefined ? [] : [`--${alias}`],
  ];
  const operand = value === undefined ? '' : ` ${value}${many ? '...' : ''}`;
  return names.flat().join(', ') + operand;
}

export function sentence(summary: string): string {
  const first = summary.charAt(0).toUpperCase() + summary.slice(1);
  return /[.?!]$/.test(first) ? first : `${first}.`;
}

function lastWord({ name }: CommandSpec): string {
  return name.split(' ').at(-1)!;
}

function flagTable(flags: readonly FlagSpec[]): string {
  return formatTable(
    flags.map(flag => [flagHead(flag), flag.meaning]),
    '  ',
  );
}

function exitTable(command: CommandSpec): string {
  return formatTable(
    command.exits.map(code => [String(code), EXIT_MEANINGS[code]]),
    '  ',
  );
}
