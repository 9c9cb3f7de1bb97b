import type { Fields } from '../image/fields.ts';
import type { EventContext } from './parsed-events.ts';
import type { Push } from './push.ts';
import { readTarget } from './read-target.ts';

/** What one event of ACR came to. */
export type AcrReading = { readonly push: Push } | { readonly ignored: { readonly reason: string } };

const NOT_OURS: ReadonlyMap<string, string> = new Map([
  ['quarantine', 'it is in quarantine; ACR announces its push when it is let out'],
  ['chart_push', 'it is about a Helm chart'],
  ['chart_delete', 'it is about a Helm chart'],
  ['ping', 'it is a ping'],
]);

/**
 * What a webhook sends, which Event Grid has in its `data`. `request.host` is what a client claimed, so it is not
 * looked at. A geo-replicated registry announces a push once for each replica: each is an event of its own, since
 * nothing tells a repeat from a tag that went to another image and came back.
 *
 * Throws `malformed` with the field.
 */
export function readAcrEvent(
  data: Fields,
  {
    action,
    id,
    time,
    context,
  }: {
    readonly action: string;
    readonly id: string;
    /** RFC 3339, UTC. */
    readonly time: string;
    readonly context: EventContext;
  },
): AcrReading {
  if (action !== 'push' && action !== 'delete')
    return ignored(NOT_OURS.get(action) ?? 'its action is unknown');
  const read = readTarget(data.object('target'), context, 'it is about something that is no image');
  return 'ignored' in read ? read : { push: { ...read.subject, action, time, id } };
}

function ignored(reason: string): AcrReading {
  return { ignored: { reason } };
}
