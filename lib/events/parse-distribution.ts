import { type ArchweaveError, isArchweaveError } from '../errors.ts';
import { Fields } from '../image/fields.ts';
import { idField, READ_EVENT, readingEvent, timeField } from './event-fields.ts';
import type { EventContext, ParsedEvents } from './parsed-events.ts';
import type { Push } from './push.ts';
import { readTarget } from './read-target.ts';

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
    const read = readTarget(event.object('target'), context, 'it is about a blob, not a manifest');
    if ('ignored' in read) return read;
    const time = timeField(event, 'timestamp', context);
    return { push: { ...read.subject, action, time, id: idField(event, 'id') } };
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
