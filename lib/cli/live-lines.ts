import type { OutputStream } from './terminal.ts';

export interface LiveLines {
  /** Puts these lines in the place of those that are shown. */
  show(lines: readonly string[]): void;
  /** Those that are shown stay, and the next ones come below them. */
  keep(): void;
  /** Writes something above them. */
  above(write: () => void): void;
}

const DEFAULT_COLUMNS = 80;

/** Some terminals say 0 where they do not know. */
export function columnsOf({ columns }: OutputStream): number {
  return columns || DEFAULT_COLUMNS;
}

/**
 * Lines at the end of a terminal that change in place. A line is cut at the terminal's width: one that wraps would
 * be two, and going back would miss its first half.
 */
export function createLiveLines(stream: OutputStream, on: boolean): LiveLines {
  let shown: readonly string[] = [];
  const erase = (): string => (shown.length === 0 ? '' : `\x1b[${shown.length}A\r\x1b[J`);
  const draw = (): string => shown.map(line => `${line}\n`).join('');
  return {
    show(lines) {
      if (!on) return;
      const width = columnsOf(stream) - 1;
      const before = erase();
      shown = lines.map(line => line.slice(0, width));
      stream.write(before + draw());
    },
    keep() {
      shown = [];
    },
    above(write) {
      if (shown.length === 0) {
        write();
        return;
      }
      stream.write(erase());
      write();
      stream.write(draw());
    },
  };
}
