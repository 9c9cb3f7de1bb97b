import { configureGlobal } from 'fast-check';

/** Loaded before each test file of `npm run soak` only: property tests that name no number of runs get more. */
configureGlobal({ numRuns: 5_000 });
