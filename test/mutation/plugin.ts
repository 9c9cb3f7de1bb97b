import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type CompleteDryRunResult,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { installFreshModules } from './fresh-modules.ts';
import { collectTests } from './jest-globals.ts';

const FOLDERS = ['image', 'rules', 'assembly'].map(name => join('test', 'unit', name));

/**
 * Runs unit tests for Stryker without Jest, which needs most of a minute to load them for one mutant where this needs
 * a fraction of a second. Each mutant has modules of its own, so that nothing which one of them left behind (tables
 * made at load time, caches) is seen by another; only the test files that reach the mutant are loaded.
 */
class UnitTestRunner implements TestRunner {
  readonly #context: InstrumenterContext;
  readonly #modules = installFreshModules(process.cwd());
  #runs = 0;

  constructor() {
    const globals = globalThis as unknown as Record<string, InstrumenterContext>;
    this.#context = globals[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
    // The same samples for each mutant, and few of them: what a property finds it mostly finds early.
    fc.configureGlobal({ seed: 20_261_123, numRuns: 25 });
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    const result = await this.#run(testFiles(), { bail: false });
    const { mutantCoverage } = this.#context;
    return { ...result, ...(mutantCoverage && { mutantCoverage }) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, sandboxFileName, hitLimit, disableBail } = options;
    this.#context.activeMutant = activeMutant.id;
    if (hitLimit !== undefined) Object.assign(this.#context, { hitLimit, hitCount: 0 });
    try {
      const only = testFilter && new Set(testFilter);
      const files = likeliestFirst(
        only ? [...new Set(testFilter.map(id => id.slice(0, id.indexOf(' '))))] : testFiles(),
        sandboxFileName,
      );
      const result = await this.#run(files, { bail: !disableBail, ...(only && { only }) });
      const { hitCount } = this.#context;
      return toMutantRunResult(determineHitLimitReached(hitCount, hitLimit) ?? result, disableBail);
    } finally {
      delete this.#context.activeMutant;
      delete this.#context.hitLimit;
      delete this.#context.hitCount;
    }
  }

  /** Ids are the file's path and the test's name, with a space between. */
  async #run(
    files: readonly string[],
    { bail, only }: { bail: boolean; only?: ReadonlySet<string> },
  ): Promise<CompleteDryRunResult> {
    this.#runs += 1;
    const tests: TestResult[] = [];
    for (const file of files) {
      const collected = collectTests();
      try {
        await import(this.#modules.urlOf(join(process.cwd(), file), this.#runs));
      } catch (error) {
        // A mutant that is found while its module is loaded is found.
        tests.push({ ...failed(error), id: `${file} `, name: file, timeSpentMs: 0 });
      }
      for (const { name, run } of collected()) {
        const id = `${file} ${name}`;
        if (only && !only.has(id)) continue;
        if (bail && tests.at(-1)?.status === TestStatus.Failed) break;
        this.#context.currentTestId = id;
        const began = performance.now();
        const outcome = await Promise.resolve()
          .then(run)
          .then(() => passed, failed);
        delete this.#context.currentTestId;
        tests.push({ ...outcome, id, name, timeSpentMs: performance.now() - began });
      }
      if (bail && tests.at(-1)?.status === TestStatus.Failed) break;
    }
    return { status: DryRunStatus.Complete, tests };
  }
}

const passed = { status: TestStatus.Success } as const;

function failed(error: unknown) {
  return {
    status: TestStatus.Failed,
    failureMessage: error instanceof Error ? error.message : String(error),
  } as const;
}

function testFiles(): string[] {
  return FOLDERS.flatMap(folder =>
    readdirSync(folder)
      .filter(name => name.endsWith('.test.ts'))
      .toSorted()
      .map(name => join(folder, name)),
  );
}

/** Tests of the mutant's own file come first, and those of its folder next: one failure is enough. */
function likeliestFirst(files: readonly string[], mutated: string): readonly string[] {
  const own = basename(mutated, '.ts');
  const folder = basename(dirname(mutated));
  const likely = (file: string): number =>
    Number(basename(file).startsWith(own)) * 2 + Number(basename(dirname(file)) === folder);
  return files.toSorted((a, b) => likely(b) - likely(a));
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'unit', UnitTestRunner)];
