import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { Meaning } from '../image/meaning.ts';
import type { Platform, PlatformClaim } from '../image/platform.ts';
import type { Published, Standing } from '../ledger/interface.ts';
import type { Build } from '../rules/build.ts';
import type { Rule } from '../rules/rule.ts';
import type { Captures } from '../rules/template.ts';

/** A runnable image of a member, with what its config says and what belongs to it (attestations). */
export interface MemberImage {
  /** With `platform`, as the image or its index entry writes it. */
  readonly descriptor: Descriptor & { readonly platform: Platform };
  readonly labels: Readonly<Record<string, string>>;
  readonly created?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly attached: readonly Descriptor[];
}

export interface Member {
  readonly tag: string;
  readonly claim: PlatformClaim;
  /** Platforms of the rule that a member of this tag may be. */
  readonly platforms: readonly Platform[];
  readonly state:
    | { readonly kind: 'absent' }
    | { readonly kind: 'unreadable'; readonly why: string; readonly quarantined?: boolean }
    | {
        readonly kind: 'present';
        readonly digest: Digest;
        readonly images: readonly MemberImage[];
        readonly pushedAt?: string;
      };
}

export type TargetState =
  | { readonly kind: 'absent' }
  /** Put there by somebody else, or unreadable; `meaning` where it is an index that can be read. */
  | {
      readonly kind: 'foreign';
      readonly digest?: Digest;
      readonly meaning?: Meaning;
      readonly children: readonly Descriptor[];
    }
  | {
      readonly kind: 'own';
      readonly digest: Digest;
      readonly meaning: Meaning;
      readonly children: readonly Descriptor[];
      readonly build: Build;
      /** The commit or the like, as it is shown to a person. */
      readonly revision?: string;
    };

export interface Target {
  readonly tag: string;
  /** Whether several builds can be written to it. */
  readonly shared: boolean;
  readonly state: TargetState;
  readonly published?: Published;
  readonly standing?: Standing;
  readonly immutable: boolean;
  readonly rivals: readonly Rule[];
}

/** What the registry holds for a group and its targets, read once; and what is remembered of the targets. */
export interface Observation {
  readonly captures: Captures;
  readonly members: readonly Member[];
  readonly targets: readonly Target[];
}
