const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration as archweave.yaml writes it: a whole number and one of s, m, h, d. */
export const DURATION_PATTERN = '^[0-9]{1,6}[smhd]$';

/** `30m` in milliseconds; undefined for anything else, a number without a unit too. */
export function parseDuration(text: string): number | undefined {
  if (!new RegExp(DURATION_PATTERN).test(text)) return undefined;
  return Number(text.slice(0, -1)) * UNITS[text.at(-1) as keyof typeof UNITS];
}
