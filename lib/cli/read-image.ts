import { ArchweaveError, type Side } from '../errors.ts';
import type { Manifest } from '../image/manifest.ts';
import { formatReference, type Reference } from '../image/reference.ts';
import type { CallOptions, ManifestReader } from '../registry/interfaces.ts';

/**
 * The manifest that a reference names. With a tag and a digest the digest counts, and the tag must hold it.
 * Throws `not-found`, `tag-moved`, or why it cannot be read.
 */
export async function readImage(
  registry: ManifestReader,
  reference: Reference,
  options: CallOptions & { readonly side?: Side } = {},
): Promise<Manifest> {
  const { repository, tag, digest } = reference;
  const name = formatReference(reference);
  const wanted = digest ?? tag ?? 'latest';
  const [readings, held] = await Promise.all([
    registry.readManifests(repository, [wanted], options),
    digest !== undefined && tag !== undefined
      ? registry.resolveReferences(repository, [tag], options).then(found => found.get(tag))
      : digest,
  ]);
  if (held !== digest) {
    throw new ArchweaveError({
      code: 'tag-moved',
      attempt: `read ${name}`,
      reason: held === undefined ? `there is no tag ${tag}` : `the tag ${tag} holds ${held}`,
      reference: name,
    });
  }
  const reading = readings.get(wanted);
  if (reading?.kind === 'found') return reading.manifest;
  if (reading?.kind === 'unreadable') throw reading.error;
  throw new ArchweaveError({
    code: 'not-found',
    attempt: `read ${name}`,
    ...(digest === undefined ? {} : { reason: 'there is no such image' }),
    ...(options.side === undefined ? {} : { side: options.side }),
    reference: name,
    next: `archweave list ${reference.host}/${repository}`,
  });
}
