import { keyOfWakeUp, type WakeUp } from '../assembly/wake-up.ts';
import { digestOf } from '../image/digest.ts';
import { Fields } from '../image/fields.ts';
import type { Rule } from '../rules/rule.ts';

/** One wake-up as it waits in a FIFO queue. */
export interface WakeUpMessage {
  readonly body: string;
  /** What is worked on alone: 64 hex digits, whatever the names in the key are. */
  readonly group: string;
  /** The event's id: the same event is one message, and two moves of a tag are two, whatever it holds. */
  readonly deduplication: string;
}

const VERSION = 1;
const CAUSES: readonly string[] = ['event', 'first-sweep', 'sweep', 'due', 'cli'];
/** The longest id that SQS takes. */
const ID_LIMIT = 128;

/**
 * `index` tells apart the wake-ups of one event, which share its id. A wake-up whose rule has left the configuration
 * goes to a group of its repository.
 */
export function wakeUpMessage(wakeUp: WakeUp, index: number, rules: readonly Rule[]): WakeUpMessage {
  const key = keyOfWakeUp(wakeUp, rules) ?? JSON.stringify([wakeUp.registry, wakeUp.repository]);
  const id = index === 0 ? wakeUp.cause.id : `${wakeUp.cause.id}/${index}`;
  return {
    body: JSON.stringify({ v: VERSION, wakeUp }),
    group: hexDigest(key),
    deduplication: id.length <= ID_LIMIT ? id : hexDigest(id),
  };
}

/**
 * Reads the body of such a message. Throws `malformed` with the field, also for a version that is not known here:
 * what an older archweave wrote is understood, what a newer one wrote is not.
 */
export function readWakeUpMessage(body: string): WakeUp {
  const message = Fields.parse(new TextEncoder().encode(body), 'read this message');
  if (message.values.v !== VERSION) throw message.complaint('v', `is not ${VERSION}`);
  const fields = message.object('wakeUp');
  const kind = fields.string('kind');
  if (kind !== 'group' && kind !== 'verify') throw fields.complaint('kind', 'is neither group nor verify');
  const floor = fields.optionalObject('floor');
  const common = {
    registry: fields.string('registry'),
    repository: fields.string('repository'),
    rule: fields.string('rule'),
    cause: readCause(fields.object('cause')),
    captures: fields.optionalStringMap('captures') ?? {},
    ...(floor && { floor: { tag: floor.string('tag'), digest: floor.digest('digest') } }),
  };
  return kind === 'group' ? { kind, ...common } : { kind, target: fields.string('target'), ...common };
}

function readCause(fields: Fields): WakeUp['cause'] {
  const source = fields.string('source');
  if (!CAUSES.includes(source)) throw fields.complaint('source', 'is not known');
  return {
    source: source as WakeUp['cause']['source'],
    id: fields.string('id'),
    time: fields.string('time'),
  };
}

function hexDigest(text: string): string {
  return digestOf(new TextEncoder().encode(text)).replace('sha256:', '');
}
