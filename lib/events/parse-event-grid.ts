import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { Fields, parseJson } from '../image/fields.ts';
import { type AcrReading, readAcrEvent } from './acr-event.ts';
import { idField, READ_EVENT, readingEvent, timeField } from './event-fields.ts';
import type { EventContext, EventHeaders, Handshake, ParsedEvents } from './parsed-events.ts';
import { type CloudEvent, readCloudEvent, structuredCloudEvent } from './read-cloud-event.ts';

type Reading = AcrReading | { readonly handshake: Handshake } | { readonly error: ArchweaveError };

const OURS = 'Microsoft.ContainerRegistry.';
const SYSTEM = 'Microsoft.EventGrid.';

/** By the type without what is in front of it: samples of Microsoft's own have it with and without. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['ImagePushed', 'push'],
  ['ImageDeleted', 'delete'],
  ['ChartPushed', 'chart_push'],
  ['ChartDeleted', 'chart_delete'],
]);

/** Whether a CloudEvent of this type comes from Event Grid. */
export function isEventGridType(type: string | undefined): boolean {
  return type !== undefined && (type.startsWith('Microsoft.') || ACTIONS.has(type));
}

/**
 * Event Grid's deliveries of ACR's events, in its own schema (a list) and as CloudEvents (one, or a list where batches
 * are switched on). `topic`, `source` and `subject` name a registry too; the hook's own is taken all the same.
 *
 * A subscription that introduces itself is answered, not taken: `handshake`. Throws `bad-event` with the field where
 * nothing can be read; one bad event next to good ones is ignored with its complaint.
 */
export function parseEventGrid(body: Uint8Array, headers: EventHeaders, context: EventContext): ParsedEvents {
  return readingEvent(() => {
    const content = parseJson(body, READ_EVENT);
    const readings = Array.isArray(content)
      ? content.map((value, at) => readOne(() => listed(value, at, headers, context)))
      : [readOne(() => acrEvent(readCloudEvent(body, headers, context), context))];
    const errors = readings.flatMap(reading => ('error' in reading ? [reading.error] : []));
    if (errors.length > 0 && errors.length === readings.length) throw errors[0];
    if (readings.length === 0)
      throw new ArchweaveError({ code: 'bad-event', attempt: READ_EVENT, reason: 'it is an empty list' });
    const handshake = readings.find(reading => 'handshake' in reading)?.handshake;
    return {
      pushes: readings.flatMap(reading => ('push' in reading ? [reading.push] : [])),
      ignored: [
        ...readings.flatMap(reading => ('ignored' in reading ? [reading.ignored] : [])),
        ...errors.map(({ reason }) => ({ reason })),
      ],
      ...(handshake !== undefined && { handshake }),
    };
  });
}

function readOne(read: () => Reading): Reading {
  try {
    return read();
  } catch (error) {
    if (isArchweaveError(error)) return { error };
    throw error;
  }
}

function listed(value: unknown, at: number, headers: EventHeaders, context: EventContext): Reading {
  const event = new Fields(READ_EVENT, `[${at}]`, value);
  if (event.has('specversion')) return acrEvent(structuredCloudEvent(event, context), context);
  const type = event.string('eventType');
  const data = event.object('data');
  if (type === `${SYSTEM}SubscriptionValidationEvent`) {
    const subscription = headers['aeg-subscription-name'];
    const code = idField(data, 'validationCode');
    return { handshake: { code, ...(subscription !== undefined && { subscription }) } };
  }
  return acrEvent(
    { id: idField(event, 'id'), type, time: timeField(event, 'eventTime', context), data },
    context,
  );
}

/** The time of the push itself where it is told: the envelope's is when it was handed on. */
function acrEvent({ id, type, time, data }: CloudEvent, context: EventContext): Reading {
  if (type.startsWith(SYSTEM)) return { ignored: { reason: 'it is about its own subscription' } };
  const action = ACTIONS.get(type.startsWith(OURS) ? type.slice(OURS.length) : type);
  if (action === undefined) return { ignored: { reason: 'it is not about a push' } };
  const pushed = timeField(data, 'timestamp', { ...context, receivedAt: time });
  return readAcrEvent(data, { action, id, time: pushed, context });
}
