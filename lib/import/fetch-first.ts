import type { CopySource, CopyTarget } from './copy-ends.ts';
import {
  DEADLINE,
  type ImportServerSideOptions,
  importServerSide,
  planAfterImport,
} from './import-server-side.ts';
import type { CopyWork } from './plan.ts';
import { type StreamReason, wayOf } from './server-side-way.ts';

export type FetchedFirst =
  /** What is left to do, and how much the registry brought. */
  | { readonly kind: 'fetched'; readonly plan: CopyWork; readonly bytes: number; readonly blobs: number }
  /** `stale`: the target may have more by now than the plan says. */
  | { readonly kind: 'stream'; readonly why?: StreamReason; readonly stale: boolean };

/** Has the target's registry fetch the image by itself, where it can. */
export async function fetchFirst(
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  options: ImportServerSideOptions,
): Promise<FetchedFirst> {
  const way = wayOf(plan, source, target);
  if (way.kind === 'stream') return { ...way, stale: false };
  const result = await importServerSide(plan, source, target, options);
  switch (result.kind) {
    case 'imported': {
      const { bytes, blobs } = plan;
      const brought = { bytes: bytes.total - bytes.had, blobs: blobs.length };
      return { kind: 'fetched', plan: planAfterImport(plan), ...brought };
    }
    case 'deadline':
      return { kind: 'stream', why: { code: 'deadline', ms: options.deadline ?? DEADLINE }, stale: true };
    case 'refused':
      return { kind: 'stream', why: { code: 'refused', error: result.error }, stale: result.begun };
  }
}
