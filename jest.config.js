import { availableParallelism } from 'node:os';

// Several projects, so that the inner loop (`npm run test:quick`) leaves the slow ones out.
const soak = (process.env.SOAK ?? '') !== '';
const shared = {
  rootDir: '.',
  testEnvironment: 'node',
  ...(soak ? { setupFiles: ['<rootDir>/test/support/soak-properties.ts'] } : {}),
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};
const project = (displayName, testMatch) => ({ ...shared, displayName, testMatch });

export default {
  // Much of what the tests do is waiting for other processes: one worker on two cores would leave the second one idle.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Jest takes the timeout of the whole run only, not a project's own.
  testTimeout: soak ? 1_200_000 : 60_000,
  reporters: ['default', '<rootDir>/test/support/count-reporter.ts'],
  projects: [
    project('unit', ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/test/*.test.ts']),
    project('contract', ['<rootDir>/test/contract/**/*.test.ts']),
    project('simulation', ['<rootDir>/test/simulation/**/*.test.ts']),
    project('infra', ['<rootDir>/test/infra/**/*.test.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts']),
  ],
};
