import type { Ledger } from '../../ledger/interface.ts';
import type { Registry, UploadProbe } from '../../registry/interfaces.ts';
import type { RegistryConfig } from '../../rules/load.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Invocation } from '../command.ts';

export type Verdict = 'ok' | 'WRONG' | 'warn' | 'skip';

/** What one check came to: one line, and what to do where something is wrong. */
export interface OnlineResult {
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
  readonly next?: string;
}

/** A registry that is checked, with what was found out about it so far. */
export interface OnlineSubject {
  readonly setting: RegistryConfig;
  readonly host: string;
  readonly registry: Registry & Partial<UploadProbe>;
  /** Those that are about the registry. */
  readonly rules: readonly Rule[];
  readonly repositories: readonly string[];
  /** Tags by repository, of those that were listed. */
  readonly tags: ReadonlyMap<string, readonly { readonly tag: string; readonly pushedAt?: string }[]>;
  readonly ledger: { readonly found?: Ledger; readonly missing?: string };
  readonly invocation: Invocation;
}

export type OnlineCheck = (subject: OnlineSubject) => Promise<OnlineResult | undefined>;

/** What is checked of one kind of registry. */
export interface OnlineKind {
  /** Whose login it is that the registry takes; asked before anything else. Throws where there is none. */
  readonly credentials: (subject: Pick<OnlineSubject, 'setting' | 'host' | 'invocation'>) => Promise<string>;
  /** After what can be read was read; undefined where a check does not apply. */
  readonly checks: readonly OnlineCheck[];
}
