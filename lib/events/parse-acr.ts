import { Fields } from '../image/fields.ts';
import { readAcrEvent } from './acr-event.ts';
import { idField, READ_EVENT, readingEvent, timeField } from './event-fields.ts';
import type { EventContext, ParsedEvents } from './parsed-events.ts';

/**
 * A webhook of ACR: one event, signed by nobody. Quarantine, charts and pings are ignored; a deletion has no tag, and
 * a push by digest has none either. Throws `bad-event` with the field.
 */
export function parseAcr(body: Uint8Array, context: EventContext): ParsedEvents {
  return readingEvent(() => {
    const event = Fields.parse(body, READ_EVENT);
    const reading = readAcrEvent(event, {
      action: event.string('action'),
      id: idField(event, 'id'),
      time: timeField(event, 'timestamp', context),
      context,
    });
    return 'push' in reading
      ? { pushes: [reading.push], ignored: [] }
      : { pushes: [], ignored: [reading.ignored] };
  });
}
