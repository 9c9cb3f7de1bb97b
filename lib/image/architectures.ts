import { normalisePlatform, type Platform } from './platform.ts';

interface Architecture {
  readonly architecture: string;
  readonly variant?: string;
}

/** Every spelling that tags use, the preferred one of each first; that one is what images call it, where it can be. */
const TABLE: readonly (readonly [Architecture, readonly string[]])[] = [
  [{ architecture: 'amd64' }, ['amd64', 'x86_64', 'x86-64', 'x64']],
  [{ architecture: 'amd64', variant: 'v2' }, ['amd64v2', 'x86-64-v2', 'x86_64_v2']],
  [{ architecture: 'amd64', variant: 'v3' }, ['amd64v3', 'x86-64-v3', 'x86_64_v3']],
  [{ architecture: 'amd64', variant: 'v4' }, ['amd64v4', 'x86-64-v4', 'x86_64_v4']],
  [{ architecture: 'arm64' }, ['arm64', 'aarch64', 'arm64v8']],
  [{ architecture: 'arm64', variant: 'v9' }, ['arm64v9']],
  [{ architecture: 'arm', variant: 'v7' }, ['armv7', 'arm32v7', 'armhf', 'armv7l', 'arm']],
  [{ architecture: 'arm', variant: 'v6' }, ['armv6', 'arm32v6', 'armel', 'armv6l']],
  [{ architecture: 'arm', variant: 'v5' }, ['armv5', 'arm32v5']],
  [{ architecture: 'arm', variant: 'v8' }, ['arm32v8']],
  [{ architecture: '386' }, ['386', 'i386', 'i686', 'x86']],
  [{ architecture: 'ppc64le' }, ['ppc64le']],
  [{ architecture: 'ppc64' }, ['ppc64']],
  [{ architecture: 's390x' }, ['s390x']],
  [{ architecture: 'riscv64' }, ['riscv64']],
  [{ architecture: 'mips64le' }, ['mips64le']],
  [{ architecture: 'mips64' }, ['mips64']],
  [{ architecture: 'mipsle' }, ['mipsle']],
  [{ architecture: 'mips' }, ['mips']],
  [{ architecture: 'loong64' }, ['loong64', 'loongarch64']],
  [{ architecture: 'wasm' }, ['wasm']],
];

const BY_SPELLING: ReadonlyMap<string, Architecture> = new Map(
  TABLE.flatMap(([architecture, spellings]) => spellings.map(spelling => [spelling, architecture] as const)),
);

/** Every name that `{arch}` knows, lower case. */
export const ALL_SPELLINGS: readonly string[] = [...BY_SPELLING.keys()];

/** The architecture that a tag calls by this name, in any case, as images call it. `arm` is v7, as for containerd. */
export function architectureNamed(spelling: string): Architecture | undefined {
  return BY_SPELLING.get(spelling.toLowerCase());
}

/**
 * The names that tags may have for it, preferred first; `arm64` and `arm64/v8` have the same ones.
 * None for a variant that no tag names as one word (`arm64/v8.2`): a template has to spell it out with `{variant}`.
 */
export function spellingsOf(platform: Pick<Platform, 'architecture' | 'variant'>): readonly string[] {
  const wanted = normalisePlatform({ ...platform, os: '' });
  const found = TABLE.find(
    ([{ architecture, variant }]) => architecture === wanted.architecture && variant === wanted.variant,
  );
  return found?.[1] ?? [];
}

/** Windows is told apart by its build; tags name the release. */
const WINDOWS: readonly (readonly [string, readonly string[]])[] = [
  ['10.0.14393', ['ltsc2016', '1607', '2016']],
  ['10.0.16299', ['1709']],
  ['10.0.17134', ['1803']],
  ['10.0.17763', ['ltsc2019', '1809', '2019']],
  ['10.0.18362', ['1903']],
  ['10.0.18363', ['1909']],
  ['10.0.19041', ['2004']],
  ['10.0.19042', ['20h2']],
  ['10.0.20348', ['ltsc2022', '2022']],
  ['10.0.25398', ['23h2']],
  ['10.0.26100', ['ltsc2025', '2025']],
];

const BY_RELEASE: ReadonlyMap<string, string> = new Map(
  WINDOWS.flatMap(([version, names]) => names.map(name => [name, version] as const)),
);

/** Every name of a Windows release that `{osversion}` knows, lower case. */
export const ALL_OS_VERSION_SPELLINGS: readonly string[] = [...BY_RELEASE.keys()];

/** The os.version, without its last number, of the Windows release that a tag calls by this name, in any case. */
export function osVersionNamed(spelling: string): string | undefined {
  return BY_RELEASE.get(spelling.toLowerCase());
}

/** The names that tags may have for a Windows build such as `10.0.17763` or `10.0.17763.1697`, preferred first. */
export function osVersionSpellings(osVersion: string): readonly string[] {
  return WINDOWS.find(([version]) => `${osVersion}.`.startsWith(`${version}.`))?.[1] ?? [];
}
