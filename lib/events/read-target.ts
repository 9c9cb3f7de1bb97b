import type { Fields } from '../image/fields.ts';
import { isManifestType } from '../image/media-types.ts';
import { optionalDigestField, optionalTagField, repositoryField } from './event-fields.ts';
import type { EventContext } from './parsed-events.ts';
import type { Push } from './push.ts';

/** What an event is about, or why that is nothing of ours. */
export type ReadTarget =
  | { readonly subject: Omit<Push, 'action' | 'time' | 'id'> }
  | { readonly ignored: { readonly reason: string } };

/**
 * The `target` of the notifications of CNCF distribution, which ACR's have too. `noImage` is said of what is no
 * manifest. Throws `malformed` with the field.
 */
export function readTarget(target: Fields, { registry }: EventContext, noImage: string): ReadTarget {
  const mediaType = target.optionalString('mediaType');
  if (mediaType && !isManifestType(mediaType)) return { ignored: { reason: noImage } };
  const tag = optionalTagField(target, 'tag');
  const digest = optionalDigestField(target, 'digest');
  if (tag === undefined && digest === undefined)
    return { ignored: { reason: 'it names neither a tag nor a digest' } };
  return {
    subject: {
      registry,
      repository: repositoryField(target, 'repository'),
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      ...(mediaType && { mediaType }),
    },
  };
}
