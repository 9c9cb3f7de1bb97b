import { ArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import type { CallOptions, ServerSideImport } from '../registry/interfaces.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import { inParallel } from './in-parallel.ts';
import type { CopyWork } from './plan.ts';
import type { CopyProgress } from './progress.ts';
import { Tally } from './tally.ts';

export interface ImportServerSideOptions extends CallOptions {
  /** Milliseconds that the registry is waited for, 10 minutes by default; some hang for hours. */
  readonly deadline?: number;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

export const DEADLINE = 10 * 60_000;
const AT_ONCE = 8;

/**
 * Has the target's registry fetch the image of a plan by itself (`wayOf` says whether it can), and looks whether it is
 * there: manifests by their digests, and their blobs. No tag is written, ever: that is `finishCopy`'s, with what
 * `planAfterImport` leaves of the plan. Whatever it does not bring can be streamed.
 */
export async function importServerSide(
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  { deadline = DEADLINE, signal, onProgress }: ImportServerSideOptions = {},
): Promise<ServerSideImport> {
  const tally = new Tally(plan, onProgress);
  const { serverSide } = target.registry;
  const attempt = `have ${target.host} fetch ${source.host}/${source.repository}@${plan.root.digest}`;
  if (serverSide === undefined) {
    const error = new ArchweaveError({
      code: 'unsupported',
      attempt,
      reason: 'it fetches nothing by itself',
    });
    return { kind: 'refused', error, begun: false };
  }
  tally.phase('fetching-itself');
  const { host, repository } = source;
  const calling = signal === undefined ? {} : { signal };
  const result = await serverSide.importImage(
    target.repository,
    { host, repository, digest: plan.root.digest },
    { ...calling, deadline, onState: state => tally.phase('fetching-itself', state) },
  );
  if (result.kind !== 'imported') return result;
  const lacking = await lackingOf(plan, target, calling);
  if (lacking === undefined) return result;
  const reason = `it says that it has done so, and has no ${lacking}`;
  const error = new ArchweaveError({ code: 'registry-failed', attempt, reason, side: 'target' });
  return { kind: 'refused', error, begun: true };
}

/** What is left to do of a plan once the target has the image by its digest: referrers and tags. */
export function planAfterImport(plan: CopyWork): CopyWork {
  const had = <T extends { readonly total: number }>(one: T) => ({ ...one, copied: 0, had: one.total });
  return { ...plan, manifests: [], blobs: [], images: plan.images.map(had), bytes: had(plan.bytes) };
}

/** Something that the plan would have sent and that is not there. */
async function lackingOf(
  plan: CopyWork,
  { registry, repository }: CopyTarget,
  options: CallOptions,
): Promise<Digest | undefined> {
  const manifests = [...plan.manifests, plan.root].map(({ digest }) => digest);
  const found = await registry.resolveReferences(repository, manifests, options);
  const absent = manifests.find(digest => found.get(digest) === undefined);
  if (absent !== undefined) return absent;
  const sizes = await inParallel(plan.blobs, { atOnce: AT_ONCE, ...options }, ({ digest }, signal) =>
    registry.statBlob(repository, digest, { signal }),
  );
  return plan.blobs.find((_, at) => sizes[at] === undefined)?.digest;
}
