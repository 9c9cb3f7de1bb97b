import { Fields } from '../image/fields.ts';
import { idField, READ_EVENT, timeField } from './event-fields.ts';
import type { EventContext, EventHeaders } from './parsed-events.ts';

/** A CloudEvents 1.0 event with JSON data. */
export interface CloudEvent {
  readonly id: string;
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly data: Fields;
}

const ATTRIBUTES = ['specversion', 'type', 'id', 'time'] as const;

/** Whether the attributes are in the headers (binary mode) and the body is the data alone. */
export function isBinaryCloudEvent(headers: EventHeaders): boolean {
  return headers['ce-type'] !== undefined || headers['ce-specversion'] !== undefined;
}

/** Reads both ways of sending one over HTTP. Complaints name the attribute (`type`) or the header (`ce-type`). */
export function readCloudEvent(body: Uint8Array, headers: EventHeaders, context: EventContext): CloudEvent {
  const content = Fields.parse(body, READ_EVENT);
  if (!isBinaryCloudEvent(headers)) return structuredCloudEvent(content, context);
  const attributes = new Fields(READ_EVENT, '', attributesOf(headers));
  return { ...attributesIn(attributes, 'ce-', context), data: content };
}

/** One whose attributes stand next to its data. */
export function structuredCloudEvent(content: Fields, context: EventContext): CloudEvent {
  return { ...attributesIn(content, '', context), data: content.object('data') };
}

function attributesIn(attributes: Fields, prefix: string, context: EventContext): Omit<CloudEvent, 'data'> {
  const version = attributes.string(`${prefix}specversion`);
  if (version !== '1.0') throw attributes.complaint(`${prefix}specversion`, 'is not 1.0');
  return {
    id: idField(attributes, `${prefix}id`),
    type: attributes.string(`${prefix}type`),
    time: timeField(attributes, `${prefix}time`, context),
  };
}

/** Percent-encoded where a value is not printable ASCII; what does not decode stays and is refused as a value. */
function attributesOf(headers: EventHeaders): Record<string, string | undefined> {
  return Object.fromEntries(ATTRIBUTES.map(name => [`ce-${name}`, decoded(headers[`ce-${name}`])]));
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
