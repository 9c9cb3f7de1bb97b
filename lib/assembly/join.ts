import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { sameMeaning } from '../image/meaning.ts';
import { contradicts, formatPlatform, type Platform, platformKey } from '../image/platform.ts';
import { MAX_MANIFEST_BYTES } from '../image/read-manifest.ts';
import type { Reading } from '../registry/interfaces.ts';
import { builtInRule } from '../rules/built-in.ts';
import type { Rule } from '../rules/rule.ts';
import { claimOf, platformClaimed } from './claim-of-tag.ts';
import { compose, meaningOfChosen } from './compose.ts';
import { type Flattened, flatten } from './flatten.ts';
import type { Member } from './observation.ts';
import { memberState, signalOf, targetState } from './observe.ts';
import { byRank, type Reason } from './reasons.ts';
import { type Chosen, claimText, resolve } from './resolve.ts';
import type { Sights, World } from './world.ts';

/** Images that a person names, to be joined now, without a rule. */
export interface Join {
  readonly registry: string;
  readonly repository: string;
  /** Tags to write; none writes the index by its digest alone. */
  readonly tags: readonly string[];
  /** Tags or digests in the repository. */
  readonly members: readonly string[];
  /** Exactly these platforms; without it, those that the members have. */
  readonly platforms?: readonly Platform[];
  readonly format?: Rule['format'];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly allowMixedBuilds?: boolean;
  /** Leaves a tag alone that holds something else. */
  readonly noClobber?: boolean;
  readonly dryRun?: boolean;
}

export interface MissingMember {
  readonly reference: string;
  /** As the tag's name says it, where it says one. */
  readonly platform?: string;
}

/** What was asked about, as it was found. A member that was not looked into has no images. */
export type FoundMember = Omit<Member, 'platforms'>;

export type Joined = {
  readonly members: readonly FoundMember[];
  /** What the first tag held before. */
  readonly before?: Digest;
} & (
  | {
      readonly kind: 'joined';
      /** What the tags hold now: the same meaning in other bytes, where somebody else had joined them before. */
      readonly digest: Digest;
      readonly manifest: Manifest;
      readonly chosen: readonly Chosen[];
      readonly revision?: string;
      /** Tags that were written (with `dryRun`: would be); the others held it already. */
      readonly written: readonly string[];
    }
  | {
      readonly kind: 'waiting';
      readonly missing: readonly MissingMember[];
      readonly reasons: readonly Reason[];
    }
  | { readonly kind: 'held'; readonly reasons: readonly Reason[] }
);

/**
 * Joins the named images into one index and writes it under each tag that does not mean the same already.
 *
 * Two round trips of reading (manifests with the tags, then configs) and one write a tag. What a rule would wait
 * for holds here where nobody will push again: members of different builds. Who has asked for the manifests of all
 * members and tags already, to save time, hands the answer in as `asked`.
 */
export async function join(
  world: Pick<World, 'registry' | 'configs' | 'signal'>,
  request: Join,
  asked?: Promise<ReadonlyMap<string, Reading>>,
): Promise<Joined> {
  const { repository, tags } = request;
  const references = [...new Set([...request.members, ...tags])];
  const readings = await (asked ?? world.registry.readManifests(repository, references, signalOf(world)));
  const missing = request.members.filter(reference => readings.get(reference)?.kind === 'absent');
  const before = digestHeld(readings, tags);
  if (missing.length > 0) {
    const members = memberStates(request, readings, undefined);
    return { ...waitingFor(missing, request), members, ...(before && { before }) };
  }
  const members = memberStates(request, readings, await opened(world, request, readings));
  const asFound = { members, ...(before && { before }) };
  const platforms = request.platforms ?? distinctPlatforms(members);
  const rule = ruleOf(request, platforms);
  const resolution = resolve(
    rule,
    members.map(member => ({ ...member, platforms })),
    Number.POSITIVE_INFINITY,
  );
  if (resolution.kind !== 'complete') {
    const reasons = byRank(resolution.reasons);
    const lacks = reasons.find(({ code }) => code === 'missing-platform');
    if (resolution.kind === 'waiting' && reasons.length === 1 && lacks !== undefined)
      return { ...asFound, kind: 'waiting', missing: [], reasons };
    return { ...asFound, kind: 'held', reasons };
  }

  const { chosen, revision } = resolution;
  const slips = [...unwanted(members, chosen), ...misnamed(tags, chosen)];
  if (slips.length > 0) return { ...asFound, kind: 'held', reasons: slips };
  const manifest = compose({ rule, chosen, build: { captures: {} }, revision, shared: false });
  if (manifest.bytes.byteLength > MAX_MANIFEST_BYTES)
    return {
      ...asFound,
      kind: 'held',
      reasons: [{ code: 'too-large', bytes: manifest.bytes.byteLength, limit: MAX_MANIFEST_BYTES }],
    };
  const stale = tags.filter(tag => !holdsSame(readings.get(tag), rule, chosen));
  const taken = stale.filter(tag => readings.get(tag)?.kind !== 'absent');
  if (request.noClobber && taken.length > 0)
    return { ...asFound, kind: 'held', reasons: taken.map(tag => ({ code: 'no-clobber', tag })) };
  if (!request.dryRun)
    await write(world, repository, tags.length === 0 ? [manifest.digest] : stale, manifest);
  return {
    ...asFound,
    kind: 'joined',
    digest: (stale.length === 0 ? before : undefined) ?? manifest.digest,
    manifest,
    chosen,
    written: stale,
    ...(revision === undefined ? {} : { revision }),
  };
}

/** What was named as a member and has no place under the platforms that were asked for. */
function unwanted(members: readonly Pick<Member, 'tag' | 'state'>[], chosen: readonly Chosen[]): Reason[] {
  return members.flatMap(({ tag, state }): Reason[] => {
    if (state.kind !== 'present' || chosen.some(choice => choice.tag === tag)) return [];
    const digests = new Set(state.images.map(({ descriptor }) => descriptor.digest));
    if (chosen.some(({ image }) => digests.has(image.descriptor.digest))) return [];
    const platforms = state.images.map(({ descriptor }) => formatPlatform(descriptor.platform));
    return [{ code: 'unwanted-platform', tag, platforms }];
  });
}

/** A target whose name says a platform that the index would not have: most likely its name was forgotten. */
function misnamed(tags: readonly string[], chosen: readonly Chosen[]): Reason[] {
  return tags.flatMap((tag): Reason[] => {
    const claim = claimOf(tag);
    const [first] = chosen;
    if (first === undefined || chosen.some(({ image }) => !contradicts(image.descriptor.platform, claim)))
      return [];
    const { platform, digest } = first.image.descriptor;
    return [{ code: 'mislabelled', tag, says: claimText(claim), is: formatPlatform(platform), digest }];
  });
}

async function write(
  world: Pick<World, 'registry' | 'signal'>,
  repository: string,
  references: readonly string[],
  manifest: Manifest,
): Promise<void> {
  for (const reference of references)
    await world.registry.writeManifest(repository, reference, manifest, signalOf(world));
}

function waitingFor(references: readonly string[], { members }: Join) {
  const missing = references.map((reference): MissingMember => {
    const platform = platformClaimed(claimOf(reference));
    return platform === undefined ? { reference } : { reference, platform };
  });
  const wanted = members.length;
  const platforms = missing.map(({ platform, reference }) => platform ?? reference);
  const reason: Reason = { code: 'missing-platform', platforms, present: wanted - missing.length, wanted };
  return { kind: 'waiting', missing, reasons: [reason] } as const;
}

async function opened(
  world: Pick<Sights, 'registry' | 'configs' | 'signal'>,
  { repository, members }: Join,
  readings: ReadonlyMap<string, Reading>,
): Promise<ReadonlyMap<string, Flattened>> {
  const found = members.flatMap(reference => {
    const reading = readings.get(reference);
    return reading?.kind === 'found' ? [reading.manifest] : [];
  });
  return flatten(world, repository, found, signalOf(world));
}

function memberStates(
  { members }: Join,
  readings: ReadonlyMap<string, Reading>,
  flattened: ReadonlyMap<string, Flattened> | undefined,
): readonly FoundMember[] {
  return members.map(tag => {
    const reading = readings.get(tag);
    const state =
      flattened === undefined && reading?.kind === 'found'
        ? { kind: 'present' as const, digest: reading.manifest.digest, images: [] }
        : memberState(reading, flattened ?? new Map());
    return { tag, claim: claimOf(tag), state };
  });
}

function distinctPlatforms(members: readonly FoundMember[]): readonly Platform[] {
  const distinct = new Map<string, Platform>();
  for (const { state } of members) {
    if (state.kind !== 'present') continue;
    for (const { descriptor } of state.images) {
      const key = platformKey(descriptor.platform);
      if (!distinct.has(key)) distinct.set(key, descriptor.platform);
    }
  }
  return [...distinct.values()];
}

/** The rule that a join follows: the built-in one's defaults, with what the command line says. */
function ruleOf(request: Join, platforms: readonly Platform[]): Rule {
  const rule = builtInRule(request.registry);
  return {
    ...rule,
    platforms,
    optional: [],
    format: request.format ?? 'auto',
    annotations: request.annotations ?? {},
    sameBuild: request.allowMixedBuilds ? { ...rule.sameBuild, mode: 'off' } : rule.sameBuild,
  };
}

function holdsSame(reading: Reading | undefined, rule: Rule, chosen: readonly Chosen[]): boolean {
  const state = targetState(reading, false, undefined);
  return (
    state.kind !== 'absent' &&
    state.meaning !== undefined &&
    sameMeaning(state.meaning, meaningOfChosen({ rule, chosen, shared: false }))
  );
}

function digestHeld(readings: ReadonlyMap<string, Reading>, [tag]: readonly string[]): Digest | undefined {
  const reading = tag === undefined ? undefined : readings.get(tag);
  return reading?.kind === 'found' ? reading.manifest.digest : undefined;
}
