import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArchweaveError } from '../../errors.ts';
import { type Digest, type DigestAlgorithm, parseDigest } from '../../image/digest.ts';
import type { BlobStore } from './blob-store.ts';
import { diskError } from './disk-error.ts';

const MOST_UPLOADS = 4096;
const IDLE_AFTER = 60 * 60_000;

/** An upload under way. It ends with the process: a client starts again, as with any registry that forgot it. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  /** Bytes received so far. */
  readonly size: number;
  /** Whether a request is sending to it right now. */
  readonly busy: boolean;
}

interface Session extends Upload {
  readonly algorithm: DigestAlgorithm;
  readonly hash: Hash;
  size: number;
  busy: boolean;
  usedAt: number;
}

export type ByteSource = AsyncIterable<Uint8Array>;

/**
 * Uploads on their way to be blobs: a file each, hashed while it is written, so memory does not depend on sizes.
 * Where a source breaks off, what came before it stays and the upload can go on from there.
 */
export class UploadStore {
  readonly #folder: string;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  /** In the order of their last use. */
  readonly #sessions = new Map<string, Session>();

  constructor(folder: string, blobs: BlobStore, now: () => number) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#now = now;
  }

  /** `algorithm` is what the digest at the end will be of; another one costs reading the file once more. */
  start(repository: string, algorithm: DigestAlgorithm = 'sha256'): Upload {
    this.#makeRoom();
    const id = randomUUID();
    const hash = createHash(algorithm);
    const session = { id, repository, algorithm, hash, size: 0, busy: false, usedAt: this.#now() };
    this.#sessions.set(id, session);
    return session;
  }

  find(repository: string, id: string): Upload | undefined {
    const session = this.#sessions.get(id);
    return session?.repository === repository ? session : undefined;
  }

  /** Adds bytes to an upload that is not busy. */
  async append(upload: Upload, source: ByteSource): Promise<void> {
    const session = this.#session(upload);
    session.busy = true;
    try {
      await this.#receive(session, source, false);
    } finally {
      this.#release(session);
    }
  }

  /**
   * Adds the last bytes and makes the upload a blob of its repository, flushed to the disk. Throws `digest-mismatch`
   * if it is not what `digest` says; the upload is gone then.
   */
  async finish(upload: Upload, digest: Digest, source: ByteSource): Promise<void> {
    const session = this.#session(upload);
    // Busy until it is a blob: bytes that came after its digest was taken would go into that blob.
    session.busy = true;
    try {
      await this.#receive(session, source, true);
    } catch (error) {
      this.#release(session);
      throw error;
    }
    try {
      const found = await this.#digest(session, parseDigest(digest)!.algorithm);
      if (found !== digest) {
        const attempt = `write ${session.repository}@${digest}`;
        throw new ArchweaveError({ code: 'digest-mismatch', attempt, reason: `the bytes are ${found}` });
      }
      this.#blobs.adopt(session.repository, digest, this.#path(session), session.size);
      this.#sessions.delete(session.id);
    } catch (error) {
      this.cancel(session);
      throw diskError(error, `write ${session.repository}@${digest}`);
    }
  }

  cancel({ id }: Pick<Upload, 'id'>): void {
    this.#sessions.delete(id);
    // Nobody waits for it, and what stays behind goes at the next start.
    rm(join(this.#folder, id), { force: true }).catch(() => {});
  }

  async #receive(session: Session, source: ByteSource, last: boolean): Promise<void> {
    const attempt = `write to ${session.repository}`;
    const file = await this.#onDisk(session, attempt, () => open(this.#path(session), 'a'));
    try {
      for await (const piece of source) {
        await this.#onDisk(session, attempt, () => writeAll(file, piece));
        session.hash.update(piece);
        session.size += piece.byteLength;
      }
      if (last) await this.#onDisk(session, attempt, () => file.datasync());
    } finally {
      await file.close();
    }
  }

  /** An upload whose file and hash may have parted is of no use any more. */
  async #onDisk<T>(session: Session, attempt: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.cancel(session);
      throw diskError(error, attempt);
    }
  }

  async #digest(session: Session, algorithm: DigestAlgorithm): Promise<Digest> {
    if (algorithm === session.algorithm) return `${algorithm}:${session.hash.digest('hex')}`;
    const hash = createHash(algorithm);
    await pipeline(createReadStream(this.#path(session)), hash);
    return `${algorithm}:${hash.digest('hex')}`;
  }

  #session({ id }: Upload): Session {
    const session = this.#sessions.get(id);
    if (session === undefined || session.busy) {
      const reason =
        session === undefined ? 'the upload is gone' : 'another request sends to the same upload';
      throw new ArchweaveError({ code: 'bad-argument', attempt: `go on with the upload ${id}`, reason });
    }
    return session;
  }

  /** Lets the next request send to it. */
  #release(session: Session): void {
    session.busy = false;
    session.usedAt = this.#now();
    if (this.#sessions.delete(session.id)) this.#sessions.set(session.id, session);
  }

  #makeRoom(): void {
    for (const session of this.#sessions.values()) {
      const idle = this.#now() - session.usedAt > IDLE_AFTER;
      if (!idle && this.#sessions.size < MOST_UPLOADS) return;
      if (!session.busy) this.cancel(session);
    }
  }

  #path({ id }: Pick<Upload, 'id'>): string {
    return join(this.#folder, id);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    done += (await file.write(bytes, done)).bytesWritten;
  }
}
