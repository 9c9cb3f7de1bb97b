import { MemoryRegistry } from '../../lib/registry/memory.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { describeWith } from '../support/tools.ts';
import { registryContract } from './registry-contract.ts';

registryContract('in memory', async () => ({ registry: new MemoryRegistry(), stop: async () => {} }), {
  'refuses an image whose blobs are not there': 'tests build images without their layers',
});

describeWith(['docker-registry'], 'a registry that nobody here wrote', () => {
  registryContract(
    'docker-registry, over the distribution API',
    async () => {
      const { host, stop } = await startDockerRegistry();
      return { registry: openOciRegistry({ host, env: {} }), stop };
    },
    {
      'takes a tag away and leaves the manifest and its other tags': 'its version 2 deletes by digest only',
    },
  );
});
