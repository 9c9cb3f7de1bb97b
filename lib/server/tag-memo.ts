import type { Digest } from '../image/digest.ts';

/**
 * What tags held when wake-ups were last made for them, of one registry. It is there to save work: whatever it
 * forgets is looked at once more.
 *
 * Holds at most `limit` tags, some 200 bytes each; a repository that would go beyond is not remembered at all.
 */
export class TagMemo {
  readonly #repositories = new Map<string, Map<string, Digest>>();
  readonly #limit: number;
  #size = 0;

  constructor(limit = 500_000) {
    this.#limit = limit;
  }

  /** Undefined where the repository was never swept, or was forgotten. */
  tags(repository: string): ReadonlyMap<string, Digest> | undefined {
    return this.#repositories.get(repository);
  }

  repositories(): readonly string[] {
    return [...this.#repositories.keys()];
  }

  /** Replaces all that is known of a repository by what was seen now. */
  replace(repository: string, tags: ReadonlyMap<string, Digest>): void {
    this.forget(repository);
    if (this.#size + tags.size > this.#limit) return;
    this.#repositories.set(repository, new Map(tags));
    this.#size += tags.size;
  }

  /** Takes over what an event told, for which a wake-up was made; does nothing for a repository not yet swept. */
  note(repository: string, tag: string, digest: Digest | undefined): void {
    const tags = this.#repositories.get(repository);
    if (tags === undefined) return;
    this.#size -= tags.size;
    if (digest === undefined) tags.delete(tag);
    else if (this.#size + tags.size < this.#limit) tags.set(tag, digest);
    this.#size += tags.size;
  }

  forget(repository: string): void {
    this.#size -= this.#repositories.get(repository)?.size ?? 0;
    this.#repositories.delete(repository);
  }
}
