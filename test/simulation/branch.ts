import type { Digest } from '../../lib/image/digest.ts';
import type { Reading } from '../../lib/registry/interfaces.ts';
import type { Core } from './core.ts';
import { type Errand, workOf } from './handler.ts';
import { blobWith } from './images.ts';
import { type Answer, type Ask, type Call, type End, Run, type Surroundings } from './run.ts';

/**
 * Where a handler stands after some answers. The same answers always lead to the same place, so the explorer keeps
 * places, not handlers: a handler that has to go on from a place it left before is run again from its first answer.
 *
 * Questions that are asked together (the tags, the record and the standing) are answered together, as of one moment:
 * the seeded runs answer them apart. What is kept for people only (standings, history, announcements) and what can
 * never change (configs) is answered at once and is no step.
 */
export class Branch {
  static #count = 0;
  readonly id = Branch.#count++;
  readonly #root: () => Promise<Run>;
  readonly #path: readonly (readonly Answer[])[];
  readonly #next = new Map<string, Branch>();
  #run: Run | undefined;
  readonly calls: readonly Call[];
  readonly end: End | undefined;

  private constructor(root: () => Promise<Run>, path: readonly (readonly Answer[])[], run: Run) {
    this.#root = root;
    this.#path = path;
    this.#run = run;
    this.calls = [...run.pending];
    this.end = run.end;
  }

  static async start(core: Core, surroundings: Surroundings, errand: Errand): Promise<Branch> {
    const root = async () => {
      const run = await Run.start(surroundings, world => workOf(core, world, errand));
      await pass(run);
      return run;
    };
    return new Branch(root, [], await root());
  }

  /** The place that these answers, one for each of `calls`, lead to. */
  async follow(answers: readonly Answer[]): Promise<Branch> {
    const key = answers.map((answer, at) => keyOf(this.calls[at]!.ask, answer)).join('|');
    const known = this.#next.get(key);
    if (known !== undefined) return known;
    const run = this.#run ?? (await this.#again());
    this.#run = undefined;
    await answerAll(run, answers);
    const next = new Branch(this.#root, [...this.#path, answers], run);
    this.#next.set(key, next);
    return next;
  }

  async #again(): Promise<Run> {
    const run = await this.#root();
    for (const answers of this.#path) await answerAll(run, answers);
    return run;
  }
}

async function answerAll(run: Run, answers: readonly Answer[]): Promise<void> {
  const calls = [...run.pending];
  for (const [at, call] of calls.entries()) {
    run.pending.splice(run.pending.indexOf(call), 1);
    call.answer(answers[at]!);
  }
  await run.settle();
  await pass(run);
}

/** Gives the answers that are no steps. */
async function pass(run: Run): Promise<void> {
  for (;;) {
    const call = run.pending.find(({ ask }) => fixedAnswer(ask) !== undefined);
    if (call === undefined) return;
    await run.answer(call, fixedAnswer(call.ask)!);
  }
}

function fixedAnswer(ask: Ask): Answer | undefined {
  switch (ask.method) {
    case 'standing':
    case 'record':
    case 'announce':
      return { value: undefined };
    case 'history':
      return { value: [] };
    case 'readBlobs': {
      const blobs = ask.digests.map(digest => [digest, { kind: 'found', bytes: blobWith(digest) }] as const);
      return { value: new Map(blobs) };
    }
    default:
      return undefined;
  }
}

function keyOf(ask: Ask, answer: Answer): string {
  if ('error' in answer) return (answer.error as Error & { code?: string }).code ?? answer.error.message;
  switch (ask.method) {
    case 'readManifests':
      return [...(answer.value as ReadonlyMap<string, Reading>).values()]
        .map(reading => (reading.kind === 'found' ? reading.manifest.digest : '-'))
        .join();
    case 'resolveReferences':
      return [...(answer.value as ReadonlyMap<string, Digest | undefined>).values()].join();
    case 'immutableTags':
      return [...(answer.value as ReadonlySet<string>)].join();
    default:
      return JSON.stringify(answer.value) ?? '';
  }
}
