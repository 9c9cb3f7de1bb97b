import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Content {
  /** The host under which the embedded registry was known. */
  readonly embedded?: string;
  /** When each registry was first swept to its end (RFC 3339). */
  readonly swept: Readonly<Record<string, string>>;
}

/** What `serve` keeps between two starts besides the ledger, in STORAGE/serve.json. */
export class ServeState {
  readonly #path: string;
  #content: Content;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, content: Content) {
    this.#path = path;
    this.#content = content;
  }

  /** Empty where there is no file, or one that cannot be understood: that costs a look at everything. */
  static async open(storageDir: string): Promise<ServeState> {
    const path = join(storageDir, 'serve.json');
    return new ServeState(path, await readContent(path));
  }

  get embedded(): string | undefined {
    return this.#content.embedded;
  }

  wasSwept(host: string): boolean {
    return Object.hasOwn(this.#content.swept, host);
  }

  setSwept(host: string, time: string): Promise<void> {
    return this.#replace({ ...this.#content, swept: { ...this.#content.swept, [host]: time } });
  }

  /** The embedded registry has another host from now on; it was swept if it was under the old one. */
  setEmbedded(host: string): Promise<void> {
    const { embedded: before = '', swept } = this.#content;
    const { [before]: time, ...others } = swept;
    return this.#replace({
      embedded: host,
      swept: { ...others, ...(time !== undefined && { [host]: time }) },
    });
  }

  /** One write after the other, each as a whole. */
  #replace(content: Content): Promise<void> {
    this.#content = content;
    this.#writing = this.#writing.then(async () => {
      await writeFile(`${this.#path}.new`, `${JSON.stringify(this.#content)}\n`, { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
    });
    const written = this.#writing;
    this.#writing = written.catch(() => {});
    return written;
  }
}

async function readContent(path: string): Promise<Content> {
  try {
    const { embedded, swept } = JSON.parse(await readFile(path, 'utf8')) as Partial<Content>;
    const times = Object.entries(swept ?? {}).filter(([, time]) => typeof time === 'string');
    return { ...(typeof embedded === 'string' && { embedded }), swept: Object.fromEntries(times) };
  } catch {
    return { swept: {} };
  }
}
