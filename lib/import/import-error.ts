import { ArchweaveError } from '../errors.ts';
import { formatPlatform } from '../image/platform.ts';
import type { HeldReason } from './copy-outcome.ts';
import type { PlanRefusal } from './plan.ts';

/** The two ends of a copy, as references. */
export interface CopyNames {
  readonly source: string;
  readonly target: string;
}

/** Why an image cannot be copied as it was asked for. Nothing was written. */
export function refusalError(refusal: PlanRefusal, { source }: CopyNames): ArchweaveError {
  const attempt = `copy ${source}`;
  const side = { side: 'source' as const, reference: source };
  switch (refusal.reason) {
    case 'no-such-platform': {
      const wanted = refusal.wanted.map(formatPlatform).join(' ');
      const there = refusal.there.map(formatPlatform).join(' ');
      const reason = `it has ${there === '' ? 'no platform' : there}`;
      return new ArchweaveError({ code: 'not-found', attempt: `${attempt} for ${wanted}`, reason, ...side });
    }
    case 'incomplete-source': {
      const reason = `${refusal.digest} of it is not there: ${refusal.why}`;
      return new ArchweaveError({ code: 'child-gone', attempt, reason, ...side });
    }
    case 'too-many-blobs': {
      const reason = `it has ${refusal.count} blobs, and more than ${refusal.most} are not copied`;
      return new ArchweaveError({ code: 'too-large', attempt, reason, ...side });
    }
    case 'bad-split':
      return new ArchweaveError({
        code: 'bad-argument',
        attempt: '',
        reason: `${source} cannot be split: ${refusal.why}`,
        next: '--split "{tag}-{arch}"',
      });
  }
}

/** Why an image was copied and its tag was not written. */
export function heldError(held: HeldReason, { source, target }: CopyNames): ArchweaveError {
  const attempt = `write ${target}`;
  const side = { side: 'target' as const, reference: target };
  switch (held.code) {
    case 'overwritten': {
      const reason = `somebody else wrote ${held.tag} meanwhile; it holds ${held.holds}`;
      const next = 'if this image is meant to be there: the same command again';
      return new ArchweaveError({ code: 'tag-moved', attempt, reason, next, ...side });
    }
    case 'immutable-tag': {
      const reason = `the tag ${held.tag} is immutable and holds another image`;
      return new ArchweaveError({ code: 'immutable-tag', attempt, reason, next: 'another tag', ...side });
    }
    case 'target-removed': {
      const reason = `somebody took ${held.tag} away while its image was copied`;
      const next = 'if that was not meant: the same command again';
      return new ArchweaveError({ code: 'tag-moved', attempt, reason, next, ...side });
    }
    case 'source-moving': {
      const reason = `the source's tag moved ${held.moves} times while its image was copied`;
      return new ArchweaveError({
        code: 'tag-moved',
        attempt: `copy ${source}`,
        reason,
        retryable: true,
        next: 'the same command again, when nobody pushes',
        side: 'source',
        reference: source,
      });
    }
    case 'source-removed':
      return new ArchweaveError({
        code: 'not-found',
        attempt: `copy ${source}`,
        reason: 'the tag was taken away while its image was copied',
        side: 'source',
        reference: source,
      });
  }
}
