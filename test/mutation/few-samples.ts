import fc, { type Parameters } from 'fast-check';

const MOST = 100;

/** fast-check with a bound on how many samples a test may ask for: what a property finds, it mostly finds early. */
export default {
  ...fc,
  assert<T>(property: fc.IRawProperty<T>, { numRuns, ...parameters }: Parameters<T> = {}) {
    const runs = numRuns === undefined ? {} : { numRuns: Math.min(numRuns, MOST) };
    return fc.assert(property, { ...parameters, ...runs });
  },
};
