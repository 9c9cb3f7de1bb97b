import { columnsOf, createLiveLines } from './live-lines.ts';

/** The part of a stream that the command line uses. */
export interface OutputStream {
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  /** Characters in a line, where it is a terminal. */
  readonly columns?: number;
}

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

export type Paint = (text: string, colour: Colour) => string;

/** stderr, and what may be said there; stdout belongs to the answer. */
export interface Terminal {
  /** A line that tells more; not shown with --quiet. */
  note(line: string): void;
  /** A line that belongs to the outcome; always shown. */
  say(line: string): void;
  /** A line of stdout that cannot wait for the end: of a command that stays, or that is stopped. */
  answer(line: string): void;
  /** For text that goes to stdout. */
  readonly paint: Paint;
  /** For text that goes to stderr. */
  readonly paintNote: Paint;
  /** Whether a person reads along on stderr. */
  readonly attended: boolean;
  /** Whether `live` shows anything: a terminal that can go back a line, and a person who did not ask for quiet. */
  readonly animated: boolean;
  /**
   * Shows lines that the next call replaces; what is said meanwhile goes above them. No lines take them away, and
   * `keep` leaves those that are there.
   */
  live(lines: readonly string[]): void;
  keep(): void;
  /** Characters in a line of stderr. */
  readonly columns: number;
}

export interface TerminalOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly quiet: boolean;
  readonly color: 'auto' | 'always' | 'never';
}

const CODES: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 };

export function openTerminal({ stdout, stderr, env, quiet, color }: TerminalOptions): Terminal {
  const attended = stderr.isTTY === true && !env.CI;
  const animated = attended && !quiet && env.TERM !== 'dumb';
  const live = createLiveLines(stderr, animated);
  const say = (line: string): void => live.above(() => stderr.write(`${line}\n`));
  return {
    say,
    answer: line => {
      live.above(() => stdout.write(`${line}\n`));
    },
    note: quiet ? () => {} : say,
    paint: painter(isColoured(stdout, env, color)),
    paintNote: painter(isColoured(stderr, env, color)),
    attended,
    animated,
    live: live.show,
    keep: live.keep,
    get columns() {
      return columnsOf(stderr);
    },
  };
}

/** `--color` and FORCE_COLOR win; else it takes a terminal that is not dumb and no NO_COLOR. */
export function isColoured(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
  color: 'auto' | 'always' | 'never',
): boolean {
  if (color !== 'auto') return color === 'always';
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

function painter(on: boolean): Paint {
  return on ? (text, colour) => `\x1b[${CODES[colour]}m${text}\x1b[0m` : text => text;
}
