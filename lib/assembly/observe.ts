import { ArchweaveError } from '../errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { meaningOf } from '../image/meaning.ts';
import { DOCKER_LIST } from '../image/media-types.ts';
import { satisfies } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { Published } from '../ledger/interface.ts';
import type { Reading } from '../registry/interfaces.ts';
import type { Build } from '../rules/build.ts';
import { buildCaptures, candidates, rulesFor, targetOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Captures } from '../rules/template.ts';
import { BUILD_ANNOTATION, parseBuild, REVISION_ANNOTATION } from './build-annotation.ts';
import { type Flattened, flatten } from './flatten.ts';
import type { Member, Observation, Target, TargetState } from './observation.ts';
import type { Sights } from './world.ts';

/** What one look is about. Targets are named by the caller: a group's, or the one that is verified. */
export interface Look {
  readonly registry: string;
  readonly repository: string;
  readonly rule: Rule;
  readonly captures: Captures;
  /** Left out: what the captures tell. Empty where only the target is looked at. */
  readonly members?: ReturnType<typeof candidates>;
  readonly targets: readonly { readonly tag: string; readonly shared: boolean }[];
}

/**
 * What the registry holds for a group and its targets now.
 *
 * All spellings of all members and the targets are read in one batch, each tag once; everything after that is read
 * by digest. So what is decided rests on tags that were all read in this pass, and each child was seen in it.
 */
export async function observe(sights: Sights, look: Look): Promise<Observation> {
  const { registry, ledger } = sights;
  const wanted = look.members ?? candidates(look.rule, look.captures);
  const rivals = rivalsOf(sights.rules, look);
  const tags = [...new Set([...wanted.map(({ tag }) => tag), ...look.targets.map(({ tag }) => tag)])];
  const options = signalOf(sights);
  const targetTags = look.targets.map(({ tag }) => tag);

  const [readings, published, standings, immutable, rivalTags] = await Promise.all([
    registry.readManifests(look.repository, tags, options),
    Promise.all(targetTags.map(tag => ledger.published({ ...place(look), tag }))),
    Promise.all(targetTags.map(tag => ledger.standing({ ...place(look), tag }))),
    registry.immutableTags?.(look.repository, targetTags, options) ?? new Set<string>(),
    rivals.tags.length > 0
      ? registry.resolveReferences(look.repository, rivals.tags, options)
      : new Map<string, undefined>(),
  ]);

  const found = wanted.flatMap(({ tag }) => manifestOf(readings.get(tag)));
  const flattened = await flatten(sights, look.repository, found, options);
  return {
    captures: look.captures,
    members: wanted.map(({ tag, claim, platforms }) => {
      return { tag, claim, platforms, state: memberState(readings.get(tag), flattened) };
    }),
    targets: look.targets.map(({ tag, shared }, at): Target => {
      const record = published[at];
      const standing = standings[at];
      const state = targetState(readings.get(tag), shared, record);
      return {
        tag,
        shared,
        state: shared ? state : ofOneBuild(state, buildCaptures(look.rule, look.captures)),
        ...(record === undefined ? {} : { published: record }),
        ...(standing === undefined ? {} : { standing }),
        immutable: immutable.has(tag),
        rivals: rivals.of(tag, rival => rivalTags.get(rival) !== undefined),
      };
    }),
  };
}

export function place({ registry, repository }: { readonly registry: string; readonly repository: string }) {
  return { registry, repository };
}

export function signalOf({ signal }: Pick<Sights, 'signal'>): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function manifestOf(reading: Reading | undefined): Manifest[] {
  return reading?.kind === 'found' ? [reading.manifest] : [];
}

export function memberState(
  reading: Reading | undefined,
  flattened: ReadonlyMap<string, Flattened>,
): Member['state'] {
  if (reading === undefined) throw new ArchweaveError({ code: 'internal', attempt: 'read a member' });
  if (reading.kind === 'absent') return { kind: 'absent' };
  if (reading.kind === 'unreadable') {
    const held = reading.error.code === 'quarantined' ? { quarantined: true } : {};
    return { kind: 'unreadable', why: reading.error.reason, ...held };
  }
  const images = flattened.get(reading.manifest.digest);
  if (images === undefined) return { kind: 'unreadable', why: 'it was not read' };
  if (images.kind === 'unreadable') return images;
  if (images.images.length === 0) return { kind: 'unreadable', why: 'there is no image in it' };
  const pushed = reading.pushedAt === undefined ? {} : { pushedAt: reading.pushedAt };
  return { kind: 'present', digest: reading.manifest.digest, images: images.images, ...pushed };
}

/**
 * Whose a target is. Ours are an OCI index that carries the build annotation, whatever we remember having put there,
 * and a Docker list on a target of one build: it has no place for an annotation.
 */
export function targetState(
  reading: Reading | undefined,
  shared: boolean,
  published: Published | undefined,
): TargetState {
  if (reading === undefined || reading.kind === 'absent') return { kind: 'absent' };
  if (reading.kind === 'unreadable') return { kind: 'foreign', children: [] };
  const { manifest } = reading;
  const content = understood(manifest);
  if (content?.kind !== 'index') return { kind: 'foreign', digest: manifest.digest, children: [] };
  const facts = { digest: manifest.digest, meaning: meaningOf(content), children: content.manifests };
  const build = buildOf(manifest, content.annotations, shared, published);
  if (build === undefined) return { kind: 'foreign', ...facts };
  const revision = content.annotations[REVISION_ANNOTATION];
  return { kind: 'own', ...facts, build, ...(revision === undefined ? {} : { revision }) };
}

function buildOf(
  manifest: Manifest,
  annotations: Readonly<Record<string, string>>,
  shared: boolean,
  published: Published | undefined,
): Build | undefined {
  const annotation = annotations[BUILD_ANNOTATION];
  const build = annotation === undefined ? undefined : parseBuild(annotation);
  if (build !== undefined) return build;
  if (published?.digest === manifest.digest) return published.build;
  return manifest.mediaType === DOCKER_LIST && !shared ? { captures: {} } : undefined;
}

/** A target of one build is of that build, whatever its index tells: `create` and a Docker list tell none. */
function ofOneBuild(state: TargetState, captures: Captures): TargetState {
  return state.kind === 'own' ? { ...state, build: { ...state.build, captures } } : state;
}

function understood(manifest: Manifest) {
  try {
    return readManifestContent(manifest);
  } catch {
    return undefined; // a target that is no sound manifest is somebody else's: it is not touched
  }
}

/** The digests of those children of an index that a rule requires, sorted. */
export function requiredOf(
  { platforms }: Pick<Rule, 'platforms'>,
  children: readonly Descriptor[],
): readonly Digest[] {
  return children
    .filter(({ platform }) => platform !== undefined && platforms.some(wanted => satisfies(platform, wanted)))
    .map(({ digest }) => digest)
    .toSorted();
}

/**
 * Other rules that claim one of the targets. A rule that names the tag outright claims it; one whose template merely
 * fits claims it once a member is there, so its members' tags are looked up.
 */
function rivalsOf(rules: readonly Rule[], { registry, repository, rule, targets }: Look) {
  const claims = rulesFor(rules, registry, repository)
    .filter(other => other.name !== rule.name)
    .flatMap(other =>
      targets.flatMap(({ tag }) =>
        targetOf(other, tag)
          .filter(({ shared, captures }) => !shared || Object.keys(captures).length === 0)
          .map(({ shared, captures }) => ({
            other,
            tag,
            tags: shared ? [] : candidates(other, captures).map(candidate => candidate.tag),
          })),
      ),
    );
  return {
    tags: [...new Set(claims.flatMap(({ tags }) => tags))],
    of: (tag: string, present: (rival: string) => boolean): readonly Rule[] => [
      ...new Set(
        claims
          .filter(claim => claim.tag === tag && (claim.tags.length === 0 || claim.tags.some(present)))
          .map(({ other }) => other),
      ),
    ],
  };
}
