import type { Digest } from '../image/digest.ts';
import type { CallOptions } from '../registry/interfaces.ts';
import type { CopyTarget } from './copy-ends.ts';

/** What the target holds after it was written to. */
export type Verdict =
  | { readonly kind: 'verified' }
  /** The registry took it and does not have it: an error of the registry, or somebody who takes it away at once. */
  | { readonly kind: 'gone'; readonly reference: string }
  /** Somebody else wrote the tag meanwhile. */
  | { readonly kind: 'overwritten'; readonly tag: string; readonly holds: Digest };

/** Asks the target for what was written there, by tag, or by digest where it has none. */
export async function verifyCopy(
  { registry, repository }: CopyTarget,
  written: readonly { readonly tag?: string; readonly digest: Digest }[],
  options: CallOptions = {},
): Promise<Verdict> {
  const names = written.map(({ tag, digest }) => tag ?? digest);
  const held = await registry.resolveReferences(repository, names, options);
  for (const { tag, digest } of written) {
    const holds = held.get(tag ?? digest);
    if (holds === undefined) return { kind: 'gone', reference: tag ?? digest };
    if (holds !== digest && tag !== undefined) return { kind: 'overwritten', tag, holds };
  }
  return { kind: 'verified' };
}
