import { ArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import type { AssemblyRegistry } from '../registry/interfaces.ts';

/** What a plan says that a target holds, and what it is to hold. */
export interface ExpectedChange {
  readonly before: Digest | null;
  readonly after: Digest;
}

export interface GuardedWrite {
  /** Full, with the tag, for the refusal. */
  readonly reference: string;
  /** Left out: whatever is right by now is written. */
  readonly expected?: ExpectedChange;
  /** Runs before the first write, when it is sure to be sent. */
  readonly beforeWrite?: () => Promise<void>;
  /** What the target held when it was last looked at. */
  readonly held: () => Digest | undefined;
}

/**
 * The registry, letting a write through only if it is the one that was planned; else it is refused as `stale-plan`.
 *
 * After the first write has landed whatever else puts the target right may follow: a member that moved meanwhile is
 * no reason to leave behind an index that is wrong.
 */
export function guardWrites(
  registry: AssemblyRegistry,
  { reference, expected, beforeWrite, held }: GuardedWrite,
): { readonly registry: AssemblyRegistry; readonly hasWritten: () => boolean } {
  let written = false;
  const guarded: AssemblyRegistry = {
    readManifests: (...call) => registry.readManifests(...call),
    resolveReferences: (...call) => registry.resolveReferences(...call),
    readBlobs: (...call) => registry.readBlobs(...call),
    statBlob: (...call) => registry.statBlob(...call),
    openBlob: (...call) => registry.openBlob(...call),
    listTags: (...call) => registry.listTags(...call),
    ...(registry.immutableTags && {
      immutableTags: (...call: Parameters<NonNullable<AssemblyRegistry['immutableTags']>>) =>
        registry.immutableTags!(...call),
    }),
    async writeManifest(...[repository, tag, manifest, options]) {
      if (!written && expected !== undefined) {
        const moved = expected.before !== (held() ?? null) || expected.after !== manifest.digest;
        if (moved) throw stalePlan(reference);
      }
      if (!written) await beforeWrite?.();
      await registry.writeManifest(repository, tag, manifest, options);
      written = true;
    },
  };
  return { registry: guarded, hasWritten: () => written };
}

export function stalePlan(reference: string): ArchweaveError {
  return new ArchweaveError({
    code: 'stale-plan',
    attempt: `write ${reference}`,
    reference,
    next: 'archweave plan',
  });
}
