import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { httpFetch } from '../../lib/registry/http-fetch.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { selfSigned } from '../support/self-signed.ts';
import { describeWith } from '../support/tools.ts';
import { expectRefusal, pushBlob, pushImage } from './registry-content.ts';

describeWith(['docker-registry'], 'docker-registry with TLS and a password, on this machine', () => {
  let running: RunningRegistry;
  const { key, cert: ca } = selfSigned();
  const folder = mkdtempSync(join(tmpdir(), 'archweave-tls-'));
  const tls = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const trusted = process.getBuiltinModule('node:tls').getCACertificates('default');
  beforeAll(async () => {
    writeFileSync(tls.certificate, ca);
    writeFileSync(tls.key, key, { mode: 0o600 });
    running = await startDockerRegistry({
      tls,
      // bcrypt of open-sesame
      htpasswd: 'ali:$2b$04$N4HiAC6Y5UNzz5D5MPXaoeNbG1mZ8ZjEbNMRJIWgpKsTWKFNfSrH6',
    });
  });
  afterAll(async () => {
    process.getBuiltinModule('node:tls').setDefaultCACertificates(trusted);
    await running?.stop();
    rmSync(folder, { recursive: true });
  });

  it('is refused for its certificate, found out without being told that it speaks TLS', async () => {
    const registry = openOciRegistry({ host: running.host, env: {} });
    await expectRefusal(registry.readManifests('app', ['1.0']), 'bad-certificate');
  });

  it('is read and written once its certificate is trusted and the login is there', async () => {
    const env = { LOGIN: 'ali:open-sesame' };
    const registry = openOciRegistry({ host: running.host, ca, credentials: 'env:LOGIN', env });
    const image = await pushImage(registry, 'app', 'tls', { tag: '1.0' });
    expect((await registry.resolveReferences('app', ['1.0'])).get('1.0')).toBe(image.digest);
  });

  it('lends a blob over TLS, twice over one connection', async () => {
    const env = { LOGIN: 'ali:open-sesame' };
    const options = { host: running.host, ca, credentials: 'env:LOGIN', env, fetch: httpFetch };
    const registry = openOciRegistry(options);
    const bytes = new Uint8Array(randomBytes(3_000_001));
    const digest = await pushBlob(registry, 'app', bytes);
    for (const offset of [0, 1_999_999]) {
      const parts: Uint8Array[] = [];
      const body = await registry.openBlob('app', digest, { offset, lend: true });
      for await (const part of body) parts.push(Uint8Array.from(part));
      expect(Buffer.concat(parts).equals(bytes.subarray(offset))).toBe(true);
    }
  });

  it('says who may come in where the password is wrong', async () => {
    const env = { LOGIN: 'ali:open-barley' };
    const registry = openOciRegistry({ host: running.host, credentials: 'env:LOGIN', env });
    await expectRefusal(registry.readManifests('app', ['1.0']), 'unauthorized');
  });
});
