import { digestOf } from '../image/digest.ts';
import { Fields } from '../image/fields.ts';
import {
  optionalDigestField,
  optionalTagField,
  READ_EVENT,
  readingEvent,
  repositoryField,
  unixTimeField,
} from './event-fields.ts';
import type { EventContext, EventHeaders, ParsedEvents } from './parsed-events.ts';
import { isBinaryCloudEvent, readCloudEvent } from './read-cloud-event.ts';

const ACTIONS: ReadonlyMap<string, 'push' | 'delete'> = new Map([
  ['PUSH_ARTIFACT', 'push'],
  ['DELETE_ARTIFACT', 'delete'],
  ['harbor.artifact.pushed', 'push'],
  ['harbor.artifact.deleted', 'delete'],
]);

interface HarborEvent {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: Fields;
}

/**
 * Harbor's webhooks in both of its formats, its own and CloudEvents. `tag` holds the digest where the push had no
 * tag, and there is no media type. Throws `bad-event` with the field.
 */
export function parseHarbor(body: Uint8Array, headers: EventHeaders, context: EventContext): ParsedEvents {
  return readingEvent(() => {
    const event = isOwnFormat(body, headers)
      ? readOwnFormat(body, context)
      : readCloudEvent(body, headers, context);
    const action = ACTIONS.get(event.type);
    if (action === undefined) {
      return { pushes: [], ignored: [{ reason: 'it is neither a push nor a deletion of an artifact' }] };
    }
    const repository = repositoryField(event.data.object('repository'), 'repo_full_name');
    const resources = event.data.objects('resources');
    if (resources.length === 0) throw event.data.complaint('resources', 'is empty');
    const pushes = resources.map((resource, index) => {
      const tag = optionalTagField(resource, 'tag');
      const digest = optionalDigestField(resource, 'digest');
      if (tag === undefined && digest === undefined) throw resource.complaint('digest', 'is missing');
      return {
        registry: context.registry,
        repository,
        ...(tag !== undefined && { tag }),
        ...(digest !== undefined && { digest }),
        action,
        time: event.time,
        id: index === 0 ? event.id : `${event.id}/${index}`,
      };
    });
    return { pushes, ignored: [] };
  });
}

function isOwnFormat(body: Uint8Array, headers: EventHeaders): boolean {
  return !isBinaryCloudEvent(headers) && !Fields.parse(body, READ_EVENT).has('specversion');
}

/** Harbor's own format has no id. The body's digest stands in: a redelivery has the same, another event another. */
function readOwnFormat(body: Uint8Array, context: EventContext): HarborEvent {
  const event = Fields.parse(body, READ_EVENT);
  return {
    id: digestOf(body),
    type: event.string('type'),
    time: unixTimeField(event, 'occur_at', context),
    data: event.object('event_data'),
  };
}
