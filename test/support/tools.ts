import { describe, it } from '@jest/globals';
import { findTool, isCi, type ToolName } from './find-tool.ts';

export { findTool, PROJECT_ROOT, soaked, type ToolName, tool } from './find-tool.ts';

/**
 * A `describe` that needs programs. Where one is missing, a person's machine leaves the tests out and the run's
 * last lines say which and why (count-reporter.ts); with `CI` set it is a failure, so that nothing is left out
 * there without notice.
 */
export function describeWith(tools: readonly ToolName[], title: string, tests: () => void): void {
  const missing = tools.filter(name => findTool(name) === undefined);
  if (missing.length === 0) {
    describe(title, tests);
  } else if (isCi()) {
    describe(title, () => {
      it(`has ${missing.join(', ')}`, () => {
        throw new Error(`${missing.join(', ')} not found: tests that need them must run where CI is set`);
      });
    });
  } else {
    describe.skip(`${title} (needs ${missing.join(', ')})`, tests);
  }
}
