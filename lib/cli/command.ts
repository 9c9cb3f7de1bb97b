import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export interface FlagSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Another spelling that is accepted and not advertised beyond the help text. */
  readonly alias?: string;
  /** What the value is called in help; a flag without one is a switch. */
  readonly value?: string;
  /** It may be repeated; with `list` each value may also be several with commas between. */
  readonly many?: 'list' | 'repeat';
  readonly meaning: string;
}

/** A command as data: help, docs/cli.md and the parser are made of it. */
export interface CommandSpec {
  /** Two words where it belongs to a group of commands: `aws redrive`. */
  readonly name: string;
  /** The heading under which the overview has it. */
  readonly group: string;
  /** As the overview shows them: `TARGET MEMBER...`. */
  readonly operands: string;
  readonly fewest: number;
  readonly most: number;
  readonly summary: string;
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly string[];
  readonly exits: readonly ExitCode[];
  /** Ctrl-C is how it ends, so that it ends with 0 and by itself. */
  readonly stays?: boolean;
  /** On Ctrl-C it leaves what it has done in order first, within seconds, and says how it ended itself. */
  readonly tidies?: boolean;
  load(): Promise<{ readonly run: RunCommand }>;
}

/** Commands of two words with the same first one, which the overview shows as one line. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandSpec[];
}

export type RunCommand = (invocation: Invocation) => Promise<Answer>;

/** What was asked, parsed; nothing in it is a secret. */
export interface Invocation {
  readonly operands: readonly string[];
  readonly flags: Flags;
  readonly common: CommonOptions;
  readonly terminal: Terminal;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Asks whoever is there, yes or no; undefined where nobody is. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

export interface Flags {
  has(name: string): boolean;
  /** The value, the last one where it was repeated. */
  value(name: string): string | undefined;
  /** Every value, lists with commas taken apart. */
  values(name: string): readonly string[];
}

export interface CommonOptions {
  readonly config?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly plainHttp: boolean;
  /** A file with certificates to trust. */
  readonly ca?: string;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
}

/** What goes to stdout: `text` (or bytes), or with --json `document` with its schema put in front. */
export interface Answer {
  readonly exit: ExitCode;
  readonly text?: string | Uint8Array;
  readonly document?: Readonly<Record<string, unknown>>;
}
