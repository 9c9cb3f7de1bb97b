import type { CommandSpec, FlagSpec } from './command.ts';
import { COMMAND_GROUPS } from './command-groups.ts';
import { COMMANDS } from './commands.ts';
import { COMMON_FLAGS } from './common-flags.ts';
import { EXIT_MEANINGS } from './exit-codes.ts';
import { flagHead, sentence, usage } from './help.ts';

/** docs/cli.md, made of the same data as `--help`. */
export function cliPage(): string {
  const parts = [
    '# The command line',
    'This page is made of the commands by `npm run docs`; a test compares both.',
    '`archweave` shows the commands, `archweave COMMAND --help` what one of them takes.',
    ...COMMANDS.map(commandSection),
    ...COMMAND_GROUPS.flatMap(({ commands }) => commands.map(commandSection)),
    '## Flags of every command',
    flagTable(COMMON_FLAGS),
    'Colour is used on a terminal only: `NO_COLOR` and `TERM=dumb` switch it off, `FORCE_COLOR` and `--color always` on. `ARCHWEAVE_CONFIG` names the configuration where `--config` does not.',
    '## References',
    REFERENCES,
    '## Exit codes',
    'The same for every command. Several at once: a failure beats held, held beats waiting, waiting beats pending.',
    table(['code', 'meaning'], Object.entries(EXIT_MEANINGS)),
    '## Output',
    OUTPUT,
  ];
  return `${parts.join('\n\n')}\n`;
}

const REFERENCES = table(
  ['written', 'read as'],
  [
    ['`HOST[:PORT]/REPO[:TAG][@DIGEST]`', 'an image; with a tag and a digest the digest counts'],
    ['`prod/team/app:1.2`', 'on the registry that archweave.yaml calls `prod`'],
    ['`127.0.0.1:5100/app`, `localhost:5100/app`', 'plain http; https if the port speaks that'],
    ['`http://registry.lan:5000/app`', 'plain http, said in so many words'],
    ['`alpine`, `bitnami/redis:7`', 'Docker Hub'],
    ['`:1.2-arm64` (a member, or `--tag`)', "in the target's repository"],
    ['no tag', '`latest` where an image is meant'],
  ],
);

const OUTPUT = `stdout carries the answer and nothing else: the digest that \`create\` wrote, the table of \`list\`. Progress,
notes and errors go to stderr. With \`--json\` stdout is exactly one document, which begins with
\`{"schema":"archweave/COMMAND/v1"\`; where the command fails it has \`error\` with \`code\`, \`message\`, \`reference\`,
\`side\`, \`status\`, \`retryable\` and \`next\`. Within v1 fields are added and never renamed. Times are RFC 3339 in UTC,
sizes are bytes, digests and references are whole.

An error says what was attempted, where it happened, what was tried and what to do next:

\`\`\`
error: cannot read 127.0.0.1:5000/app:1.2-arm64: the registry does not let you in  [unauthorized]
  where   GET http://127.0.0.1:5000/v2/app/manifests/1.2-arm64 -> 401   (member, reading)
  next    docker login 127.0.0.1:5000
\`\`\`

[errors.md](errors.md) has a heading for each code.`;

function commandSection(command: CommandSpec): string {
  const examples = command.examples.map(example => `$ ${example}`).join('\n');
  const exits = command.exits.map(code => `${code} ${EXIT_MEANINGS[code].split(':')[0]}`).join(', ');
  return [
    `## ${command.name}`,
    sentence(command.summary),
    `\`\`\`\n${usage(command)}\n\`\`\``,
    ...(command.flags.length === 0 ? [] : [flagTable(command.flags)]),
    `\`\`\`\n${examples}\n\`\`\``,
    `Exit codes: ${exits}.`,
  ].join('\n\n');
}

function flagTable(flags: readonly FlagSpec[]): string {
  return table(
    ['flag', 'meaning'],
    flags.map(flag => [`\`${flagHead(flag)}\``, flag.meaning]),
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
