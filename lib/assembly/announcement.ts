import type { Digest } from '../image/digest.ts';
import type { TargetRef } from '../ledger/interface.ts';
import type { GroupDocument } from './group-document.ts';

/** One change of state, told to whoever listens: the bus, a webhook, the log, the page. */
export interface Announcement {
  readonly type: 'Index Published' | 'Index Held' | 'Index Overdue' | 'Index Planned';
  readonly message: string;
  readonly target: TargetRef;
  readonly group: GroupDocument;
  readonly digest?: Digest;
  readonly previousDigest?: Digest;
  /** What the target was in trouble with before. */
  readonly resolves?: 'held' | 'overdue';
}
