import type { Digest } from '../image/digest.ts';
import { contradicts, formatPlatform, type Platform, platformKey, satisfies } from '../image/platform.ts';
import type { Rule } from '../rules/rule.ts';
import type { Member, MemberImage } from './observation.ts';
import type { PlatformBuild, Reason } from './reasons.ts';
import { sameBuild } from './same-build.ts';

/** How far ahead of the registry's clock a builder's may be, in milliseconds. */
const CLOCK_SKEW = 10 * 60_000;

/** An image that has its place in the index, and the member it came from. */
export interface Chosen {
  readonly wanted: Platform;
  readonly required: boolean;
  readonly tag: string;
  readonly image: MemberImage;
  readonly pushedAt?: string;
}

/** What the members of a group come to, whatever the target holds. */
export type Resolution = { readonly present: readonly Digest[] } & (
  | {
      readonly kind: 'complete';
      /** In the rule's platform order. */
      readonly chosen: readonly Chosen[];
      readonly missingOptional: readonly Platform[];
      /** False where no label tells the build: only the settle rule keeps builds apart then. */
      readonly labelled: boolean;
      /** The build, as the first of the `sameBuild` labels names it. */
      readonly revision?: string;
      /** What orders builds where the rule orders by label or creation time. */
      readonly newest?: string;
    }
  | { readonly kind: 'waiting' | 'held'; readonly reasons: readonly Reason[] }
);

export type Complete = Extract<Resolution, { readonly kind: 'complete' }>;

type Present = Member & { readonly state: Extract<Member['state'], { readonly kind: 'present' }> };

/**
 * Whether a group is complete: every required platform once, nothing under a wrong name, all of one build.
 *
 * Optional platforms are taken where they fit and left out where they do not; they never hold a build up. Only
 * facts about an image that contradict its own tag hold whatever platform they are about. `now` (milliseconds since
 * 1970) is there to disbelieve creation times that lie ahead.
 */
export function resolve(rule: Rule, members: readonly Member[], now: number): Resolution {
  const there = members.filter((member): member is Present => member.state.kind === 'present');
  const present = there.flatMap(({ state }) => state.images.map(({ descriptor }) => descriptor.digest));
  const offers = there.flatMap(({ tag, claim, state }) =>
    state.images.map(image => ({
      tag,
      claim,
      image,
      ...(state.pushedAt ? { pushedAt: state.pushedAt } : {}),
    })),
  );

  const held: Reason[] = [...unreadable(rule, members), ...mislabelled(offers)];
  const waiting: Reason[] = [];
  const chosen: Chosen[] = [];
  const missing: Platform[] = [];
  const missingOptional: Platform[] = [];

  const wants = [
    ...rule.platforms.map(wanted => ({ wanted, required: true })),
    ...rule.optional.map(wanted => ({ wanted, required: false })),
  ];
  const taken = new Set<string>();
  for (const { wanted, required } of wants) {
    const byPlatform = new Map<string, typeof offers>();
    for (const offer of offers) {
      const { platform } = offer.image.descriptor;
      const key = platformKey(platform);
      if (!satisfies(platform, wanted) || taken.has(key)) continue;
      byPlatform.set(key, [...(byPlatform.get(key) ?? []), offer]);
    }
    if (byPlatform.size === 0) (required ? missing : missingOptional).push(wanted);
    for (const key of [...byPlatform.keys()].toSorted()) {
      const same = byPlatform.get(key)!;
      taken.add(key);
      const digests = new Set(same.map(({ image }) => image.descriptor.digest));
      if (digests.size > 1) {
        if (required) held.push(duplicate(same));
        else missingOptional.push(wanted);
        continue;
      }
      const { tag, image, pushedAt } = same[0]!;
      chosen.push({ wanted, required, tag, image, ...(pushedAt ? { pushedAt } : {}) });
    }
  }

  const absent = held.length === 0 ? missing : missing.filter(wanted => !isThereSomehow(members, wanted));
  if (absent.length > 0) {
    const wanted = rule.platforms.length;
    const platforms = absent.map(formatPlatform);
    waiting.push({ code: 'missing-platform', platforms, present: wanted - missing.length, wanted });
  }
  const required = chosen.filter(choice => choice.required);
  const builds = sameBuild(rule, required);
  if (!builds.same) waiting.push({ code: 'mixed-builds', builds: builds.builds });

  if (held.length > 0) return { kind: 'held', reasons: [...held, ...waiting], present };
  if (waiting.length > 0 || !builds.same) return { kind: 'waiting', reasons: waiting, present };

  const fitting = chosen.filter(choice => choice.required || sameBuild(rule, [...required, choice]).same);
  const newest = newestOf(rule, required, now);
  if (newest.kind === 'differs')
    return { kind: 'waiting', reasons: [{ code: 'mixed-builds', builds: newest.builds }], present };
  return {
    kind: 'complete',
    chosen: fitting,
    missingOptional,
    labelled: builds.labelled,
    present,
    ...(builds.revision === undefined ? {} : { revision: builds.revision }),
    ...(newest.value === undefined ? {} : { newest: newest.value }),
  };
}

/** What is there and cannot be used is told as that, and not as missing too. */
function isThereSomehow(members: readonly Member[], wanted: Platform): boolean {
  return members.some(({ state, platforms }) => state.kind !== 'absent' && platforms.includes(wanted));
}

/** A member that cannot be read holds what it may be required for; an optional one is as if it were not there. */
function unreadable(rule: Rule, members: readonly Member[]): Reason[] {
  return members.flatMap(({ tag, state, platforms }): Reason[] => {
    if (state.kind !== 'unreadable') return [];
    const needed = platforms.some(platform => rule.platforms.includes(platform));
    if (!needed) return [];
    return [state.quarantined ? { code: 'quarantined', tag } : { code: 'unreadable', tag, why: state.why }];
  });
}

function mislabelled(offers: readonly Pick<Offer, 'tag' | 'claim' | 'image'>[]): Reason[] {
  const byTag = new Map<string, Reason>();
  for (const { tag, claim, image } of offers) {
    const { platform, digest } = image.descriptor;
    if (byTag.has(tag) || !contradicts(platform, claim)) continue;
    byTag.set(tag, {
      code: 'mislabelled',
      tag,
      says: claimText(claim),
      is: formatPlatform(platform),
      digest,
    });
  }
  return [...byTag.values()];
}

interface Offer {
  readonly tag: string;
  readonly claim: Member['claim'];
  readonly image: MemberImage;
}

export function claimText(claim: Member['claim']): string {
  const machine = [claim.os, claim.architecture, claim.variant].filter(
    part => part !== undefined && part !== '',
  );
  const text = machine.join('/');
  return claim['os.version'] ? `${text} ${claim['os.version']}` : text;
}

function duplicate(same: readonly Offer[]): Reason {
  return {
    code: 'duplicate-platform',
    tags: [...new Set(same.map(({ tag }) => tag))],
    platform: formatPlatform(same[0]!.image.descriptor.platform),
  };
}

type Newest =
  | { readonly kind: 'agreed'; readonly value?: string }
  | { readonly kind: 'differs'; readonly builds: readonly PlatformBuild[] };

/** Every member of a build carries the ordering label alike; the time of a build is that of its oldest member. */
function newestOf(rule: Rule, required: readonly Chosen[], now: number): Newest {
  if (rule.newest.by === 'label') {
    const { label } = rule.newest;
    const builds = required.map(({ image }) => ({
      platform: formatPlatform(image.descriptor.platform),
      build: image.labels[label],
    }));
    const values = new Set(builds.map(({ build }) => build));
    if (values.size > 1) return { kind: 'differs', builds };
    const [value] = values;
    return { kind: 'agreed', ...(value === undefined ? {} : { value }) };
  }
  if (rule.newest.by === 'created') {
    const times = required.map(({ image }) => image.created);
    if (times.every(time => time !== undefined && Date.parse(time) <= now + CLOCK_SKEW)) {
      const oldest = times.toSorted((a, b) => Date.parse(a ?? '') - Date.parse(b ?? ''))[0];
      return { kind: 'agreed', ...(oldest === undefined ? {} : { value: oldest }) };
    }
  }
  return { kind: 'agreed' };
}
