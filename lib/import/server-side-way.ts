import type { ArchweaveError } from '../errors.ts';
import { duration } from '../image/format-duration.ts';
import { isIndexType } from '../image/media-types.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { CopyWork } from './plan.ts';

/** What is told of an error; steps on AWS hand it on as data. */
type Refusal = Pick<ArchweaveError, 'code' | 'reason'> & Partial<Pick<ArchweaveError, 'next'>>;

/** Why the bytes of an image went through this process, though the target's registry could have fetched it itself. */
export type StreamReason =
  /** An index of some of its platforms is made here, and is nowhere to be fetched. */
  | { readonly code: 'some-platforms' }
  | { readonly code: 'many-manifests'; readonly count: number; readonly most: number }
  /** It was not done after so many milliseconds. */
  | { readonly code: 'deadline'; readonly ms: number }
  | { readonly code: 'refused'; readonly error: Refusal };

export type CopyWay =
  | { readonly kind: 'server-side' }
  | { readonly kind: 'stream'; readonly why?: StreamReason };

/** Who moves the bytes of a plan: the target's registry by itself, where it can and there are any, or this process. */
export function wayOf(plan: CopyWork, source: CopySource, target: CopyTarget): CopyWay {
  const { serverSide } = target.registry;
  const can = source.host !== target.host && serverSide?.importsFrom(source.host) === true;
  if (!can || plan.blobs.length === 0) return { kind: 'stream' };
  if (plan.root.digest !== plan.source) return { kind: 'stream', why: { code: 'some-platforms' } };
  const indexes = plan.manifests.filter(({ mediaType }) => isIndexType(mediaType)).length;
  const count = plan.images.length + indexes + (isIndexType(plan.root.mediaType) ? 1 : 0);
  const most = serverSide.mostManifests;
  if (count > most) return { kind: 'stream', why: { code: 'many-manifests', count, most } };
  return { kind: 'server-side' };
}

/** Why, as it follows "HOST did not fetch it itself: ". */
export function streamWords(why: StreamReason): string {
  switch (why.code) {
    case 'some-platforms':
      return 'an index of some platforms is made here';
    case 'many-manifests':
      return `the image has ${why.count} manifests, and it takes ${why.most}`;
    case 'deadline':
      return `it was not done after ${duration(why.ms)}`;
    case 'refused': {
      const { reason, next } = why.error;
      return next === undefined ? reason : `${reason}; ${next}`;
    }
  }
}
