import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Parts of lib/assembly that neither wait nor read: what decides, and what says it. */
const PURE_ASSEMBLY = [
  'announcement',
  'build-annotation',
  'compose',
  'decide',
  'first-publication',
  'group-document',
  'reasons',
  'resolve',
  'same-build',
  'settle',
  'untouchable',
  'wake-up',
];

/** Mutation testing of what decides (`npm run mutate`); docs/mutation-survivors.md tells what may survive. */
export default {
  // The schema of archweave.yaml and its words are left out: test/unit/rules/load holds them to examples.
  mutate: [
    'lib/image/*.ts',
    'lib/rules/*.ts',
    '!lib/rules/load.ts',
    '!lib/rules/render-findings.ts',
    ...PURE_ASSEMBLY.map(name => `lib/assembly/${name}.ts`),
  ],
  testRunner: 'unit',
  plugins: ['./test/mutation/plugin.ts'],
  testRunnerNodeArgs: ['--disable-warning=ExperimentalWarning'],
  // Modules of past mutants are never given back.
  maxTestRunnerReuse: 80,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 5000,
  // Types are erased, not checked: there is no file of this name, so that none is rewritten in the sandbox.
  tsconfigFile: 'no-such.json',
  disableTypeChecks: 'lib/**/*.ts',
  // Beside the work tree, so that no other run of the tests sees the copy.
  tempDirName: join(tmpdir(), 'archweave-stryker'),
  ignorePatterns: ['.tools', 'docs', 'examples', 'bench'],
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: true },
  thresholds: { high: 95, low: 90, break: 90 },
};
