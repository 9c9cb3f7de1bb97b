import type { Push } from './push.ts';

/** What one delivery came to. An ignored event is none of ours, or could not be understood next to others. */
export interface ParsedEvents {
  readonly pushes: readonly Push[];
  readonly ignored: readonly { readonly reason: string }[];
}

/** What is known about a delivery besides its body. */
export interface EventContext {
  /** The registry that the way in belongs to. Nothing in a body or header is ever used in its place. */
  readonly registry: string;
  /** RFC 3339; stands in for the time that an event does not tell. */
  readonly receivedAt?: string;
}

/** Header names in lower case. */
export type EventHeaders = Readonly<Record<string, string | undefined>>;
