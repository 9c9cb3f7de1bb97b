/** A version as it is compared: numbers of any size, and what follows the first `-`. */
export interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
}

const NUMBER = '(?:0|[1-9][0-9]*)';
const IDENTIFIER = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const SEMVER = new RegExp(
  `^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?$`,
);
const LOOSE = /^v?([0-9]+(?:\.[0-9]+){0,7})$/;
const LOOSE_SEMVER = /^v?(.*?)(?:\+[0-9A-Za-z.-]+)?$/s;

/**
 * Semantic version 2.0.0 as a tag can hold it: `MAJOR.MINOR.PATCH`, perhaps `-PRERELEASE`; no `v`, no leading
 * zeros, and no `+BUILD`, because a tag has no `+`. Undefined for anything else, `1.0` too.
 */
export function parseSemver(text: string): Version | undefined {
  const found = SEMVER.exec(text);
  if (!found) return undefined;
  return {
    numbers: [BigInt(found[1]!), BigInt(found[2]!), BigInt(found[3]!)],
    prerelease: found[4]?.split('.') ?? [],
  };
}

/**
 * A label's value that orders builds: a number (`41`), dotted numbers (`1.10`) or a semantic version, each
 * perhaps after a `v`; build metadata is left out, as the specification says. Undefined for anything else.
 */
export function parseLabelVersion(text: string): Version | undefined {
  if (text.length > 256) return undefined;
  const plain = LOOSE.exec(text);
  if (plain) return { numbers: plain[1]!.split('.').map(BigInt), prerelease: [] };
  return parseSemver(LOOSE_SEMVER.exec(text)?.[1] ?? '');
}

/** Below, at or above 0 as `a` is older than, as old as or newer than `b`. Missing numbers count as 0. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const left = a.numbers[i] ?? 0n;
    const right = b.numbers[i] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  return comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  const numeric = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (numeric[0] && numeric[1]) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
  return a < b ? -1 : 1;
}
