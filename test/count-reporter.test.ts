import { describe, expect, it } from '@jest/globals';
import CountReporter, { type RunResults } from './support/count-reporter.ts';

function printed(results: Partial<RunResults>): string {
  let text = '';
  const reporter = new CountReporter(undefined, {
    write: more => {
      text += more;
    },
  });
  reporter.onRunComplete(undefined, {
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    testResults: [],
    ...results,
  });
  return text;
}

describe('the count reporter', () => {
  it('ends with one plain line', () => {
    expect(printed({ numPassedTests: 12, numFailedTests: 3 })).toBe('\n12 passed, 3 failed\n');
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(printed({ numPassedTests: 1, numRuntimeErrorTestSuites: 2 })).toContain('\n1 passed, 2 failed\n');
  });

  it('names what was left out for a missing tool, once with a count', () => {
    const pending = (title: string) => ({ status: 'pending', title: 'it works', ancestorTitles: [title] });
    const text = printed({
      testResults: [
        { testResults: [pending('a registry (needs crane)'), pending('a registry (needs crane)')] },
      ],
    });
    expect(text).toContain('NOT RUN: a registry (needs crane), 2 tests\n');
  });
});
