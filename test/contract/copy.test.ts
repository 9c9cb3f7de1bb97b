import { openEcrRegistry } from '../../lib/registry/ecr/open.ts';
import { httpFetch } from '../../lib/registry/http-fetch.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { EmbeddedRegistry } from '../../lib/server/registry/embedded-registry.ts';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { temporaryFolder, using } from '../support/e2e-run.ts';
import { startEcrFake } from '../support/ecr-fake.ts';
import { describeWith } from '../support/tools.ts';
import { newStorage, serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';
import { type CopyStage, copyContract } from './copy-contract.ts';

type End = CopyStage['source'] & { stop(): Promise<unknown> };

const KINDS = {
  memory: async (): Promise<End> => ({
    registry: new MemoryRegistry(),
    host: 'memory',
    stop: async () => {},
  }),
  embedded: async (): Promise<End> => {
    const { storage, stop } = await newStorage();
    return { registry: new EmbeddedRegistry(storage), host: 'embedded', stop };
  },
  served: async (): Promise<End> => {
    const { host, stop } = await serveEmbedded();
    return { registry: openOciRegistry({ host, env: {}, fetch: httpFetch }), host, stop };
  },
  docker: async (): Promise<End> => {
    const { host, stop } = await startDockerRegistry();
    return { registry: openOciRegistry({ host, env: {} }), host, stop };
  },
  ecr: async (): Promise<End> => {
    const { endpoint, account, region, stop } = await startEcrFake({ createOnPush: true });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    return { registry: openEcrRegistry({ account, region, endpoint, credentials }), host: 'ecr', stop };
  },
};

async function stage(from: keyof typeof KINDS, to: keyof typeof KINDS): Promise<CopyStage> {
  const [source, target] = [await KINDS[from](), from === to ? undefined : await KINDS[to]()];
  const stop = async (): Promise<void> => {
    await source.stop();
    await target?.stop();
  };
  return { source, target: target ?? source, stop };
}

copyContract('one repository of a registry in memory to another', () => stage('memory', 'memory'));
copyContract('memory to the embedded registry, in-process', () => stage('memory', 'embedded'));
copyContract('ECR to the embedded registry, over the distribution API', () => stage('ecr', 'served'));
copyContract('the embedded registry to ECR', () => stage('served', 'ecr'));

describeWith(
  ['docker-registry', 'crane', 'skopeo'],
  'with a registry and clients that nobody here wrote',
  () => {
    let host = '';
    const look = async (reference: string): Promise<void> => {
      // The layers are no archives, so that crane reads the manifests alone; skopeo reads and checks it all.
      await using('crane', ['validate', '--fast', '--insecure', '--remote', `${host}/${reference}`]);
      const folder = temporaryFolder('copy');
      const from = `docker://${host}/${reference}`;
      const args = ['copy', '--all', '--src-tls-verify=false', from, `dir:${folder.path}`];
      await using('skopeo', ['--insecure-policy', ...args]).finally(folder.remove);
    };
    const noting = async (from: keyof typeof KINDS, to: keyof typeof KINDS): Promise<CopyStage> => {
      const started = await stage(from, to);
      host = started.target.host;
      return started;
    };
    copyContract('the embedded registry to docker-registry', () => noting('served', 'docker'), look);
    copyContract('one repository of docker-registry to another', () => noting('docker', 'docker'), look);
  },
);
