import { ALL_SPELLINGS, architectureNamed } from '../image/architectures.ts';
import { isDigest } from '../image/digest.ts';
import { formatPlatform, type PlatformClaim } from '../image/platform.ts';

const ARCHITECTURE = new RegExp(
  `(?:^|[._-])(${ALL_SPELLINGS.toSorted((a, b) => b.length - a.length).join('|')})(?=$|[._-])`,
  'gi',
);

/** What a member's reference says of its platform: a digest says nothing. */
export function claimOf(reference: string): PlatformClaim {
  return isDigest(reference) ? {} : claimOfTag(reference);
}

/** The platform that a claim tells; an architecture alone is one of Linux. */
export function platformClaimed(claim: PlatformClaim): string | undefined {
  if (claim.architecture === undefined) return undefined;
  return formatPlatform({ os: 'linux', ...claim, architecture: claim.architecture });
}

/** What a tag's name says of its platform: the last architecture in it, by any spelling in use. */
export function claimOfTag(tag: string): PlatformClaim {
  const spelling = [...tag.matchAll(ARCHITECTURE)].at(-1)?.[1];
  return (spelling && architectureNamed(spelling)) || {};
}
