import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Which image of the source (and what of it) was copied to a target last, in STORAGE/imports.json. What a person takes away or
 * replaces at the target afterwards is not fought: only a source that holds something else is copied again. Losing
 * the file costs that knowledge, and a look at each target.
 */
export class ImportMemory {
  readonly #path: string;
  readonly #copied: Map<string, string>;
  #writing: Promise<void> | undefined;
  #again = false;

  private constructor(path: string, copied: Map<string, string>) {
    this.#path = path;
    this.#copied = copied;
  }

  static async open(storageDir: string): Promise<ImportMemory> {
    const path = join(storageDir, 'imports.json');
    return new ImportMemory(path, await readCopied(path));
  }

  /** What was copied to `HOST/REPO:TAG` last. */
  copied(target: string): string | undefined {
    return this.#copied.get(target);
  }

  /** Resolves when it is on the disk; what comes while it is being written is written next, in one. */
  async remember(target: string, source: string): Promise<void> {
    this.#copied.set(target, source);
    this.#again = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const text = `${JSON.stringify(Object.fromEntries(this.#copied))}\n`;
      await writeFile(`${this.#path}.new`, text, { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
    }
  }
}

async function readCopied(path: string): Promise<Map<string, string>> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    const entries = Object.entries(content as Readonly<Record<string, unknown>>);
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return new Map();
  }
}
