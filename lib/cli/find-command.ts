import type { CommandSpec } from './command.ts';
import { COMMAND_GROUPS } from './command-groups.ts';
import { COMMANDS } from './commands.ts';
import { didYouMean } from './did-you-mean.ts';
import { mistake } from './parse-arguments.ts';

export function commandNamed(name: string | undefined): CommandSpec | undefined {
  return [...COMMANDS, ...COMMAND_GROUPS.flatMap(({ commands }) => commands)].find(
    command => command.name === name,
  );
}

/** Throws `bad-argument` for a command that does not exist, with the nearest of its kind. */
export function findCommand(name: string): CommandSpec {
  const spec = commandNamed(name);
  if (spec !== undefined) return spec;
  const group = COMMAND_GROUPS.find(one => name.startsWith(`${one.name} `));
  const candidates = group?.commands ?? [...COMMANDS, ...COMMAND_GROUPS];
  throw mistake(
    `"${name}" is not a command.${didYouMean(
      name,
      candidates.map(one => one.name),
    )}`,
  );
}
