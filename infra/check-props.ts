import type { Duration } from 'aws-cdk-lib';
import { ArchweaveError } from '../lib/errors.ts';

/** No more often than a sweep may take, and no less often than an alarm can tell that one is missing. */
export function checkSweep(sweep: Duration): Duration {
  const minutes = sweep.toMinutes({ integral: false });
  if (Number.isInteger(minutes) && minutes >= 60 && minutes <= 6 * 24 * 60) return sweep;
  throw refused(`sweep is ${sweep.toHumanString()}`, 'whole minutes, from an hour to six days');
}

export function checkWrites(writesPerSecond: number): number {
  if (writesPerSecond >= 0.1 && writesPerSecond <= 200) return writesPerSecond;
  throw refused(`writesPerSecond is ${writesPerSecond}`, 'a number from 0.1 to 200');
}

/** Lambda takes no fewer than one, and no account has more than some ten thousands. */
export function checkCopies(copies: number): number {
  if (Number.isInteger(copies) && copies >= 1 && copies <= 1000) return copies;
  throw refused(`copies is ${copies}`, 'a whole number from 1 to 1000');
}

function refused(reason: string, next: string): ArchweaveError {
  return new ArchweaveError({ code: 'bad-argument', attempt: '', reason: `${reason}; it is ${next}`, next });
}
