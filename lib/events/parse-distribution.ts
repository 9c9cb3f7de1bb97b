import { type ArchweaveError, isArchweaveError } from '../errors.ts';
import { Fields } from '../image/fields.ts';
import { isManifestType } from '../image/media-types.ts';
import {
  idField,
  optionalDigestField,
  optionalTagField,
  READ_EVENT,
  readingEvent,
  repositoryField,
  timeField,
} from './event-fields.ts';
import type { EventContext, ParsedEvents } from './parsed-events.ts';
import type { Push } from './push.ts';

type Reading =
  | { readonly push: Push }
  | { readonly ignored: { readonly reason: string } }
  | { readonly error: ArchweaveError };

/**
 * The notifications of CNCF distribution (docker-registry) and GitLab: an envelope of events that need not belong
 * together. Blobs and pulls are announced too and are ignored. `request.host` and `target.url` are what a client
 * claimed, so they are not looked at.
 *
 * Throws `bad-event` with the field. The registry would send a refused envelope again for ever, so one bad event
 * next to good ones is ignored with its complaint; an envelope of bad ones only is refused.
 */
export function parseDistribution(body: Uint8Array, context: EventContext): ParsedEvents {
  return readingEvent(() => {
    const readings = Fields.parse(body, READ_EVENT)
      .objects('events')
      .map(event => readEvent(event, context));
    const errors = readings.flatMap(reading => ('error' in reading ? [reading.error] : []));
    if (errors.length > 0 && errors.length === readings.length) throw errors[0];
    return {
      pushes: readings.flatMap(reading => ('push' in reading ? [reading.push] : [])),
      ignored: [
        ...readings.flatMap(reading => ('ignored' in reading ? [reading.ignored] : [])),
        ...errors.map(({ reason }) => ({ reason })),
      ],
    };
  });
}

function readEvent(event: Fields, context: EventContext): Reading {
  try {
    const action = event.string('action');
    if (action !== 'push' && action !== 'delete')
      return ignored(NOT_OURS.get(action) ?? 'its action is unknown');
    const target = event.object('target');
    const mediaType = target.optionalString('mediaType');
    if (mediaType && !isManifestType(mediaType)) return ignored('it is about a blob, not a manifest');
    const tag = optionalTagField(target, 'tag');
    const digest = optionalDigestField(target, 'digest');
    if (tag === undefined && digest === undefined) return ignored('it names neither a tag nor a digest');
    const push: Push = {
      registry: context.registry,
      repository: repositoryField(target, 'repository'),
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      ...(mediaType && { mediaType }),
      action,
      time: timeField(event, 'timestamp', context),
      id: idField(event, 'id'),
    };
    return { push };
  } catch (error) {
    if (isArchweaveError(error)) return { error };
    throw error;
  }
}

const NOT_OURS: ReadonlyMap<string, string> = new Map([
  ['pull', 'it is a pull'],
  ['mount', 'it is a mount of a blob'],
]);

function ignored(reason: string): Reading {
  return { ignored: { reason } };
}
