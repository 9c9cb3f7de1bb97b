import type { Platform } from '../image/platform.ts';
import type { Template } from './template.ts';

/** Durations are in milliseconds everywhere in the code; only archweave.yaml writes `30m`. */
export type Milliseconds = number;

/** `*` in `pattern` matches any characters, `/` too, as in IAM and EventBridge. */
export interface RepositoryPattern {
  /** The registry's host, with port where it has one. */
  readonly registry: string;
  readonly pattern: string;
  readonly exclude: boolean;
}

/** What tells which of two builds of one target is the newer one. */
export type BuildOrder =
  | { readonly by: 'nothing' } // the targets keep every capture: a target has one group
  | { readonly by: 'captures'; readonly captures: readonly string[] } // typed (int, semver), in template order
  | { readonly by: 'label'; readonly label: string } // numeric or semver
  | { readonly by: 'created' };

/**
 * One entry of `indexes` in archweave.yaml, checked and with every default filled in. Plain data: it goes through
 * JSON unchanged, so that it can be bundled at synth and read by a function without the YAML parser.
 */
export interface Rule {
  readonly name: string;
  /** Where it stands in the file, for messages; 0 for the built-in rule. */
  readonly line: number;
  readonly file?: string;
  readonly repositories: readonly RepositoryPattern[];
  readonly members: Template;
  readonly targets: readonly Template[];
  readonly platforms: readonly Platform[];
  readonly optional: readonly Platform[];
  /** Globs of tags that are never members nor targets. */
  readonly exclude: readonly string[];
  readonly newest: BuildOrder;
  readonly sameBuild: { readonly labels: readonly string[]; readonly mode: 'strict' | 'lenient' | 'off' };
  readonly settle: Milliseconds;
  readonly partial: 'publish' | 'hold';
  readonly grace: Milliseconds;
  /** After how long an incomplete group is reported; null is never. */
  readonly overdue: Milliseconds | null;
  readonly horizon: Milliseconds;
  readonly format: 'auto' | 'oci' | 'docker';
  readonly attestations: 'keep' | 'drop';
  readonly annotations: Readonly<Record<string, string>>;
  readonly mode: 'publish' | 'report';
  readonly adopt: boolean;
  readonly backfill: boolean;
  /** Target tag to build name (`buildName` in group.ts): while it is there the target holds that build. */
  readonly pin: Readonly<Record<string, string>>;
}
