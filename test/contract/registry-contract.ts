import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Registry } from '../../lib/registry/interfaces.ts';
import { blobBehaviours } from './registry-blobs.ts';
import { listBehaviours } from './registry-lists.ts';
import { manifestBehaviours } from './registry-manifests.ts';

/** One thing that every registry does: `run` fails where it is not so. Each works in repositories of its own. */
export interface Behaviour {
  readonly title: string;
  run(registry: Registry, repository: string): Promise<void>;
}

export interface RegistryUnderTest {
  readonly registry: Registry;
  stop(): Promise<void>;
}

const BEHAVIOURS: readonly Behaviour[] = [...manifestBehaviours, ...listBehaviours, ...blobBehaviours];

/**
 * What every registry does, over whatever implements it. `deviations` are the titles of what `name` does not do, with
 * the reason; each is tried all the same and must fail, so that the list shrinks when the registry learns it.
 */
export function registryContract(
  name: string,
  start: () => Promise<RegistryUnderTest>,
  deviations: Readonly<Record<string, string>> = {},
): void {
  describe(`the registry ${name}`, () => {
    let under: RegistryUnderTest;
    beforeAll(async () => {
      under = await start();
    });
    afterAll(() => under?.stop());

    for (const [at, { title, run }] of BEHAVIOURS.entries()) {
      const reason = deviations[title];
      const repository = `contract/case-${at}`;
      if (reason === undefined) it(title, () => run(under.registry, repository));
      else
        it(`deviates, since ${reason}: it ${title}`, () =>
          expect(run(under.registry, repository)).rejects.toThrow());
    }

    it('deviates in known behaviours only', () => {
      expect(BEHAVIOURS.map(({ title }) => title)).toEqual(expect.arrayContaining(Object.keys(deviations)));
    });
  });
}
