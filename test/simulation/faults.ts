import type { Random } from './random.ts';

/** How often each fault happens where it can; `stale` is how many reads may lag behind. 0 is never. */
export interface Faults {
  /** A handler dies where it stands. */
  readonly crash: number;
  /** A message becomes visible again while its handler still works. */
  readonly expiry: number;
  /** A write gets no answer, and lands whenever it likes. */
  readonly timeout: number;
  /** A write gets no answer, and never lands. */
  readonly lostWrite: number;
  /** A write fails, and as many as four after it. */
  readonly failedWrite: number;
  readonly failedRead: number;
  readonly lostEvent: number;
  readonly doubleEvent: number;
  /** A batch read answers each tag at a moment of its own. */
  readonly torn: number;
  readonly stale: number;
  /** Handlers and writes at a fiftieth of the speed. */
  readonly starved: number;
}

export type FaultName = keyof Faults;

export const NO_FAULTS: Faults = {
  crash: 0,
  expiry: 0,
  timeout: 0,
  lostWrite: 0,
  failedWrite: 0,
  failedRead: 0,
  lostEvent: 0,
  doubleEvent: 0,
  torn: 0,
  stale: 0,
  starved: 0,
};

const ALL_FAULTS: Faults = {
  crash: 0.02,
  expiry: 0.02,
  timeout: 0.15,
  lostWrite: 0.08,
  failedWrite: 0.06,
  failedRead: 0.01,
  lostEvent: 0.1,
  doubleEvent: 0.2,
  torn: 0.3,
  stale: 2,
  starved: 0.3,
};

/**
 * Each fault happens in half of the seeds, so that what one fault hides another seed shows. In most seeds no event is
 * lost, so that everything has to come to rest without a sweep.
 */
export function someFaults(random: Random): Faults {
  const swept = random.chance(0.3);
  const chosen = Object.entries(ALL_FAULTS).map(([name, rate]) => {
    if (name === 'starved') return [name, rate] as const;
    const often = !swept && NEED_THE_SWEEP.includes(name) ? 0 : 0.5;
    return [name, random.chance(often) ? rate : 0] as const;
  });
  return { ...ALL_FAULTS, ...Object.fromEntries(chosen) };
}

/** What may not happen while the queue is the only writer and each write has ended when its handler has. */
export function orderly(faults: Faults): Faults {
  return { ...faults, crash: 0, expiry: 0, timeout: 0, stale: 0 };
}

/**
 * Faults after which only the sweep finds what is to be done, and the brake on a fight, which rests until a sweep: that
 * a target is contested was told once, and another group's state may be told of it since.
 */
export const NEED_THE_SWEEP: readonly string[] = [
  'lostEvent',
  'stale',
  'dead letter',
  'purge',
  'immutable',
  'contested',
];
