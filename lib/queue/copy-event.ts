import type { ItemPosition } from '../import/copy-item.ts';
import type { CopyItem } from '../import/copy-items.ts';
import type { FetchState } from './fetched-by-target.ts';
import type { PlannedState } from './import-steps.ts';

/** What an execution knows of its image: the message that it began with, and later its plan. */
interface Job {
  readonly plan?: FetchState & { readonly round?: number };
}

/** What the state machine asks of `copy` (infra/import-states.ts). */
export type CopyEvent = { readonly job: Job } & (
  | { readonly op: 'plan' }
  | { readonly op: 'fetch'; readonly job: { readonly plan: PlannedState } }
  | { readonly op: 'blob'; readonly item: CopyItem; readonly at: Partial<ItemPosition> }
  | {
      readonly op: 'finish';
      /** Bytes that each item moved. */
      readonly moved: readonly number[];
      readonly total: number;
      /** RFC 3339. */
      readonly began: string;
    }
  | {
      readonly op: 'failed';
      readonly error: { readonly Error?: string; readonly Cause?: string };
      readonly began: string;
    }
);
