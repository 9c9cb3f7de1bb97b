import { isManifestType } from '../image/media-types.ts';
import { optionalDigestField, optionalTagField, readingEvent, repositoryField } from './event-fields.ts';
import type { EventContext, EventHeaders, ParsedEvents } from './parsed-events.ts';
import { readCloudEvent } from './read-cloud-event.ts';

const ACTIONS: ReadonlyMap<string, 'push' | 'delete'> = new Map([
  ['zotregistry.image.updated', 'push'],
  ['zotregistry.image.deleted', 'delete'],
]);

/**
 * zot's events, CloudEvents in structured or binary mode. `data.reference` is a tag or, for an untagged push, a
 * digest. `data.manifest` is a copy that nobody checked, so it is not looked at. Throws `bad-event` with the field.
 */
export function parseZot(body: Uint8Array, headers: EventHeaders, context: EventContext): ParsedEvents {
  return readingEvent(() => {
    const { id, type, time, data } = readCloudEvent(body, headers, context);
    const action = ACTIONS.get(type);
    if (action === undefined) return ignored('it is neither an update nor a deletion of an image');
    const mediaType = data.optionalString('mediaType');
    if (mediaType && !isManifestType(mediaType)) return ignored('it is about something that is no image');
    const repository = repositoryField(data, 'name');
    const tag = optionalTagField(data, 'reference');
    const reference = tag === undefined ? optionalDigestField(data, 'reference') : undefined;
    const digest = optionalDigestField(data, 'digest') ?? reference;
    if (tag === undefined && digest === undefined) throw data.complaint('reference', 'is missing');
    const push = {
      registry: context.registry,
      repository,
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      ...(mediaType && { mediaType }),
      action,
      time,
      id,
    };
    return { pushes: [push], ignored: [] };
  });
}

function ignored(reason: string): ParsedEvents {
  return { pushes: [], ignored: [{ reason }] };
}
