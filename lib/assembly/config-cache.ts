import type { Digest } from '../image/digest.ts';
import type { ImageConfig } from '../image/image-config.ts';

/** What an image's config says, and how many bytes it has. */
export interface KnownConfig extends ImageConfig {
  readonly size: number;
}

/** Image configs by digest: what a digest names never changes, so an entry is never wrong, only dropped. */
export class ConfigCache {
  readonly #entries = new Map<Digest, KnownConfig>();
  readonly #limit: number;

  constructor(limit = 2_000) {
    this.#limit = limit;
  }

  get(digest: Digest): KnownConfig | undefined {
    const config = this.#entries.get(digest);
    if (config !== undefined) {
      this.#entries.delete(digest);
      this.#entries.set(digest, config);
    }
    return config;
  }

  set(digest: Digest, config: KnownConfig): void {
    this.#entries.set(digest, config);
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
