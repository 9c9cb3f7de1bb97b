import { mistake } from './parse-arguments.ts';

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 };

/** Bytes a second of `20MB/s`; powers of ten, as in everything that is printed. Throws `bad-argument`. */
export function rateFlag(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([kKMG]?B)\/s$/.exec(text) ?? [];
  const rate = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (!(rate >= 1))
    throw mistake(`--limit-rate "${text}" is no rate.`, '--limit-rate 20MB/s   (kB, MB or GB)');
  return rate;
}
