import type { Build } from './build.ts';
import { captureValue } from './captures.ts';
import { buildCaptureNames } from './key.ts';
import type { Rule } from './rule.ts';
import { compareVersions, parseLabelVersion, parseSemver } from './version.ts';

/** Creation times closer than this, in milliseconds, say nothing: two jobs of one build differ by as much. */
const SAME_TIME = 60_000;
const BEFORE_CONTAINERS = Date.UTC(1990, 0, 1);

/**
 * Below 0, 0 or above 0 as build `a` is older than, the same as or newer than `b`, by the rule's `newest`;
 * undefined where that cannot be told (a value is missing or no version, times within a minute).
 *
 * Builds with the same captures are one build, whatever their labels say. For typed captures it is a total order:
 * equal values that are spelt differently (`7` and `07`) are ordered bytewise, so that everybody picks the same.
 * It knows no clock: who fills `newest` with a creation time leaves out one that lies in the future.
 */
export function compareBuilds(rule: Rule, a: Build, b: Build): number | undefined {
  if (rule.newest.by === 'nothing') return 0;
  const bySpelling = compareSpellings(rule, a, b);
  if (bySpelling === 0) return 0;
  const order = compareByRule(rule, a, b);
  return order === 0 ? bySpelling : order;
}

function compareByRule(rule: Rule, a: Build, b: Build): number | undefined {
  switch (rule.newest.by) {
    case 'nothing':
      return 0;
    case 'captures':
      return compareCaptures(rule, rule.newest.captures, a, b);
    case 'label': {
      const left = parseLabelVersion(a.newest ?? '');
      const right = parseLabelVersion(b.newest ?? '');
      return left && right && compareVersions(left, right);
    }
    case 'created': {
      const left = created(a);
      const right = created(b);
      if (left === undefined || right === undefined || Math.abs(left - right) <= SAME_TIME) return undefined;
      return Math.sign(left - right);
    }
  }
}

function compareCaptures(rule: Rule, names: readonly string[], a: Build, b: Build): number | undefined {
  for (const name of names) {
    const left = typedValue(rule, name, a);
    const right = typedValue(rule, name, b);
    if (!left || !right) return undefined;
    const order = compareVersions(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function typedValue(rule: Rule, name: string, build: Build) {
  const text = captureValue(build.captures, name) ?? '';
  const part = rule.members.parts.find(candidate => candidate.kind === 'capture' && candidate.name === name);
  if (part?.kind !== 'capture') return undefined;
  if (part.type === 'semver') return parseSemver(text);
  return /^[0-9]+$/.test(text) ? { numbers: [BigInt(text)], prerelease: [] } : undefined;
}

function created(build: Build): number | undefined {
  const time = Date.parse(build.newest ?? '');
  return time >= BEFORE_CONTAINERS ? time : undefined;
}

/** 0 only for the same captures; undefined where one of them is missing (an index written under another rule). */
function compareSpellings(rule: Rule, a: Build, b: Build): number | undefined {
  for (const name of buildCaptureNames(rule)) {
    const left = captureValue(a.captures, name);
    const right = captureValue(b.captures, name);
    if (left === undefined || right === undefined) return undefined;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
