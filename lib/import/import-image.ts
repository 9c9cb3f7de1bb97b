import type { Digest } from '../image/digest.ts';
import { type CopyOptions, copyImage } from './copy.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { CopyOutcome } from './copy-outcome.ts';
import type { CopyRequest } from './copy-request.ts';
import { type CopyNames, heldError, refusalError } from './import-error.ts';
import type { CopyWork } from './plan.ts';
import { prepareCopy } from './prepare-copy.ts';

export interface ImageImport {
  readonly request: CopyRequest;
  readonly source: CopySource;
  readonly target: CopyTarget;
}

export type ImportResult =
  | { readonly kind: 'unchanged'; readonly digest: Digest }
  | {
      readonly kind: 'copied';
      readonly plan: CopyWork;
      readonly outcome: Extract<CopyOutcome, { readonly kind: 'copied' }>;
    }
  /** Nothing was asked to be written. */
  | { readonly kind: 'planned'; readonly plan: CopyWork };

export interface ImportOptions extends CopyOptions {
  /** Only plan. */
  readonly dryRun?: boolean;
  /** Hears of the plan before anything is copied. */
  readonly onPlan?: (plan: CopyWork) => void;
}

/**
 * Plans and copies one image. Throws an `ArchweaveError` for whatever keeps the target's tag from being written:
 * what was copied until then stays, and the next call goes on from there.
 */
export async function importImage(
  { request, source, target }: ImageImport,
  { dryRun = false, onPlan = () => {}, ...options }: ImportOptions,
): Promise<ImportResult> {
  const names = namesOf({ request, source, target });
  const { signal, notes } = options;
  const prepared = await prepareCopy(request, source, target, {
    ...(signal && { signal }),
    ...(notes && { notes }),
  });
  if (prepared.kind === 'unchanged') return { kind: 'unchanged', digest: prepared.digest };
  if (prepared.kind === 'refused') throw refusalError(prepared.refusal, names);
  if (dryRun) return { kind: 'planned', plan: prepared };
  onPlan(prepared);
  const outcome = await copyImage(prepared, source, target, options);
  if (outcome.kind === 'unchanged') return outcome;
  if (outcome.kind === 'refused') throw refusalError(outcome.refusal, names);
  if (outcome.kind === 'held') throw heldError(outcome.reason, names);
  return { kind: 'copied', plan: prepared, outcome };
}

/** Both ends as references, for messages. */
export function namesOf({ request: { reference, tag }, source, target }: ImageImport): CopyNames {
  const name = (host: string, repository: string, at: string): string =>
    `${host}/${repository}${at.includes(':') ? '@' : ':'}${at}`;
  return {
    source: name(source.host, source.repository, reference),
    target: name(target.host, target.repository, tag ?? reference),
  };
}
