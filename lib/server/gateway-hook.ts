import type { EventHeaders, ParsedEvents } from '../events/parsed-events.ts';
import type { BundledRegistry } from '../rules/bundled-config.ts';
import { eventGridApplication } from '../rules/event-grid-application.ts';
import { answerDelivery, answerOptions, type HookAnswer, refusal } from './hook-delivery.ts';

/** A request as API Gateway's HTTP API hands it on (payload format 2.0), as far as hooks look at it. */
export interface GatewayRequest {
  readonly rawPath: string;
  readonly headers: EventHeaders;
  readonly body?: string | undefined;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly http: { readonly method: string };
    readonly authorizer?:
      | {
          /** What our own authorizer found: the hooks that the secret opens, with commas between. */
          readonly lambda?: { readonly hooks?: unknown };
          /** What stands in a token that API Gateway has checked. */
          readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> };
        }
      | undefined;
  };
}

export interface GatewayHookOptions {
  readonly registries: readonly BundledRegistry[];
  /** Takes what a delivery came to; a failure makes the sender come again. */
  readonly take: (events: ParsedEvents) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The largest body, in bytes: what goes into a message of SQS at most. */
export const GATEWAY_LIMIT = 256 * 1024;

/**
 * Answers a request to `/hooks/NAME` behind API Gateway, which has checked who sends: a secret by the authorizer, or
 * a token's signature, issuer and audience. What is checked here is that it was for this hook.
 *
 * What comes in is about the hook's own registry, whatever the body says.
 */
export function createGatewayHook({ registries, take, now }: GatewayHookOptions) {
  const hooks = new Map(
    registries.filter(({ events }) => events !== undefined && events !== 'poll').map(one => [one.name, one]),
  );

  return async (request: GatewayRequest): Promise<HookAnswer> => {
    const { rawPath, headers, requestContext } = request;
    const { method } = requestContext.http;
    if (method === 'OPTIONS') return answerOptions(headers);
    if (method !== 'POST')
      return { ...refusal(405, 'bad-argument', 'events are sent with POST'), headers: { allow: 'POST' } };
    const registry = hooks.get(/\/hooks\/([^/]+)$/.exec(rawPath)?.[1] ?? '');
    if (registry === undefined || !isLetIn(request, registry))
      return refusal(401, 'unauthorized', 'the secret or the token for this hook is missing or wrong');
    const body = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
    if (body.length > GATEWAY_LIMIT)
      return refusal(413, 'too-large', `an event has at most ${GATEWAY_LIMIT} bytes`);
    const receivedAt = new Date(now()).toISOString();
    const { host, subscription } = registry;
    return await answerDelivery({ headers, body, registry: host, receivedAt, subscription }, take);
  };
}

function isLetIn({ requestContext: { authorizer } }: GatewayRequest, registry: BundledRegistry): boolean {
  const { name, host, audience, tenant, hook } = registry;
  if (hook !== undefined) {
    const opened = authorizer?.lambda?.hooks;
    if (typeof opened === 'string' && opened.split(',').includes(name)) return true;
  }
  const claims = authorizer?.jwt?.claims;
  if (audience === undefined || claims === undefined) return false;
  // Version 1 of Entra's tokens says `appid`, version 2 `azp`.
  const { azp, appid, aud, tid } = claims;
  const application = eventGridApplication(host);
  return (
    application !== undefined &&
    (azp ?? appid) === application &&
    aud === audience &&
    (tenant === undefined || tid === tenant)
  );
}
