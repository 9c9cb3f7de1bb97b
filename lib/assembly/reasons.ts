import type { Digest } from '../image/digest.ts';
import { shortDigest } from '../image/digest.ts';
import { duration } from '../image/format-duration.ts';
import { printable } from '../image/printable.ts';

export { duration };

/** A platform, and the build its image says it is from. */
export interface PlatformBuild {
  readonly platform: string;
  readonly build: string | undefined;
}

/**
 * Why a target is as it is, as data. `sentence` makes the words that the command line, the page, the events and the
 * log all use. Platforms are texts as a person writes them, durations are milliseconds, times RFC 3339.
 */
export type Reason =
  | { readonly code: 'unreadable'; readonly tag: string; readonly why: string }
  | {
      readonly code: 'withdrawn';
      readonly tag: string;
      readonly act: 'deleted' | 'replaced';
      readonly at?: string;
    }
  | {
      readonly code: 'mislabelled';
      readonly tag: string;
      readonly says: string;
      readonly is: string;
      readonly digest: Digest;
    }
  | { readonly code: 'duplicate-platform'; readonly tags: readonly string[]; readonly platform: string }
  | { readonly code: 'mixed-builds'; readonly builds: readonly PlatformBuild[] }
  | { readonly code: 'immutable-tag'; readonly tag: string; readonly digest?: string; readonly adds?: string }
  | { readonly code: 'too-large'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'two-rules'; readonly target: string; readonly rules: readonly RuleMention[] }
  | { readonly code: 'foreign-target'; readonly target: string }
  | {
      readonly code: 'unordered';
      readonly builds: readonly [string, string];
      readonly target: string;
    }
  | { readonly code: 'child-gone'; readonly platform: string; readonly digest: string }
  | { readonly code: 'contested'; readonly target: string; readonly times: number; readonly within: number }
  | { readonly code: 'locked'; readonly tag: string; readonly registry: string }
  | { readonly code: 'quarantined'; readonly tag: string }
  | { readonly code: 'soft-deleted'; readonly digest: string }
  | { readonly code: 'refused'; readonly why: string }
  | {
      readonly code: 'missing-platform';
      readonly platforms: readonly string[];
      readonly present: number;
      readonly wanted: number;
    }
  | { readonly code: 'partial'; readonly platforms: readonly string[]; readonly settlesIn?: number }
  | { readonly code: 'optional-grace'; readonly platforms: readonly string[]; readonly left: number }
  | { readonly code: 'newer-build'; readonly tag: string; readonly build: string }
  | { readonly code: 'same-bytes' }
  | { readonly code: 'members-removed' }
  | { readonly code: 'before-archweave' }
  | { readonly code: 'past-horizon'; readonly age: number; readonly horizon: number }
  | { readonly code: 'pinned'; readonly build: string; readonly where: string }
  | { readonly code: 'unwanted-platform'; readonly tag: string; readonly platforms: readonly string[] }
  | { readonly code: 'no-clobber'; readonly tag: string }
  | { readonly code: 'no-rule'; readonly target: string };

export interface RuleMention {
  readonly name: string;
  readonly line: number;
}

export type ReasonCode = Reason['code'];

/** The order of headlines: the first reason of a group is the first of these. */
const RANK: readonly ReasonCode[] = [
  'unreadable',
  'withdrawn',
  'mislabelled',
  'duplicate-platform',
  'mixed-builds',
  'immutable-tag',
  'too-large',
  'two-rules',
  'foreign-target',
  'unordered',
  'child-gone',
  'contested',
  'locked',
  'quarantined',
  'soft-deleted',
  'refused',
  'missing-platform',
  'partial',
  'optional-grace',
];

export function byRank(reasons: readonly Reason[]): readonly Reason[] {
  const rank = (reason: Reason) => {
    const at = RANK.indexOf(reason.code);
    return at < 0 ? RANK.length : at;
  };
  return reasons.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * One sentence, without the final stop. `now` is not needed: reasons carry what is left, not when it ends. Words of
 * others that are in it (of an image, of a registry) are made printable.
 */
export function sentence(reason: Reason): string {
  return printable(wordsOf(reason));
}

function wordsOf(reason: Reason): string {
  switch (reason.code) {
    case 'unreadable':
      return `${reason.tag} cannot be read: ${reason.why}`;
    case 'withdrawn':
      return `a person ${reason.act} ${reason.tag}${reason.at ? ` on ${minute(reason.at)}` : ''}; a new push or "apply --restore" brings it back`;
    case 'mislabelled':
      return `${reason.tag} says ${reason.says}, but the image is ${reason.is}`;
    case 'duplicate-platform':
      return reason.tags.length < 2
        ? `${reason.tags[0]} has ${reason.platform} twice, with different content`
        : `${and(reason.tags)} are both ${reason.platform}, with different content`;
    case 'mixed-builds':
      return mixedSentence(reason.builds);
    case 'immutable-tag':
      return reason.adds === undefined
        ? `${reason.tag} is immutable and holds another index${reason.digest ? `, ${shortDigest(reason.digest)}` : ''}`
        : `${reason.tag} is immutable; would add ${reason.adds}`;
    case 'too-large':
      return `the index would be ${megabytes(reason.bytes)}, this registry takes ${megabytes(reason.limit)}`;
    case 'two-rules':
      return `${reason.target} is a target of two rules, ${and(reason.rules.map(({ name, line }) => `"${name}" (${line > 0 ? `line ${line}` : 'built in'})`))}`;
    case 'foreign-target':
      return `${reason.target} was put there by somebody else; "apply" on it takes it over`;
    case 'unordered':
      return `which of the builds ${and(reason.builds)} is newer cannot be told; ${reason.target} stays`;
    case 'child-gone':
      return `${reason.platform} ${shortDigest(reason.digest)} was deleted after it was pushed`;
    case 'contested':
      return `${reason.target} was rewritten ${reason.times} times in ${duration(reason.within)}, by somebody else in between; archweave stopped`;
    case 'locked':
      return `${reason.tag} is locked against changes in ${reason.registry}`;
    case 'quarantined':
      return `${reason.tag} is in quarantine`;
    case 'soft-deleted':
      return `${shortDigest(reason.digest)} is soft-deleted; restore it, this registry refuses it until then`;
    case 'refused':
      return `the registry refuses this index: ${reason.why}`;
    case 'missing-platform':
      return `${reason.present} of ${reason.wanted} there, ${and(reason.platforms)} ${reason.platforms.length === 1 ? 'is' : 'are'} missing`;
    case 'partial':
      return `${and(reason.platforms)} ${reason.platforms.length === 1 ? 'is still the old one' : 'are still the old ones'}; waiting until all platforms have moved${reason.settlesIn === undefined ? '' : ` (settles in ${duration(reason.settlesIn)})`}`;
    case 'optional-grace':
      return `complete; waiting ${duration(reason.left)} more for optional ${and(reason.platforms)}, because the tag is immutable`;
    case 'newer-build':
      return `${reason.tag} already holds a newer build (${reason.build})`;
    case 'same-bytes':
      return 'nothing to do';
    case 'members-removed':
      return 'its members were removed after it was published; the index stays';
    case 'before-archweave':
      return 'was complete before archweave came; "apply" writes it';
    case 'past-horizon':
      return `was complete ${duration(reason.age)} ago, past the horizon of ${duration(reason.horizon)}; "apply" writes it`;
    case 'pinned':
      return `pinned to build ${reason.build} (${reason.where})`;
    case 'unwanted-platform':
      return `${reason.tag} is ${and(reason.platforms)}, which --platform does not name`;
    case 'no-clobber':
      return `${reason.tag} is there and holds something else; --no-clobber leaves it`;
    case 'no-rule':
      return `no rule makes ${reason.target}`;
  }
}

function mixedSentence(builds: readonly PlatformBuild[]): string {
  const [first, ...rest] = builds.map(({ platform, build }) => [platform, shortBuild(build)] as const);
  if (first === undefined) return 'its members are from different builds';
  return [
    `${first[0]} is from ${first[1]}`,
    ...rest.map(([platform, build]) => `${platform} from ${build}`),
  ].join(', ');
}

/** The most characters of a build that are shown. */
const LONGEST = 100;

/** A commit is told by its first 7 digits, as git does; anything else is told whole, as far as anybody reads. */
export function shortBuild(build: string | undefined): string {
  if (build === undefined) return 'no build';
  if (/^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(build)) return build.slice(0, 7);
  return printable(build.length > LONGEST ? `${build.slice(0, LONGEST)}...` : build);
}

function minute(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function and(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
