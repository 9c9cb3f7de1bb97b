import { type Context, Hono } from 'hono';
import type { ParsedEvents } from '../events/parsed-events.ts';
import { answerDelivery, answerOptions, type HookAnswer, refusal } from './hook-delivery.ts';
import { carriesToken } from './hook-token.ts';
import { readLimited } from './read-limited.ts';

/** A registry's own way in. */
export interface Hook {
  /** What comes in here is about this host and no other. */
  readonly host: string;
  /** In place of the token for all. */
  readonly token?: string | undefined;
  /** The event subscription that may introduce itself; any where left out. */
  readonly subscription?: string | undefined;
}

export interface HookRoutesOptions {
  /** By their names. */
  readonly hooks: ReadonlyMap<string, Hook>;
  readonly token: string;
  /** Takes what a delivery came to; the registry is told that it arrived once this returns. Must not throw. */
  readonly onEvents: (name: string, events: ParsedEvents) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The largest delivery, in bytes. A distribution envelope of a hundred events has some 100 kB. */
export const HOOK_LIMIT = 1024 * 1024;

/**
 * `POST /hooks/NAME`: the way in for registries' events, and `OPTIONS`, by which Event Grid asks before it comes.
 *
 * Answers 202 as soon as the wake-ups are in the queue. Who has no token learns nothing, not even which names there
 * are. Neither bodies nor headers reach a log, an error or an answer.
 */
export function hookRoutes(options: HookRoutesOptions): Hono {
  const app = new Hono();
  app.all('/hooks/*', async c => answer(c, await receive(c, options)));
  app.onError((_error, c) => answer(c, refusal(500, 'internal', 'the event could not be taken')));
  return app;
}

async function receive(c: Context, options: HookRoutesOptions): Promise<HookAnswer> {
  if (c.req.method === 'OPTIONS') return answerOptions(c.req.header());
  if (c.req.method !== 'POST')
    return { ...refusal(405, 'bad-argument', 'events are sent with POST'), headers: { allow: 'POST' } };
  const name = c.req.path.slice('/hooks/'.length);
  const hook = options.hooks.get(name);
  if (!carriesToken(c.req.header('authorization'), hook?.token ?? options.token)) {
    const headers = { 'www-authenticate': 'Bearer realm="archweave"' };
    const message = 'the header "Authorization: Bearer TOKEN" is missing or wrong';
    return { ...refusal(401, 'unauthorized', message), headers };
  }
  if (hook === undefined) return refusal(404, 'not-found', 'no registry of archweave.yaml has this name');
  const body = await readLimited(c.req.raw, HOOK_LIMIT);
  if (body === undefined) return refusal(413, 'too-large', `an event has at most ${HOOK_LIMIT} bytes`);
  return await answerDelivery(
    {
      headers: c.req.header(),
      body,
      registry: hook.host,
      receivedAt: new Date(options.now()).toISOString(),
      subscription: hook.subscription,
    },
    events => options.onEvents(name, events),
  );
}

function answer(c: Context, { status, headers, body }: HookAnswer): Response {
  return c.json(body, status, headers);
}
