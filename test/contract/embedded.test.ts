import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { EmbeddedRegistry } from '../../lib/server/registry/embedded-registry.ts';
import { newStorage, serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';
import { registryContract } from './registry-contract.ts';

registryContract('embedded, over the distribution API', async () => {
  const { host, stop } = await serveEmbedded();
  return { registry: openOciRegistry({ host, env: {} }), stop };
});

registryContract('embedded, in-process', async () => {
  const { storage, stop } = await newStorage();
  return { registry: new EmbeddedRegistry(storage), stop };
});
