import {
  ALL_SPELLINGS,
  architectureNamed,
  osVersionNamed,
  osVersionSpellings,
  spellingsOf,
} from '../image/architectures.ts';
import { normalisePlatform, type Platform, type PlatformClaim } from '../image/platform.ts';
import type { Rule } from './rule.ts';

/** One way in which the tags of a rule's members can name a platform. */
export interface Spelling {
  /** What it puts for `{arch}`, `{os}`, `{variant}` and `{osversion}`. */
  readonly values: Readonly<Record<string, string>>;
  readonly claim: PlatformClaim;
  /** Those of the rule's platforms that it may mean; without `{os}` in the template, `amd64` may be several. */
  readonly platforms: readonly Platform[];
}

const cache = new WeakMap<Rule, ReadonlyMap<string, Spelling>>();

/** All spellings of all platforms of the rule: required ones first, the preferred spelling of each first. */
export function spellings(rule: Rule): readonly Spelling[] {
  return [...table(rule).values()];
}

/** The spelling that these captures hold, or undefined where the rule has no platform that is called so. */
export function spellingIn(rule: Rule, captures: Readonly<Record<string, string>>): Spelling | undefined {
  return table(rule).get(keyOf(captures));
}

function table(rule: Rule): ReadonlyMap<string, Spelling> {
  const known = cache.get(rule);
  if (known) return known;
  const made = new Map<string, Spelling>();
  const has = placeholders(rule);
  for (const platform of [...rule.platforms, ...rule.optional]) {
    for (const values of valuesOf(platform, has)) {
      const key = keyOf(values);
      const before = made.get(key);
      made.set(key, {
        values,
        claim: before?.claim ?? claimOf(values),
        platforms: [...(before?.platforms ?? []), platform],
      });
    }
  }
  cache.set(rule, made);
  return made;
}

/** Which placeholders of a platform the members have, and whether each may be empty. */
function placeholders(rule: Rule): ReadonlyMap<string, { optional: boolean }> {
  return new Map(
    rule.members.parts.flatMap(part =>
      part.kind === 'capture' ? [[part.name, { optional: part.optional }] as const] : [],
    ),
  );
}

function keyOf(values: Readonly<Record<string, string>>): string {
  return JSON.stringify([values.arch ?? '', values.os ?? '', values.variant ?? '', values.osversion ?? '']);
}

function valuesOf(
  platform: Platform,
  has: ReadonlyMap<string, { optional: boolean }>,
): Record<string, string>[] {
  const systems = has.has('os') ? [{ os: platform.os }] : [{}];
  const versions = has.has('osversion') ? osVersions(platform, has.get('osversion')!.optional) : [{}];
  return architectures(platform, has).flatMap(arch =>
    systems.flatMap(os => versions.map(osversion => ({ ...arch, ...os, ...osversion }))),
  );
}

const DEFAULT_VARIANTS: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8' };

function architectures(
  platform: Platform,
  has: ReadonlyMap<string, { optional: boolean }>,
): Record<string, string>[] {
  const whole = has.has('arch') ? spellingsOf(platform).map(arch => ({ arch })) : [{}];
  const separate = has.get('variant');
  if (!separate) return whole;
  const { architecture, variant = DEFAULT_VARIANTS[architecture] } = normalisePlatform(platform);
  const bare = ALL_SPELLINGS.filter(name => {
    const named = architectureNamed(name);
    return name === architecture || (named?.architecture === architecture && named.variant === undefined);
  });
  const apart = has.has('arch') ? bare.filter(name => !/v\d/.test(name)).map(arch => ({ arch })) : [{}];
  return [
    ...(variant === undefined ? [] : apart.map(arch => ({ ...arch, variant }))),
    ...(separate.optional || variant === undefined ? whole.map(arch => ({ ...arch, variant: '' })) : []),
  ];
}

// The builds that a rule which asks for Windows of any version may find named in a tag.
const WINDOWS_BUILDS = [
  ...['10.0.14393', '10.0.16299', '10.0.17134', '10.0.17763', '10.0.18362', '10.0.18363'],
  ...['10.0.19041', '10.0.19042', '10.0.20348', '10.0.25398', '10.0.26100'],
];

function osVersions(platform: Platform, optional: boolean): { osversion: string }[] {
  const asked = platform['os.version'];
  const builds = asked === undefined ? (platform.os === 'windows' ? WINDOWS_BUILDS : []) : [asked];
  const named = builds.flatMap(build => [...osVersionSpellings(build), build]);
  return [...named, ...(optional ? [''] : [])].map(osversion => ({ osversion }));
}

function claimOf(values: Readonly<Record<string, string>>): PlatformClaim {
  const named = values.arch ? architectureNamed(values.arch) : undefined;
  const variant = values.variant || named?.variant;
  const version = values.osversion ? (osVersionNamed(values.osversion) ?? values.osversion) : undefined;
  return {
    ...(values.os ? { os: values.os } : {}),
    ...(named ? { architecture: named.architecture } : {}),
    ...(variant ? { variant } : {}),
    ...(version ? { 'os.version': version } : {}),
  };
}
