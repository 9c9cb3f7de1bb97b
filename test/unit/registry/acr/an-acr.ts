import { afterAll, beforeAll } from '@jest/globals';
import type { AcrOptions } from '../../../../lib/registry/acr/open.ts';
import type { RecentTagLister, Registry } from '../../../../lib/registry/interfaces.ts';
import { type AcrFake, type AcrFakeOptions, startAcrFake } from '../../../support/acr-fake.ts';
import { openAcr, trustUntil } from '../../../support/acr-fake-client.ts';

export interface AnAcr {
  readonly fake: AcrFake;
  /** A registry that waits for nobody; what it waited for (milliseconds) is in `waits`. */
  open(options?: Partial<AcrOptions>): Registry & RecentTagLister;
  readonly waits: number[];
  /** `METHOD PATH` of what the registry (not Entra, not its token server) was asked since the last look. */
  asked(): readonly string[];
  /** The same of those that log in. */
  loggedIn(): readonly string[];
}

/** A fake of a file's own, which this process trusts until its tests are over. */
export function anAcr(options: AcrFakeOptions = {}): AnAcr {
  let fake: AcrFake;
  let distrust: () => void;
  const waits: number[] = [];
  beforeAll(async () => {
    fake = await startAcrFake(options);
    distrust = trustUntil(fake.ca);
  });
  afterAll(async () => {
    distrust?.();
    await fake?.stop();
  });
  const taken = (wanted: (path: string) => boolean) => {
    const { calls } = fake.world;
    const found = calls.filter(({ path }) => wanted(path));
    calls.splice(0, calls.length, ...calls.filter(({ path }) => !wanted(path)));
    return found.map(({ method, path }) => `${method} ${path}`);
  };
  return {
    get fake() {
      return fake;
    },
    waits,
    open: (more = {}) =>
      openAcr(fake, {
        retry: { tries: 3, base: 1, random: () => 0, sleep: async ms => void waits.push(ms) },
        timeout: 10_000,
        ...more,
      }),
    asked: () => taken(path => /^\/(v2|acr)\//.test(path)),
    loggedIn: () => taken(path => !/^\/(v2|acr)\//.test(path)).map(line => line.replace(/\?.*/, '')),
  };
}
