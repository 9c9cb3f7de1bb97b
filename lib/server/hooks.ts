import { type Context, Hono } from 'hono';
import { isArchweaveError } from '../errors.ts';
import { parseEvent } from '../events/parse-event.ts';
import type { ParsedEvents } from '../events/parsed-events.ts';
import { carriesToken } from './hook-token.ts';
import { readLimited } from './read-limited.ts';

export interface HookRoutesOptions {
  /** Hosts by the names that the hooks have: what comes in at a name is about its host and no other. */
  readonly registries: ReadonlyMap<string, string>;
  readonly token: string;
  /** Takes what a delivery came to; the registry is told that it arrived once this returns. Must not throw. */
  readonly onEvents: (name: string, events: ParsedEvents) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The largest delivery, in bytes. A distribution envelope of a hundred events has some 100 kB. */
export const HOOK_LIMIT = 1024 * 1024;

type Status = 400 | 401 | 404 | 405 | 413 | 415 | 500;

/**
 * `POST /hooks/NAME`: the way in for registries' events.
 *
 * Answers 202 as soon as the wake-ups are in the queue. Who has no token learns nothing, not even which names there
 * are. Neither bodies nor headers reach a log, an error or an answer.
 */
export function hookRoutes(options: HookRoutesOptions): Hono {
  const app = new Hono();
  app.all('/hooks/*', c => receive(c, options));
  app.onError((_error, c) => refuse(c, 500, 'internal', 'the event could not be taken'));
  return app;
}

async function receive(
  c: Context,
  { registries, token, onEvents, now }: HookRoutesOptions,
): Promise<Response> {
  if (c.req.method !== 'POST') {
    c.header('Allow', 'POST');
    return refuse(c, 405, 'bad-argument', 'events are sent with POST');
  }
  if (!carriesToken(c.req.header('authorization'), token)) {
    c.header('WWW-Authenticate', 'Bearer realm="archweave"');
    return refuse(c, 401, 'unauthorized', 'the header "Authorization: Bearer TOKEN" is missing or wrong');
  }
  const name = c.req.path.slice('/hooks/'.length);
  const registry = registries.get(name);
  if (registry === undefined)
    return refuse(c, 404, 'not-found', 'no registry of archweave.yaml has this name');
  if (!isJson(c.req.header('content-type')) || c.req.header('content-encoding') !== undefined) {
    return refuse(c, 415, 'bad-event', 'an event is JSON, sent as it is');
  }
  const body = await readLimited(c.req.raw, HOOK_LIMIT);
  if (body === undefined) return refuse(c, 413, 'too-large', `an event has at most ${HOOK_LIMIT} bytes`);
  try {
    const receivedAt = new Date(now()).toISOString();
    const events = parseEvent(body, c.req.header(), { registry, receivedAt });
    onEvents(name, events);
    return c.json({ accepted: events.pushes.length, ignored: events.ignored.length }, 202);
  } catch (error) {
    if (isArchweaveError(error) && error.code === 'bad-event')
      return refuse(c, 400, error.code, error.message);
    throw error;
  }
}

/** `application/json`, anything with `+json`, and nothing at all: some senders leave the header out. */
function isJson(contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  return type === undefined || type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
}

function refuse(c: Context, status: Status, code: string, message: string): Response {
  return c.json({ error: { code, message } }, status);
}
