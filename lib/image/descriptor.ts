import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** A reference to content, spelt as the OCI image specification spells it. `size` is in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
  readonly data?: string;
}
