/** The part of Jest's aggregated result that is read here. */
export interface RunResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly testResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

/**
 * A Jest reporter (hence the default export): ends a run with what was left out and why, then with one plain line, `N passed, N failed`, for whatever reads
 * the output by machine. A test file that could not be loaded counts as one failure.
 */
export default class CountReporter {
  readonly #write: (text: string) => void;

  constructor(_config: unknown, options?: { readonly write?: (text: string) => void }) {
    this.#write = options?.write ?? writeLast;
  }

  onRunComplete(_contexts: unknown, results: RunResults): void {
    for (const line of leftOut(results)) this.#write(`${line}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    this.#write(`\n${results.numPassedTests} passed, ${failed} failed\n`);
  }
}

/** Jest's own summary comes after every reporter, so that only the end of the process is late enough. */
function writeLast(text: string): void {
  process.once('exit', () => process.stdout.write(text));
}

function leftOut(results: RunResults): readonly string[] {
  const counts = new Map<string, number>();
  for (const file of results.testResults) {
    for (const test of file.testResults) {
      if (test.status !== 'pending' && test.status !== 'todo') continue;
      const title = test.ancestorTitles[0] ?? test.title;
      // `-t` leaves out whatever its pattern does not name; nobody needs to be told.
      if (!title.includes('(needs ')) continue;
      counts.set(title, (counts.get(title) ?? 0) + 1);
    }
  }
  return [...counts].map(([title, count]) => `NOT RUN: ${title}, ${count} tests`);
}
