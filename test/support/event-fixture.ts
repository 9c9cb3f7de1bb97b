import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'events');

/** A recorded event as the bytes that a registry sends. */
export function eventFixture(name: string): Uint8Array {
  return readFileSync(join(FOLDER, `${name}.json`));
}

// biome-ignore lint/suspicious/noExplicitAny: an event is taken apart and spoilt in every way there is
export type Spoil = (event: any) => unknown;

/** The same event after `spoil` has changed it, or has given back another one. */
export function spoiltEvent(name: string, spoil: Spoil): Uint8Array {
  const event = JSON.parse(Buffer.from(eventFixture(name)).toString());
  return Buffer.from(JSON.stringify(spoil(event) ?? event));
}

/** Puts `value` where the path (`events.0.id`) leads; undefined takes away what is there. */
export function put(path: string, value: unknown): Spoil {
  return event => {
    const keys = path.split('.');
    const place = keys.slice(0, -1).reduce((inner, key) => inner[key], event);
    place[keys.at(-1)!] = value;
  };
}
