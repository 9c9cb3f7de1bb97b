import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UploadState } from '../registry/interfaces.ts';
import type { NotedBlob, UploadNotes } from './upload-notes.ts';

/**
 * Notes of uploads in files, so that the next run goes on inside a blob. For this user's eyes only: some
 * registries put a token into the address of an upload. A note that cannot be kept costs the bytes of a blob, so
 * that no failure of the disk is one of the import.
 */
export class FileUploadNotes implements UploadNotes {
  readonly #folder: string;

  /** The folder is made when there is something to note. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(blob: NotedBlob): Promise<UploadState | undefined> {
    try {
      return stateIn(JSON.parse(await readFile(this.#path(blob), 'utf8')));
    } catch {
      return undefined;
    }
  }

  async write(blob: NotedBlob, state: UploadState): Promise<void> {
    await this.#keep(this.#path(blob), JSON.stringify(state));
  }

  async remove(blob: NotedBlob): Promise<void> {
    await rm(this.#path(blob), { force: true }).catch(() => {});
  }

  /** Whether an earlier import to this target was cut off. */
  async wasCutOff(target: string): Promise<boolean> {
    return await readFile(this.#mark(target)).then(
      () => true,
      () => false,
    );
  }

  async begin(target: string): Promise<void> {
    await this.#keep(this.#mark(target), '');
  }

  async end(target: string): Promise<void> {
    await rm(this.#mark(target), { force: true }).catch(() => {});
  }

  async #keep(path: string, text: string): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(path, text, { mode: 0o600 });
    } catch {}
  }

  #path({ host, repository, digest }: NotedBlob): string {
    return join(this.#folder, `${nameOf([host, repository, digest])}.json`);
  }

  #mark(target: string): string {
    return join(this.#folder, `${nameOf([target])}.begun`);
  }
}

/** A file may hold anything: it was cut off, or is of another version. */
function stateIn(content: unknown): UploadState | undefined {
  const { upload, offset, done } = (content ?? {}) as { readonly [name in keyof UploadState]?: unknown };
  if (typeof upload !== 'string' || typeof done !== 'boolean') return undefined;
  return Number.isSafeInteger(offset) && Number(offset) >= 0
    ? { upload, offset: Number(offset), done }
    : undefined;
}

function nameOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
