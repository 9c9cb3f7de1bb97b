import { isArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import type { ManifestReader, TagLister } from './interfaces.ts';

/** What a tag holds; `pushedAt` (RFC 3339) where the listing tells it. */
export interface HeldTag {
  readonly digest: Digest;
  readonly pushedAt?: string;
}

/** Tags asked for at once where the listing does not tell what they hold. */
const BATCH = 100;

/**
 * What the tags that matter hold. Where the listing does not say, they are resolved, many in one call. A repository
 * that is gone has no tags.
 */
export async function readTags(
  reader: TagLister & Pick<ManifestReader, 'resolveReferences'>,
  repository: string,
  matters: (tag: string) => boolean,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, HeldTag>> {
  const options = signal === undefined ? {} : { signal };
  const tags = new Map<string, HeldTag>();
  const unresolved = new Map<string, string | undefined>();
  for await (const page of listed(reader, repository, options)) {
    for (const { tag, digest, pushedAt } of page) {
      if (!matters(tag)) continue;
      if (digest === undefined) unresolved.set(tag, pushedAt);
      else tags.set(tag, held(digest, pushedAt));
    }
  }
  const names = [...unresolved.keys()];
  for (let start = 0; start < names.length; start += BATCH) {
    const answers = await reader.resolveReferences(repository, names.slice(start, start + BATCH), options);
    for (const [tag, digest] of answers)
      if (digest !== undefined) tags.set(tag, held(digest, unresolved.get(tag)));
  }
  return tags;
}

function held(digest: Digest, pushedAt: string | undefined): HeldTag {
  return pushedAt === undefined ? { digest } : { digest, pushedAt };
}

async function* listed(reader: TagLister, repository: string, options: { readonly signal?: AbortSignal }) {
  try {
    yield* reader.listTags(repository, options);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return isArchweaveError(error) && (error.code === 'no-repository' || error.code === 'not-found');
}
