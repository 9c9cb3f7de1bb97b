import type { Push } from './push.ts';

/** What one delivery came to. An ignored event is none of ours, or could not be understood next to others. */
export interface ParsedEvents {
  readonly pushes: readonly Push[];
  readonly ignored: readonly { readonly reason: string }[];
  /** The sender introduces itself and wants an answer before it sends events. */
  readonly handshake?: Handshake;
}

/** What Event Grid sends once for a new subscription, whoever made it. */
export interface Handshake {
  /** To be sent back, as `validationResponse`. */
  readonly code: string;
  /** The subscription's name as the sender says it; letters may be in another case than Azure shows. */
  readonly subscription?: string;
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
