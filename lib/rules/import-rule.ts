import type { Platform } from '../image/platform.ts';
import type { Milliseconds } from './rule.ts';
import type { Template } from './template.ts';

/** When an import runs by itself. `published` is a publication of archweave's own, `pushed` any push. */
export type ImportTime =
  | { readonly on: 'published' | 'pushed' | 'manual' }
  | { readonly on: 'schedule'; readonly every: Milliseconds };

/**
 * One entry of `imports` in archweave.yaml, checked and with every default filled in. Plain data, as a rule is: it
 * goes through JSON unchanged.
 */
export interface ImportRule {
  readonly name: string;
  /** Where it stands in the file, for messages. */
  readonly line: number;
  readonly file?: string;
  /** `pattern` may have `*`, which crosses `/`. */
  readonly from: { readonly registry: string; readonly pattern: string };
  /** `repository` may have `{repository}`, the whole name at the source. */
  readonly to: { readonly registry: string; readonly repository: string };
  /** Globs; a tag is copied where one of them matches. */
  readonly tags: readonly string[];
  readonly platforms: 'all' | readonly Platform[];
  readonly referrers: boolean;
  /** Also tag each platform, by this template of `{tag}` and the parts of a platform. */
  readonly split?: Template;
  readonly when: ImportTime;
}
