import { printable } from './printable.ts';

/**
 * What an image runs on, with the field names of the OCI image specification and the values as the image says them.
 * Two spellings of one platform are told to be the same by `samePlatform`; nothing is rewritten when it is stored.
 */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  /** CPU features of a Docker manifest list (`sse4`). No client looks at them: they tell no platforms apart. */
  readonly features?: readonly string[];
}

/** What a tag's name says of the image; a field that it does not name is absent. */
export type PlatformClaim = Partial<Pick<Platform, 'os' | 'architecture' | 'variant' | 'os.version'>>;

const SYSTEMS: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasi wasip1 windows'.split(
    ' ',
  ),
);

/** The architectures that images use, with the shape of their variants where they have any. */
const ARCHITECTURES: ReadonlyMap<string, RegExp | undefined> = new Map([
  ['386', undefined],
  ['amd64', /^v[1-4]$/],
  ['arm', /^v[5-8]$/],
  ['arm64', /^v[89](\.\d)?$/],
  ['loong64', undefined],
  ['mips', undefined],
  ['mips64', undefined],
  ['mips64le', undefined],
  ['mipsle', undefined],
  ['ppc64', /^power\d+$/],
  ['ppc64le', /^power\d+$/],
  ['riscv64', /^rva\d\d[a-z]\d\d$/],
  ['s390x', undefined],
  ['wasm', undefined],
]);

/**
 * The platform that `linux/arm64/v8` or `windows/amd64:10.0.17763` (a prefix of os.version) names, or undefined.
 *
 * For what people write: only names that images use are taken, so `linux/x86_64` and `Linux/AMD64` are not.
 */
export function parsePlatform(text: string): Platform | undefined {
  const match = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9.]+))?(?::(\d+(?:\.\d+){0,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, os = '', architecture = '', variant, version] = match;
  if (!SYSTEMS.has(os) || !ARCHITECTURES.has(architecture)) return undefined;
  if (variant !== undefined && !ARCHITECTURES.get(architecture)?.test(variant)) return undefined;
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(version === undefined ? {} : { 'os.version': version }),
  };
}

/**
 * The platform as it was written, for people: `linux/arm64/v8`, `windows/amd64:10.0.17763.1697`. Features are not
 * shown, and what an image says is printable whatever it is.
 */
export function formatPlatform(platform: Platform): string {
  const variant = platform.variant ? `/${platform.variant}` : '';
  const version = platform['os.version'] ? `:${platform['os.version']}` : '';
  return printable(`${platform.os}/${platform.architecture}${variant}${version}`);
}

/**
 * The platform in the one spelling that comparisons use, by the rules of containerd: `arm64/v8` is `arm64`, `arm` is
 * `arm/v7`, `x86_64` is `amd64`. Empty fields are gone, os.features are sorted, CPU features are dropped.
 */
export function normalisePlatform(platform: Platform): Platform {
  const { architecture, variant } = normaliseArchitecture(platform.architecture, platform.variant ?? '');
  const version = platform['os.version'];
  const features = [...new Set(platform['os.features'])].sort();
  return {
    os: normaliseSystem(platform.os),
    architecture,
    ...(variant === '' ? {} : { variant }),
    ...(version ? { 'os.version': version } : {}),
    ...(features.length === 0 ? {} : { 'os.features': features }),
  };
}

/** Whether both are one platform to every client; os.version and os.features count. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return platformKey(a) === platformKey(b);
}

/** A string that two platforms share exactly if `samePlatform` holds. For maps, not for people. */
export function platformKey(platform: Platform): string {
  const {
    os,
    architecture,
    variant,
    'os.version': version,
    'os.features': features,
  } = normalisePlatform(platform);
  return JSON.stringify([os, architecture, variant ?? '', version ?? '', features ?? []]);
}

/**
 * Whether `have` fills the place that a rule keeps for `want`.
 *
 * Fields absent from `want` match anything, so this is not symmetric. The variant is the exception: once normalised
 * an absent one is a definite one (`linux/arm64` asks for v8, `linux/arm` for v7) and has to be equal. os.version is
 * a prefix that ends at a dot: `10.0.17763` takes `10.0.17763.1697`, not `10.0.177630`.
 */
export function satisfies(have: Platform, want: Platform): boolean {
  const there = normalisePlatform(have);
  const asked = normalisePlatform(want);
  return (
    there.os === asked.os &&
    there.architecture === asked.architecture &&
    there.variant === asked.variant &&
    startsAtDot(there['os.version'], asked['os.version']) &&
    (asked['os.features'] ?? []).every(feature => there['os.features']?.includes(feature))
  );
}

/**
 * Whether the image is not what its tag says. Only what the tag names can be contradicted: `-arm64` says nothing of
 * the variant, `-armv6` does. An image without os.version contradicts a tag that names one.
 */
export function contradicts(have: Platform, claim: PlatformClaim): boolean {
  const there = normalisePlatform(have);
  const architecture = claim.architecture ?? have.architecture;
  const said = normalisePlatform({ ...claim, os: claim.os ?? have.os, architecture });
  return (
    there.os !== said.os ||
    there.architecture !== said.architecture ||
    (claim.variant !== undefined && there.variant !== said.variant) ||
    !startsAtDot(there['os.version'], said['os.version'])
  );
}

/** Whether something can run there: false for none, for `unknown/unknown` (attestations) and for empty names. */
export function isKnownPlatform(platform: Platform | undefined): platform is Platform {
  return platform !== undefined && isNamed(platform.os) && isNamed(platform.architecture);
}

function isNamed(name: string): boolean {
  return name !== '' && name.toLowerCase() !== 'unknown';
}

function startsAtDot(version: string | undefined, prefix: string | undefined): boolean {
  if (prefix === undefined) return true;
  return version !== undefined && `${version}.`.startsWith(`${prefix}.`);
}

function normaliseSystem(os: string): string {
  const lower = os.toLowerCase();
  return lower === 'macos' ? 'darwin' : lower;
}

// The table of github.com/containerd/platforms, database.go: what docker and kubernetes compare with.
function normaliseArchitecture(
  spelling: string,
  variantSpelling: string,
): { architecture: string; variant: string } {
  const variant = variantSpelling.toLowerCase();
  switch (spelling.toLowerCase()) {
    case 'i386':
      return { architecture: '386', variant: '' };
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant };
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: ARM64_VARIANTS.get(variant) ?? variant };
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' };
    case 'armel':
      return { architecture: 'arm', variant: 'v6' };
    case 'arm':
      return { architecture: 'arm', variant: ARM_VARIANTS.get(variant) ?? variant };
    default:
      return { architecture: spelling.toLowerCase(), variant };
  }
}

const ARM64_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['8', ''],
  ['v8', ''],
  ['v8.0', ''],
  ['9', 'v9'],
  ['9.0', 'v9'],
  ['v9.0', 'v9'],
]);

const ARM_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['', 'v7'],
  ['5', 'v5'],
  ['6', 'v6'],
  ['7', 'v7'],
  ['8', 'v8'],
]);
