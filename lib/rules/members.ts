import type { Platform, PlatformClaim } from '../image/platform.ts';
import { withoutPlatform } from './captures.ts';
import { matchesGlob } from './glob.ts';
import { matchTemplate, renderTemplate } from './match-template.ts';
import type { Rule } from './rule.ts';
import { spellingIn, spellings } from './spellings.ts';
import type { Captures } from './template.ts';

/** What a tag says when it is read as a member: its group's captures (without the platform's), and its platform. */
export interface MemberTag {
  readonly tag: string;
  readonly captures: Captures;
  readonly claim: PlatformClaim;
}

/** A tag under which a member of a group may be. */
export interface Candidate {
  readonly tag: string;
  readonly claim: PlatformClaim;
  /** Of the rule's platforms, those that it may be. */
  readonly platforms: readonly Platform[];
}

/** Reads `tag` as a member of the rule. Excluded tags, and architectures that the rule has not, are no members. */
export function memberOf(rule: Rule, tag: string): MemberTag | undefined {
  if (isExcluded(rule, tag)) return undefined;
  const read = matchTemplate(rule.members, tag);
  const spelling = read && spellingIn(rule, read);
  return spelling && { tag, captures: withoutPlatform(read), claim: spelling.claim };
}

/**
 * Every tag under which a member of this group may be: all spellings of all platforms of the rule, required ones
 * first, the preferred spelling first, no tag twice.
 *
 * A function of the group alone, so that no decision depends on which tag came first: `memberOf` reads each of
 * these tags back as this group, and each tag that it reads as this group is here.
 */
export function candidates(rule: Rule, captures: Captures): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { values } of spellings(rule)) {
    const tag = renderTemplate(rule.members, { ...captures, ...values });
    if (tag === undefined || found.has(tag) || isExcluded(rule, tag)) continue;
    const read = matchTemplate(rule.members, tag);
    const spelling = read && spellingIn(rule, read);
    if (!spelling || !holds(captures, withoutPlatform(read))) continue;
    found.set(tag, { tag, claim: spelling.claim, platforms: spelling.platforms });
  }
  return [...found.values()];
}

/** Whether the rule's `exclude` keeps its hands off this tag. */
export function isExcluded(rule: Rule, tag: string): boolean {
  return rule.exclude.some(pattern => matchesGlob(pattern, tag));
}

function holds(captures: Captures, read: Captures): boolean {
  return Object.entries(read).every(
    ([name, value]) => Object.hasOwn(captures, name) && captures[name] === value,
  );
}
