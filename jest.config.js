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
const project = (displayName, testMatch, seconds) => ({
  ...shared,
  displayName,
  testMatch,
  testTimeout: (soak ? 20 : 1) * seconds * 1000,
});

export default {
  reporters: ['default', '<rootDir>/test/support/count-reporter.ts'],
  projects: [
    project('unit', ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/test/*.test.ts'], 10),
    project('contract', ['<rootDir>/test/contract/**/*.test.ts'], 30),
    project('simulation', ['<rootDir>/test/simulation/**/*.test.ts'], 60),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts'], 60),
  ],
};
