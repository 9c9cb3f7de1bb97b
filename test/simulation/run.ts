import type { ConfigCache } from '../../lib/assembly/config-cache.ts';
import type { World } from '../../lib/assembly/world.ts';
import type { Digest } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import type { HistoryEntry, Published, Standing } from '../../lib/ledger/interface.ts';
import type { TagEntry } from '../../lib/registry/interfaces.ts';
import type { Rule } from '../../lib/rules/rule.ts';

/** What a handler may ask of the world. Each `await` of the code under attack is one of these. */
export type Ask =
  | { readonly method: 'readManifests' | 'resolveReferences'; readonly references: readonly string[] }
  | { readonly method: 'immutableTags'; readonly tags: readonly string[] }
  | { readonly method: 'readBlobs'; readonly digests: readonly Digest[] }
  | { readonly method: 'listTags'; readonly after: string }
  | { readonly method: 'write'; readonly reference: string; readonly manifest: Manifest }
  | { readonly method: 'published' | 'standing' | 'history'; readonly tag: string }
  | {
      readonly method: 'remember';
      readonly tag: string;
      readonly next: Published;
      readonly keeps: (stored: Published) => boolean;
    }
  | { readonly method: 'record'; readonly standing: Standing; readonly entry?: HistoryEntry }
  | { readonly method: 'announce' };

/** The answer to `listTags`. */
export interface Page {
  readonly page: readonly TagEntry[];
  readonly more: boolean;
}

export type Answer = { readonly value: unknown } | { readonly error: Error };

/** A question that waits for its answer. */
export interface Call {
  readonly ask: Ask;
  readonly answer: (answer: Answer) => void;
}

export type End = { readonly kind: 'returned' } | { readonly kind: 'threw'; readonly error: Error };

export interface Surroundings {
  readonly registry: string;
  readonly rules: readonly Rule[];
  readonly configs: ConfigCache;
  readonly now: () => number;
  /** Whether the registry can tell which tags are immutable. */
  readonly tellsImmutable: boolean;
  readonly remaining?: () => number;
}

/**
 * A handler as it runs: real promises of the real functions, in a world whose every answer is given from outside.
 * Between two answers nothing happens, so whoever answers owns all of time.
 */
export class Run {
  readonly pending: Call[] = [];
  end: End | undefined;

  static async start(surroundings: Surroundings, work: (world: World) => Promise<unknown>): Promise<Run> {
    const run = new Run();
    work(run.#world(surroundings)).then(
      () => {
        run.end = { kind: 'returned' };
      },
      error => {
        run.end = { kind: 'threw', error };
      },
    );
    await settled();
    if (run.end !== undefined)
      throw new Error(`a handler ended before it asked anything: ${JSON.stringify(run.end)}`);
    return run;
  }

  /** Answers one question and lets the handler go on until it asks again or ends. */
  async answer(call: Call, answer: Answer): Promise<void> {
    this.pending.splice(this.pending.indexOf(call), 1);
    call.answer(answer);
    await settled();
  }

  /** Lets the handler go on until it asks again or ends. */
  settle(): Promise<void> {
    return settled();
  }

  #ask<T>(ask: Ask): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (given: Answer) => ('error' in given ? reject(given.error) : resolve(given.value as T));
      this.pending.push({ ask, answer });
    });
  }

  #world({ rules, configs, now, tellsImmutable, remaining }: Surroundings): World {
    const ask = <T>(question: Ask) => this.#ask<T>(question);
    const unused = () => Promise.reject(new Error('the simulation does not answer this'));
    return {
      rules,
      configs,
      clock: { now },
      ...(remaining === undefined ? {} : { remaining }),
      announce: () => ask({ method: 'announce' }),
      registry: {
        readManifests: (_, references) => ask({ method: 'readManifests', references }),
        resolveReferences: (_, references) => ask({ method: 'resolveReferences', references }),
        readBlobs: (_, digests) => ask({ method: 'readBlobs', digests }),
        statBlob: unused,
        openBlob: unused,
        writeManifest: (_, reference, manifest) => ask({ method: 'write', reference, manifest }),
        async *listTags() {
          let after = '';
          for (;;) {
            const { page, more } = await ask<Page>({ method: 'listTags', after });
            yield page;
            if (!more) return;
            after = page.at(-1)!.tag;
          }
        },
        ...(tellsImmutable ? { immutableTags: (_, tags) => ask({ method: 'immutableTags', tags }) } : {}),
      },
      ledger: {
        published: ({ tag }) => ask({ method: 'published', tag }),
        remember: ({ tag }, next, keeps) => ask({ method: 'remember', tag, next, keeps }),
        forget: unused,
        standing: ({ tag }) => ask({ method: 'standing', tag }),
        record: (standing, entry) =>
          ask({ method: 'record', standing, ...(entry === undefined ? {} : { entry }) }),
        history: ({ tag }) => ask({ method: 'history', tag }),
        standings: unused,
        due: unused,
      },
    };
  }
}

/** After every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
