import { isArchweaveError } from '../errors.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import type { Fields } from '../image/fields.ts';
import { isRepositoryName, isTag } from '../image/names.ts';
import type { EventContext } from './parsed-events.ts';

/** What is being attempted, for every complaint about an event. */
export const READ_EVENT = 'read this event';

/** Printable ASCII: what ids and media types are made of, and nothing that could forge a line of a log. */
const PRINTABLE = /^[\x21-\x7e]{1,256}$/;

/** Runs a parser; its complaints (`malformed`, with the path of the field) leave as `bad-event`. */
export function readingEvent<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw isArchweaveError(error) && error.code === 'malformed' ? error.with({ code: 'bad-event' }) : error;
  }
}

export function repositoryField(fields: Fields, name: string): string {
  const text = fields.string(name);
  if (isRepositoryName(text)) return text;
  throw fields.complaint(name, 'is no name of a repository');
}

/** A tag; none where the field is missing, empty, or holds a digest, which is how some say "untagged". */
export function optionalTagField(fields: Fields, name: string): string | undefined {
  const text = fields.optionalString(name);
  if (text === undefined || text === '' || isDigest(text)) return undefined;
  if (isTag(text)) return text;
  throw fields.complaint(name, 'is no tag');
}

export function optionalDigestField(fields: Fields, name: string): Digest | undefined {
  const text = fields.optionalString(name);
  if (text === undefined || text === '') return undefined;
  return fields.digest(name);
}

export function idField(fields: Fields, name: string): string {
  const text = fields.string(name);
  if (PRINTABLE.test(text)) return text;
  throw fields.complaint(name, 'is not 1 to 256 printable ASCII characters');
}

/** RFC 3339 in UTC. The time of arrival where the event has none, a complaint where there is neither. */
export function timeField(fields: Fields, name: string, { receivedAt }: EventContext): string {
  const text = fields.optionalString(name) ?? receivedAt ?? fields.string(name);
  return utc(text) ?? refuseTime(fields, name);
}

/** Like `timeField` for whole seconds since 1970. */
export function unixTimeField(fields: Fields, name: string, { receivedAt }: EventContext): string {
  if (!fields.has(name) && receivedAt !== undefined) return receivedAt;
  const seconds = fields.values[name];
  return (typeof seconds === 'number' ? utc(seconds * 1000) : undefined) ?? refuseTime(fields, name);
}

/** Years 0 to 9999 only: others have no RFC 3339 form. */
function utc(time: string | number): string | undefined {
  if (
    typeof time === 'string' &&
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(time)
  ) {
    return undefined;
  }
  const date = new Date(time);
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return /^\d{4}-/.test(text) ? text : undefined;
}

function refuseTime(fields: Fields, name: string): never {
  throw fields.complaint(name, 'is no time');
}
