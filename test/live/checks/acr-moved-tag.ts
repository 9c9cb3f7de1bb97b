import { setTimeout as sleep } from 'node:timers/promises';
import { openAcrRegistry } from '../../../lib/registry/acr/open.ts';
import { openIdentity } from '../../../lib/registry/acr/open-identity.ts';
import { sampleImage } from '../../support/e2e-images.ts';
import { pushToMemory } from '../../support/push-to-memory.ts';
import type { LiveCheck } from '../live-check.ts';

const HOST = 'ARCHWEAVE_LIVE_ACR';

export const acrMovedTag: LiveCheck = {
  name: 'acr-moved-tag',
  asks: 'Does ACR give a tag that moves a new time, so that polling sees it, and how soon?',
  needs: [HOST],
  async run(world) {
    const host = world.env[HOST]!;
    const registry = openAcrRegistry({ host, identity: () => openIdentity({ host }, world.env) });
    const repository = `${world.prefix}/moved`;
    const push = (tag: string, text: string) =>
      pushToMemory(registry, repository, tag, sampleImage({ os: 'linux', architecture: 'amd64' }, { text }));
    await push('moved', 'one');
    world.later(() => registry.deleteManifest(repository, 'moved'));
    await sleep(2_000);
    await push('other', 'two');
    world.later(() => registry.deleteManifest(repository, 'other'));
    await sleep(2_000);
    const listed = async () =>
      (await registry.newestTags(repository, 2)).map(({ tag, pushedAt }) => `${tag} ${pushedAt}`);
    const before = await listed();
    const digest = await push('moved', 'three');
    const began = Date.now();
    while (Date.now() - began < world.patience) {
      const [first] = await registry.newestTags(repository, 2);
      if (first?.digest === digest) break;
      await sleep(500);
    }
    const took = Math.round((Date.now() - began) / 100) / 10;
    return [`before: ${before.join(', ')}`, `after ${took} s: ${(await listed()).join(', ')}`];
  },
};
