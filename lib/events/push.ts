import type { Digest } from '../image/digest.ts';

/** A registry's event, whatever its dialect: something was pushed or deleted. It says where to look, nothing else. */
export interface Push {
  /** The registry's host, as configured for the way in; never what the event's body says. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
  readonly mediaType?: string;
  readonly action: 'push' | 'delete';
  /** RFC 3339. */
  readonly time: string;
  readonly id: string;
}
