import { isArchweaveError } from '../errors.ts';
import { parseEvent } from '../events/parse-event.ts';
import type { EventHeaders, Handshake, ParsedEvents } from '../events/parsed-events.ts';

/** Something that came in at a hook from a sender who was let in, with its body read. */
export interface Delivery {
  readonly headers: EventHeaders;
  readonly body: Uint8Array;
  /** The host that the hook belongs to. */
  readonly registry: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** The only event subscription whose introduction is answered; any where left out. */
  readonly subscription?: string | undefined;
}

/** A status, headers and a body that goes out as JSON. */
export interface HookAnswer {
  readonly status: 200 | 202 | 400 | 401 | 403 | 404 | 405 | 413 | 415 | 500 | 503;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * What a delivery is answered, once `take` has taken what it came to.
 *
 * Event Grid gives up at once what is answered 400 or 413, so that is for what can never be read; it brings again
 * what is answered 503, later. A subscription that introduces itself wants 200 and its code back: 202 is no answer
 * for it. Neither bodies nor headers are repeated.
 */
export async function answerDelivery(
  { headers, body, registry, receivedAt, subscription }: Delivery,
  take: (events: ParsedEvents) => void | Promise<void>,
): Promise<HookAnswer> {
  if (!isJson(headers['content-type']) || headers['content-encoding'] !== undefined)
    return refusal(415, 'bad-event', 'an event is JSON, sent as it is');
  let events: ParsedEvents;
  try {
    events = parseEvent(body, headers, { registry, receivedAt });
  } catch (error) {
    if (!isArchweaveError(error) || error.code !== 'bad-event') throw error;
    return refusal(400, error.code, error.message);
  }
  const { handshake, pushes, ignored } = events;
  if (handshake !== undefined && !isExpected(handshake, subscription))
    return refusal(403, 'forbidden', 'another event subscription is expected here');
  try {
    await take(events);
  } catch {
    // Whoever took it has told why; the sender only hears to come again.
    return {
      ...refusal(503, 'internal', 'the event could not be taken now'),
      headers: { 'retry-after': '10' },
    };
  }
  return handshake === undefined
    ? { status: 202, body: { accepted: pushes.length, ignored: ignored.length } }
    : { status: 200, body: { validationResponse: handshake.code } };
}

/** Azure's clouds; their Event Grids introduce themselves by these names. */
const ORIGIN = /^eventgrid\.azure\.(?:net|us|cn)$/;

/**
 * What an `OPTIONS` is answered: a CloudEvents subscription asks that way whether it may send events, without saying
 * who it is. It has no effect, and nobody but Event Grid is told that it may.
 */
export function answerOptions(headers: EventHeaders): HookAnswer {
  const origin = headers['webhook-request-origin']?.toLowerCase() ?? '';
  if (!ORIGIN.test(origin))
    return { ...refusal(405, 'bad-argument', 'events are sent with POST'), headers: { allow: 'POST' } };
  return {
    status: 200,
    headers: { allow: 'POST', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '600' },
    body: {},
  };
}

export function refusal(status: HookAnswer['status'], code: string, message: string): HookAnswer {
  return { status, body: { error: { code, message } } };
}

/** The name travels in capitals, whatever it was made as. */
function isExpected({ subscription: said }: Handshake, expected: string | undefined): boolean {
  return expected === undefined || said?.toLowerCase() === expected.toLowerCase();
}

/** `application/json`, anything with `+json`, and nothing at all: some senders leave the header out. */
function isJson(contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
}
