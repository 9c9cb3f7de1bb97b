import type { Digest } from '../image/digest.ts';
import type { ImportEvent } from '../import/import-event.ts';
import type { TargetRef } from '../ledger/interface.ts';

/** What `serve` tells about while it runs, as data; log-lines.ts writes it for people. `at` is in ms since 1970. */
export type ServeEvent = { readonly at: number } & (
  | {
      /** A tag was pushed or deleted, by anybody but archweave itself. */
      readonly kind: 'push' | 'delete';
      readonly target: TargetRef;
      /** Empty where nobody said what the image is for. */
      readonly platforms: readonly string[];
      readonly digest?: Digest;
    }
  | {
      readonly kind: 'published';
      readonly target: TargetRef;
      readonly platforms: readonly string[];
      readonly digest?: Digest;
      /** Milliseconds since the last of what it was made of was announced. */
      readonly took: number;
      /** A sweep found it; no event came. */
      readonly found: boolean;
      readonly resolves?: 'held' | 'overdue';
    }
  | {
      readonly kind: 'waiting' | 'held' | 'overdue' | 'planned';
      readonly target: TargetRef;
      /** The first one is the headline. */
      readonly reasons: readonly string[];
      readonly platforms: readonly string[];
      /** What the tag goes on holding: `build 3e0b9d4`, `its last whole index`. */
      readonly keeps?: string;
    }
  | {
      /** A pass failed for the first time and comes again, or was given up and is left to the next sweep. */
      readonly kind: 'failing' | 'given-up';
      readonly registry: string;
      readonly repository: string;
      readonly wakeUps: number;
      readonly error: unknown;
    }
  | {
      /** A sweep could not read a repository, or the registry where none is named; told once for each reason. */
      readonly kind: 'unreadable';
      readonly registry: string;
      readonly repository?: string;
      readonly error: unknown;
    }
  | { readonly kind: 'readable-again'; readonly registry: string; readonly repository?: string }
  /** An image was imported, or was not. */
  | { readonly kind: 'imported' | 'import-failed'; readonly document: ImportEvent }
  /** The first event since the start came in at a hook. */
  | { readonly kind: 'first-event'; readonly hook: string; readonly registry: string }
);
