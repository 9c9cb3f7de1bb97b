import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { describeWith } from '../support/tools.ts';
import { expectRefusal, pushImage } from './registry-content.ts';

const file = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));

describeWith(['docker-registry'], 'docker-registry with TLS and a password, on this machine', () => {
  let running: RunningRegistry;
  const trusted = process.getBuiltinModule('node:tls').getCACertificates('default');
  beforeAll(async () => {
    running = await startDockerRegistry({
      tls: { certificate: file('cert'), key: file('key') },
      // bcrypt of open-sesame
      htpasswd: 'ali:$2b$04$N4HiAC6Y5UNzz5D5MPXaoeNbG1mZ8ZjEbNMRJIWgpKsTWKFNfSrH6',
    });
  });
  afterAll(async () => {
    process.getBuiltinModule('node:tls').setDefaultCACertificates(trusted);
    await running?.stop();
  });

  it('is refused for its certificate, found out without being told that it speaks TLS', async () => {
    const registry = openOciRegistry({ host: running.host, env: {} });
    await expectRefusal(registry.readManifests('app', ['1.0']), 'bad-certificate');
  });

  it('is read and written once its certificate is trusted and the login is there', async () => {
    const ca = readFileSync(file('cert'), 'utf8');
    const env = { LOGIN: 'ali:open-sesame' };
    const registry = openOciRegistry({ host: running.host, ca, credentials: 'env:LOGIN', env });
    const image = await pushImage(registry, 'app', 'tls', { tag: '1.0' });
    expect((await registry.resolveReferences('app', ['1.0'])).get('1.0')).toBe(image.digest);
  });

  it('says who may come in where the password is wrong', async () => {
    const env = { LOGIN: 'ali:open-barley' };
    const registry = openOciRegistry({ host: running.host, credentials: 'env:LOGIN', env });
    await expectRefusal(registry.readManifests('app', ['1.0']), 'unauthorized');
  });
});
