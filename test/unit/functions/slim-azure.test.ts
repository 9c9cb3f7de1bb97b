import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { slimAzure } from '../../../functions/bundle/slim-azure.ts';
import { type AcrFake, startAcrFake } from '../../support/acr-fake.ts';
import { openAcr, trustUntil } from '../../support/acr-fake-client.ts';
import { sampleImage } from '../../support/e2e-images.ts';
import { temporaryFolder } from '../../support/e2e-run.ts';
import { PROJECT_ROOT } from '../../support/find-tool.ts';
import { pushContent } from '../../support/push-content.ts';
import { type StsFake, startStsFake, stsFakeEnv } from '../../support/sts-fake.ts';

/** What a function that talks to ACR has of it: the adapter, and the role that it runs as for an identity. */
const FUNCTION = `
  import { acrHost } from './lib/registry/acr/acr-host.ts';
  import { federatedIdentity } from './lib/registry/acr/federated-identity.ts';
  import { openAcrRegistry } from './lib/registry/acr/open.ts';
  const { TENANT: tenant, CLIENT: clientId } = process.env;
  const host = 'contoso.azurecr.io';
  const identity = async () => federatedIdentity({ cloud: acrHost(host), tenant, clientId });
  const registry = openAcrRegistry({ host, identity, timeout: 8000 });
  const readings = await registry.readManifests('app', ['1.0-amd64', 'away']);
  const tags = await registry.newestTags('app', 50);
  process.stdout.write(JSON.stringify({ kinds: [...readings.values()].map(({ kind }) => kind), tags }));`;

describe('a bundle that talks to ACR', () => {
  const folder = temporaryFolder('slim-azure');
  const file = join(folder.path, 'function.mjs');
  let metafile: Metafile;
  let fake: AcrFake;
  let sts: StsFake;
  let distrust: () => void;
  beforeAll(async () => {
    ({ metafile } = await build({
      absWorkingDir: PROJECT_ROOT,
      stdin: { contents: FUNCTION, resolveDir: PROJECT_ROOT, loader: 'ts' },
      outfile: file,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
      alias: {
        '@aws-sdk/credential-provider-node': join(PROJECT_ROOT, 'functions/bundle/lambda-credentials.ts'),
      },
      plugins: [slimAzure],
      metafile: true,
    }));
    fake = await startAcrFake();
    sts = await startStsFake();
    distrust = trustUntil(fake.ca);
    const image = sampleImage({ os: 'linux', architecture: 'amd64' });
    await pushContent(openAcr(fake), 'app', '1.0-amd64', image);
    fake.world.federated.push({ issuer: sts.issuer, subject: sts.subject });
  });
  afterAll(async () => {
    distrust?.();
    await sts?.stop();
    await fake?.stop();
    folder.remove();
  });

  it('reads and lists as the role of AWS', async () => {
    const { HTTPS_PROXY, NO_PROXY, NODE_USE_ENV_PROXY, NODE_EXTRA_CA_CERTS } = fake.env;
    const { tenant: TENANT, clientId: CLIENT } = fake.world;
    const env = { HTTPS_PROXY, NO_PROXY, NODE_USE_ENV_PROXY, NODE_EXTRA_CA_CERTS, TENANT, CLIENT };
    const child = spawn(process.execPath, [file], { env: { ...env, ...stsFakeEnv(sts) }, cwd: folder.path });
    let out = '';
    let err = '';
    child.stdout.on('data', text => (out += text));
    child.stderr.on('data', text => (err += text));
    const rc = await new Promise(resolve => child.once('close', resolve));
    expect({ rc, err }).toEqual({ rc: 0, err: '' });
    expect(JSON.parse(out)).toEqual({
      kinds: ['found', 'absent'],
      tags: [expect.objectContaining({ tag: '1.0-amd64' })],
    });
  });

  it('has nothing of Azure in it that is for persons, for machines in Azure and for certificates', () => {
    const [output] = Object.values(metafile.outputs);
    const inputs = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    const personal =
      /msal-browser|client\/ManagedIdentity|PublicClient|DeviceCode|Interactive|node_modules\/jsonwebtoken|node_modules\/open\//;
    expect(inputs.map(([name]) => name).filter(name => personal.test(name))).toEqual([]);
    expect(output!.bytes).toBeLessThan(620_000);
  });
});
