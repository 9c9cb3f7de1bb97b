import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { VERSION } from '../version.ts';
import type { Answer, CommandSpec, Invocation } from './command.ts';
import { COMMAND_GROUPS } from './command-groups.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { commandNamed, findCommand } from './find-command.ts';
import { checkOperands, parseFlags, readCommonOptions, splitCommand } from './parse-arguments.ts';
import { type OutputStream, openTerminal, type Terminal } from './terminal.ts';

/** What a command line touches of the process around it, so that tests can be the process. */
export interface World {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Asks a person; left out where stdin or stderr is no terminal. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** Runs one command line and says how it ended. Never throws; stdout gets the answer, stderr everything else. */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  const groups = COMMAND_GROUPS.map(group => group.name);
  const { command: name, rest } = splitCommand(argv, groups);
  let terminal = openTerminal({ ...world, quiet: false, color: 'auto' });
  try {
    const help = await helpFor(name, rest);
    if (help !== undefined) {
      world.stdout.write(help);
      return EXIT.ok;
    }
    const spec = findCommand(name!);
    const { operands, flags } = parseFlags(rest, spec.name, spec.flags);
    const { color, ...common } = readCommonOptions(flags);
    terminal = openTerminal({ ...world, quiet: common.quiet, color });
    checkOperands(spec, operands);
    const { cwd, env, now, signal, confirm } = world;
    const asking = confirm === undefined ? {} : { confirm };
    const invocation = { operands, flags, common, terminal, cwd, env, now, signal, ...asking };
    const answer = await untilStopped(spec, invocation);
    writeAnswer(answer, spec.name, common.json, world.stdout);
    return answer.exit;
  } catch (error) {
    return await reportFailure(error, { name, argv, terminal, stdout: world.stdout });
  }
}

/** The text where help or the version is asked for, by flag, by word, or by naming no command. */
async function helpFor(name: string | undefined, rest: readonly string[]): Promise<string | undefined> {
  const words = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length);
  const unfinished = name === undefined || COMMAND_GROUPS.some(group => group.name === name);
  const asked = words.includes('--help') || words.includes('-h') || name === 'help' || unfinished;
  const version = words.includes('--version');
  if (!asked && !version) return undefined;
  if (version) return `archweave ${VERSION}\n`;
  const { commandHelp, groupHelp, programHelp } = await import('./help.ts');
  const named = words.filter(word => !word.startsWith('-'));
  if (unfinished) parseFlags(rest, name, []);
  const subject = name === 'help' ? named.slice(0, 2) : (name?.split(' ') ?? []);
  const group = COMMAND_GROUPS.find(one => one.name === subject[0]);
  if (subject.length === 0) return programHelp(VERSION);
  if (group !== undefined && subject.length === 1) return groupHelp(group);
  return commandHelp(findCommand(subject.slice(0, group === undefined ? 1 : 2).join(' ')));
}

/** A command that does not stay is left as soon as it is to stop; one that stays ends itself. */
async function untilStopped(spec: CommandSpec, invocation: Invocation): Promise<Answer> {
  const { run } = await spec.load();
  const running = run(invocation);
  if (spec.stays || spec.tidies) return await running;
  const { signal } = invocation;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted(spec.name));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  running.catch(() => {});
  try {
    return await Promise.race([running, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function interrupted(command: string): ArchweaveError {
  return new ArchweaveError({ code: 'interrupted', attempt: `finish ${command}` });
}

function writeAnswer(answer: Answer, command: string, json: boolean, stdout: OutputStream): void {
  if (json && answer.document !== undefined) {
    stdout.write(`${JSON.stringify({ schema: schemaOf(command), ...answer.document })}\n`);
  } else if (!json && answer.text !== undefined && answer.text.length > 0) {
    stdout.write(answer.text);
  }
}

interface FailedRun {
  readonly name: string | undefined;
  readonly argv: readonly string[];
  readonly terminal: Terminal;
  readonly stdout: OutputStream;
}

async function reportFailure(
  thrown: unknown,
  { name, argv, terminal, stdout }: FailedRun,
): Promise<ExitCode> {
  const { errorDocument, renderError, renderTrace } = await import('./print-error.ts');
  const error = isArchweaveError(thrown) ? thrown : await bug(thrown, name);
  terminal.say(
    renderError(error)
      .trimEnd()
      .replace(/^error:/, label => terminal.paintNote(label, 'red')),
  );
  const flags = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  if (flags.includes('-v') || flags.includes('--verbose')) terminal.say(renderTrace(thrown));
  if (flags.includes('--json')) {
    const schema = schemaOf(commandNamed(name)?.name ?? 'error');
    stdout.write(`${JSON.stringify({ schema, error: errorDocument(error) })}\n`);
  }
  return exitCodeOf(error);
}

async function bug(thrown: unknown, command: string | undefined): Promise<ArchweaveError> {
  const { reportBug } = await import('./report-bug.ts');
  return reportBug(thrown, command);
}

function schemaOf(command: string): string {
  return `archweave/${command.replace(' ', '-')}/v1`;
}
