import type { Patience } from './patience.ts';
import type { Resend } from './retry.ts';

/** One request to the registry: what for, what to send, and which answers are answers. */
export interface Call {
  /** As it follows "cannot" in an error. */
  readonly attempt: string;
  readonly reference?: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** A path under `/v2/` with its query, or an address that the registry gave. */
  readonly at: string | URL;
  /** What a token must allow: `repository:app:pull`. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that is made on the way is told the deadline, to pause it while its own source is slow. */
  readonly body?: Uint8Array | ((patience: Patience) => AsyncIterable<Uint8Array>);
  readonly resend: Resend;
  /** Statuses that are an answer; any other is an error. */
  readonly hoped: readonly number[];
  /** The most bytes of body that are read; left out where the body of an answer says nothing that is wanted. */
  readonly limit?: number;
  /** Whether a page for people may be the answer; else it says that no registry is there. */
  readonly pageIsFine?: boolean;
  /** Whether each part of the answer's body is done with before the next is asked for. */
  readonly lend?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Where it came from, after redirects. */
  readonly url: URL;
  readonly bytes: Uint8Array;
}
