import { expect, it } from '@jest/globals';
import { ConfigCache } from '../../../lib/assembly/config-cache.ts';
import { examineTarget } from '../../../lib/assembly/examine.ts';
import type { WakeUp } from '../../../lib/assembly/wake-up.ts';
import type { Sights } from '../../../lib/assembly/world.ts';
import { MemoryLedger } from '../../../lib/ledger/memory.ts';
import { EmbeddedRegistry } from '../../../lib/server/registry/embedded-registry.ts';
import { createSweep } from '../../../lib/server/sweep.ts';
import { ruleOf } from '../../support/rule.ts';
import { imageOf, newStorage, storeBlob } from './registry/embedded-fixture.ts';

it('a sweep reads no manifest of 10,000 tags in the embedded registry but those that changed', async () => {
  const { storage, stop } = await newStorage();
  try {
    const image = imageOf(JSON.stringify({ os: 'linux', architecture: 'amd64' }));
    await storeBlob(storage, 'app', JSON.stringify({ os: 'linux', architecture: 'amd64' }));
    const tags = Array.from({ length: 10_000 }, (_, n) => `${n >> 1}.0-${n % 2 ? 'amd64' : 'arm64'}`);
    storage.putManifest('app', image, tags);
    const registry = new EmbeddedRegistry(storage);
    const read: string[] = [];
    const reader = {
      listTags: registry.listTags.bind(registry),
      listRepositories: registry.listRepositories.bind(registry),
      resolveReferences: (repository: string, references: readonly string[]) => {
        read.push(...references);
        return registry.resolveReferences(repository, references);
      },
    };
    const world: Sights = {
      registry: {
        ...reader,
        readBlobs: registry.readBlobs.bind(registry),
        readManifests: (repository, references) => {
          read.push(...references);
          return registry.readManifests(repository, references);
        },
      },
      ledger: new MemoryLedger(),
      rules: [ruleOf('r')],
      configs: new ConfigCache(),
      clock: { now: Date.now },
    };
    const woken: WakeUp[] = [];
    const wake = (wakeUp: WakeUp) => woken.push(wakeUp);
    const sweep = createSweep({ registry: 'r', reader, rules: world.rules, wake, now: Date.now });
    await sweep.run({ first: true });
    expect(woken).toHaveLength(5_000);
    woken.splice(0);
    storage.deleteTag('app', '7.0-arm64');
    await sweep.run({ first: false });
    expect(read).toEqual([]);
    for (const wakeUp of woken) {
      const place = { registry: 'r', repository: 'app', rule: world.rules[0]! };
      if (wakeUp.kind === 'verify') await examineTarget(world, place, wakeUp.target, 'sweep');
    }
    expect(read.filter(reference => !reference.startsWith('7.0'))).toEqual([]);
    expect(read).toContain('7.0-amd64');
  } finally {
    await stop();
  }
});
