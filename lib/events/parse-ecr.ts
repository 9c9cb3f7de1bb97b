import { Fields } from '../image/fields.ts';
import { isManifestType } from '../image/media-types.ts';
import { ecrRegistry } from './ecr-registry.ts';
import {
  idField,
  optionalDigestField,
  optionalTagField,
  READ_EVENT,
  readingEvent,
  repositoryField,
  timeField,
} from './event-fields.ts';
import type { ParsedEvents } from './parsed-events.ts';

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

const ACTIONS: ReadonlyMap<string, 'push' | 'delete'> = new Map([
  ['PUSH', 'push'],
  ['DELETE', 'delete'],
]);

/** Events of ECR that are about no push here, by their detail-type. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['ECR Referrer Action', 'it is about a signature or the like, not an image'],
  ['ECR Replication Action', 'it tells of a replicated image; its index is replicated too'],
  ['ECR Pull Through Cache Action', 'it is about a cached image of another registry'],
]);

/**
 * An event of ECR as EventBridge delivers it, parsed from JSON already: `ECR Image Action` with PUSH or DELETE is a
 * push, everything else is ignored with a reason. The registry is the event's own account and Region, which
 * EventBridge fills in and no sender can choose. An untagged push has an empty tag, or none.
 *
 * Throws `bad-event` with the field.
 */
export function parseEcr(value: unknown): ParsedEvents {
  return readingEvent(() => {
    const event = new Fields(READ_EVENT, '', value);
    if (event.string('source') !== 'aws.ecr') return ignored('it is not from ECR');
    const type = event.string('detail-type');
    if (type !== 'ECR Image Action') return ignored(OTHERS.get(type) ?? 'it is not about a push');
    const detail = event.object('detail');
    const action = ACTIONS.get(detail.string('action-type'));
    if (action === undefined) return ignored('it is neither a push nor a deletion');
    if (detail.string('result') !== 'SUCCESS') return ignored('it failed');
    const mediaType = detail.optionalString('manifest-media-type');
    if (mediaType && !isManifestType(mediaType)) return ignored('it is about something that is no image');
    const tag = optionalTagField(detail, 'image-tag');
    const digest = optionalDigestField(detail, 'image-digest');
    if (tag === undefined && digest === undefined) throw detail.complaint('image-digest', 'is missing');
    const push = {
      registry: ecrRegistry(matching(event, 'account', ACCOUNT), matching(event, 'region', REGION)),
      repository: repositoryField(detail, 'repository-name'),
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      ...(mediaType && { mediaType }),
      action,
      time: timeField(event, 'time', { registry: '' }),
      id: idField(event, 'id'),
    };
    return { pushes: [push], ignored: [] };
  });
}

function matching(fields: Fields, name: string, pattern: RegExp): string {
  const text = fields.string(name);
  if (pattern.test(text)) return text;
  throw fields.complaint(name, 'is not what ECR sends');
}

function ignored(reason: string): ParsedEvents {
  return { pushes: [], ignored: [{ reason }] };
}
