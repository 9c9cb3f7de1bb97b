import { attachedTo, isRunnable } from './attachments.ts';
import type { Descriptor } from './descriptor.ts';
import type { ManifestContent } from './manifest.ts';
import { platformKey } from './platform.ts';

/** What an index means to those who use it, for `sameMeaning` only. */
export interface Meaning {
  readonly entries: ReadonlySet<string>;
}

/**
 * Which children on which platforms, and what is attached to them. Order, annotations, spelling of platforms, media
 * type and layout of the bytes mean nothing: an index that differs only in those need not be written again.
 */
export function meaningOf(content: ManifestContent & { readonly kind: 'index' }): Meaning {
  return { entries: new Set(content.manifests.map(entryKey)) };
}

export function sameMeaning(a: Meaning, b: Meaning): boolean {
  return a.entries.size === b.entries.size && a.entries.isSubsetOf(b.entries);
}

function entryKey(entry: Descriptor): string {
  if (!isRunnable(entry)) return JSON.stringify([entry.digest, 'attached', attachedTo(entry) ?? '']);
  return JSON.stringify([
    entry.digest,
    'runs',
    entry.platform === undefined ? '' : platformKey(entry.platform),
  ]);
}
