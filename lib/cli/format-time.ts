import { duration } from '../assembly/reasons.ts';

const SECOND = 1_000;

/** `12 min ago`; `just now` within a second, and for times ahead, since clocks differ. */
export function formatAgo(time: string | number, now: number): string {
  const elapsed = now - (typeof time === 'number' ? time : Date.parse(time));
  if (Number.isNaN(elapsed)) return '-';
  return elapsed < SECOND ? 'just now' : `${duration(elapsed)} ago`;
}

/** RFC 3339 in UTC to the second: `2026-11-22T09:43:10Z`. What cannot be read stays as it is. */
export function formatTime(time: string | number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}
