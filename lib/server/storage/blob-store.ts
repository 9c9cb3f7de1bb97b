import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../image/digest.ts';
import type { Catalogue } from './catalogue.ts';
import { fileStream } from './file-stream.ts';

const LINKED = `SELECT b.size FROM blobs b JOIN repositories r ON r.id = b.repository
  WHERE b.digest = ? AND r.name = ?`;

/**
 * Blobs as files named after their digest, stored once for all repositories; the catalogue says which repository
 * has which. A file is there before its row is, and goes after the last row went.
 */
export class BlobStore {
  readonly #folder: string;
  readonly #catalogue: Catalogue;
  readonly #madeFolders = new Set<string>();

  constructor(folder: string, catalogue: Catalogue) {
    this.#folder = folder;
    this.#catalogue = catalogue;
  }

  /** The size in bytes, or undefined where the repository does not have the blob. */
  stat(repository: string, digest: Digest): number | undefined {
    const row = this.#catalogue.get<{ size: number }>(LINKED, digest, repository);
    if (row === undefined) return undefined;
    // A file lost by other hands is no blob: the next push brings it again, which it would not if it were "there".
    const size = statSync(this.#path(digest), { throwIfNoEntry: false })?.size;
    return size === row.size ? size : undefined;
  }

  /** `length` bytes from `start` on of a blob that `stat` knows. */
  read(digest: Digest, start: number, length: number): ReadableStream<Uint8Array> {
    return fileStream(this.#path(digest), start, length);
  }

  /** Takes over a finished file, whose bytes are on the disk and were checked. */
  adopt(repository: string, digest: Digest, file: string, size: number): void {
    const path = this.#path(digest);
    this.#makeFolder(join(path, '..'));
    renameSync(file, path);
    this.#link(repository, digest, size);
  }

  /** Whether the blob could be had from the repository `from`, or from any where `from` is left out. */
  mount(repository: string, digest: Digest, from?: string): boolean {
    const source = from ?? this.#anyHolder(digest);
    const size = source === undefined ? undefined : this.stat(source, digest);
    if (size === undefined) return false;
    this.#link(repository, digest, size);
    return true;
  }

  /** Whether it was there. The bytes go when no repository has the blob any more. */
  delete(repository: string, digest: Digest): boolean {
    const sql =
      'DELETE FROM blobs WHERE digest = ? AND repository = (SELECT id FROM repositories WHERE name = ?)';
    if (this.#catalogue.run(sql, digest, repository) === 0) return false;
    if (this.#anyHolder(digest) === undefined) rmSync(this.#path(digest), { force: true });
    return true;
  }

  #anyHolder(digest: Digest): string | undefined {
    const sql =
      'SELECT r.name FROM blobs b JOIN repositories r ON r.id = b.repository WHERE b.digest = ? LIMIT 1';
    return this.#catalogue.get<{ name: string }>(sql, digest)?.name;
  }

  #link(repository: string, digest: Digest, size: number): void {
    const sql = `INSERT INTO blobs (digest, repository, size) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET size = excluded.size WHERE size <> excluded.size`;
    this.#catalogue.run(sql, digest, this.#catalogue.repository(repository), size);
  }

  #path(digest: Digest): string {
    const [algorithm, hex] = digest.split(':') as [string, string];
    return join(this.#folder, algorithm, hex.slice(0, 2), hex);
  }

  /** At most 256 folders an algorithm. */
  #makeFolder(folder: string): void {
    if (this.#madeFolders.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    this.#madeFolders.add(folder);
  }
}
