import { isArchweaveError } from '../errors.ts';
import {
  type DeadLetter,
  type Functions,
  type LetterBox,
  type RawLetter,
  readDeadLetter,
} from './dead-letter.ts';

/** The dead letters of one queue. What was received is hidden from others for a while, and in the queue all the same. */
export interface Letters {
  readonly box: LetterBox;
  /** Some of those that nobody has seen yet; none where there are no more. */
  receive(): Promise<readonly RawLetter[]>;
  remove(letter: RawLetter): Promise<void>;
  /** Shows them again at once. */
  release(letters: readonly RawLetter[]): Promise<void>;
  /** About how many there are, hidden ones too. */
  count(): Promise<number>;
}

export interface Redriving {
  readonly letters: readonly Letters[];
  readonly functions: Functions;
  /** Sends a letter on its way; answers once it is accepted there, and rejects where it is not. */
  readonly deliver: (raw: RawLetter, letter: DeadLetter) => Promise<void>;
  /** Shows what there is and leaves it. */
  readonly dryRun: boolean;
  /** When this run begins, in milliseconds since 1970: what was sent before is no letter that failed again. */
  readonly began: number;
  readonly signal?: AbortSignal;
}

export interface SeenLetter extends DeadLetter {
  readonly result: 'moved' | 'kept' | 'failed';
  /** Why it failed. */
  readonly error?: string;
}

export interface Redriven {
  readonly letters: readonly SeenLetter[];
  /** Letters that could not be seen: a FIFO queue hides those behind others of their group. */
  readonly behind: number;
}

/**
 * Tries again what waits in the dead letters. A letter is removed only after it was accepted where it goes, so that
 * nothing is lost where this ends in the middle; what was accepted and not removed is tried once more, which is
 * harmless, because a message says only where to look.
 */
export async function redrive(options: Redriving): Promise<Redriven> {
  const boxes = await Promise.allSettled(options.letters.map(letters => redriveBox(letters, options)));
  const done = boxes.map(box => {
    if (box.status === 'rejected') throw box.reason;
    return box.value;
  });
  return {
    letters: done.flatMap(({ mine }) => mine),
    behind: done.reduce((sum, { left }) => sum + left, 0),
  };
}

async function redriveBox(letters: Letters, { functions, deliver, dryRun, began, signal }: Redriving) {
  const atFirst = await letters.count();
  const mine: SeenLetter[] = [];
  const kept = new Map<string, RawLetter>();
  const tried = new Map<string, number>();
  const moves = () => mine.filter(({ result }) => result === 'moved').length;
  try {
    for (;;) {
      const received = (await letters.receive()).filter(({ id }) => !kept.has(id));
      if (received.length === 0) break;
      for (const raw of received) kept.set(raw.id, raw);
      for (const raw of received) {
        signal?.throwIfAborted();
        const before = tried.get(raw.body);
        // Ticks of a clock say the same, each for itself. By a clock that is wrong none goes round for ever either.
        if (before !== undefined && (raw.sent >= began || moves() >= atFirst)) {
          mine[before] = { ...mine[before]!, result: 'failed', error: 'it failed again at once' };
          continue;
        }
        const letter = readDeadLetter(letters.box, raw, functions);
        const outcome = dryRun ? ({ result: 'kept' } as const) : await moved(raw, letter);
        if (outcome.result === 'moved') {
          kept.delete(raw.id);
          tried.set(raw.body, mine.length);
        }
        mine.push({ ...letter, ...outcome });
      }
    }
    return { mine, left: Math.max(0, (await letters.count()) - kept.size) };
  } finally {
    if (kept.size > 0) await letters.release([...kept.values()]);
  }

  async function moved(raw: RawLetter, letter: DeadLetter): Promise<Pick<SeenLetter, 'result' | 'error'>> {
    if (letter.way.to === 'nowhere') return { result: 'failed', error: letter.way.why };
    try {
      await deliver(raw, letter);
      await letters.remove(raw);
      return { result: 'moved' };
    } catch (error) {
      if (!isArchweaveError(error)) throw error;
      return { result: 'failed', error: error.message };
    }
  }
}
