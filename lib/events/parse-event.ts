import { Fields, parseJson } from '../image/fields.ts';
import { READ_EVENT, readingEvent } from './event-fields.ts';
import { parseAcr } from './parse-acr.ts';
import { parseDistribution } from './parse-distribution.ts';
import { isEventGridType, parseEventGrid } from './parse-event-grid.ts';
import { parseHarbor } from './parse-harbor.ts';
import { parseZot } from './parse-zot.ts';
import type { EventContext, EventHeaders, ParsedEvents } from './parsed-events.ts';
import { isBinaryCloudEvent } from './read-cloud-event.ts';

/**
 * A registry's event in whichever dialect it is written: distribution (and GitLab), zot, Harbor, ACR's webhook and
 * Event Grid. Told apart by what the body says, because proxies and configuration change content types.
 *
 * Throws `bad-event` that names the field, or says that the dialect is not known; nothing else.
 */
export function parseEvent(body: Uint8Array, headers: EventHeaders, context: EventContext): ParsedEvents {
  // The only dialect whose deliveries are lists.
  const content = readingEvent(() => parseJson(body, READ_EVENT));
  if (Array.isArray(content)) return parseEventGrid(body, headers, context);
  const event = readingEvent(() => new Fields(READ_EVENT, '', content));
  if (isBinaryCloudEvent(headers)) return parseCloudEvent(headers['ce-type'], body, headers, context);
  if (event.has('specversion')) {
    const type = readingEvent(() => event.optionalString('type'));
    return parseCloudEvent(type, body, headers, context);
  }
  if (event.has('events')) return parseDistribution(body, context);
  if (event.has('event_data')) return parseHarbor(body, headers, context);
  if (event.has('action') && (event.has('target') || event.values.action === 'ping'))
    return parseAcr(body, context);
  throw unknownDialect(event, 'events');
}

function parseCloudEvent(
  type: string | undefined,
  body: Uint8Array,
  headers: EventHeaders,
  context: EventContext,
): ParsedEvents {
  if (type?.startsWith('zotregistry.')) return parseZot(body, headers, context);
  if (type?.startsWith('harbor.')) return parseHarbor(body, headers, context);
  if (isEventGridType(type)) return parseEventGrid(body, headers, context);
  throw unknownDialect(new Fields(READ_EVENT, '', {}), isBinaryCloudEvent(headers) ? 'ce-type' : 'type');
}

function unknownDialect(event: Fields, field: string) {
  const what =
    'is missing or of another dialect; distribution, GitLab, zot, Harbor, ACR and Event Grid are understood';
  return event.complaint(field, what).with({ code: 'bad-event' });
}
