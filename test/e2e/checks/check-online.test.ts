import { cpSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Beside, beside } from '../../support/e2e-beside.ts';
import { type DockerRegistry, dockerRegistry } from '../../support/e2e-docker-registry.ts';
import { pushContent, sampleImage } from '../../support/e2e-images.ts';
import { archweave, temporaryFolder, until } from '../../support/e2e-run.ts';
import { type EcrFake, ecrFakeEnv, startEcrFake } from '../../support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../../support/ecr-fake-push.ts';
import { EcrFault } from '../../support/ecr-fake-world.ts';
import { describeWith } from '../../support/tools.ts';

const AMD64 = sampleImage({ os: 'linux', architecture: 'amd64' });

interface Online {
  readonly registry: string;
  readonly check: string;
  readonly ok: boolean | null;
  readonly message: string;
}
const found = (out: string) => {
  const { online } = JSON.parse(out) as { readonly online: readonly Online[] };
  return (check: string) => online.filter(one => one.check === check);
};

describeWith(['docker-registry'], 'check --online beside a registry', () => {
  const folder = temporaryFolder('online');
  let system: Beside;
  beforeAll(async () => {
    system = await beside({ folder: folder.path, reconcile: '1h' });
    await pushContent(system.registry.host, 'app', '1.0-amd64', AMD64);
  });
  afterAll(async () => {
    await system?.end();
    folder.remove();
  });
  const check = (...args: string[]) => archweave(['check', '--online', ...args], { cwd: system.cwd });

  it('tells of each registry what works, and what nobody can say', async () => {
    const { rc, out, err } = await check();
    expect({ rc, err }).toEqual({ rc: 0, err: '' });
    expect(out).toMatch(/^archweave\.yaml: 1 registry, 1 index rule\. No mistakes\.$/m);
    expect(out).toMatch(/^ {2}ok {5}credentials {2}none, anonymous/m);
    expect(out).toMatch(/^ {2}ok {5}read {9}1 repository matches "\*", 1 tag$/m);
    expect(out).toMatch(/^ {2}skip {3}write {8}not tried; --write starts an upload and cancels it$/m);
    expect(out).toMatch(/^ {2}skip {3}tags /m);
    expect(out).toMatch(/^5 checks, nothing wrong; 3 not tried\.$/m);
  });

  it('begins an upload only where that is asked for, and ends it', async () => {
    const posts = () => system.registry.log().match(/"POST \/v2\/app\/blobs\/uploads\//g)?.length ?? 0;
    const before = posts();
    expect((await check()).rc).toBe(0);
    expect(posts()).toBe(before);
    const { rc, out } = await check('--write');
    expect({ rc, out }).toEqual({ rc: 0, out: expect.stringMatching(/^ {2}ok {5}write /m) });
    await until(() => (posts() > before ? true : undefined));
    expect(posts()).toBe(before + 1);
    expect(system.registry.log()).toMatch(/"DELETE \/v2\/app\/blobs\/uploads\//);
    expect((await archweave(['check', '--write'], { cwd: system.cwd })).rc).toBe(2);
  });

  it('says whether pushes were heard of, by the ledger of whoever watches', async () => {
    expect(found((await check('--json')).out)('events')).toMatchObject([{ ok: null }]);
    // In these tests serve keeps its ledger elsewhere; this is where it would be found.
    await system.serve().stop();
    cpSync(join(system.cwd, 's'), join(system.cwd, '.archweave'), { recursive: true });
    expect(found((await check('--json')).out)('events')).toMatchObject([{ ok: true }]);
    await pushContent(system.registry.host, 'app', '2.0-amd64', AMD64);
    const { rc, out } = await check();
    expect(rc).toBe(1);
    expect(out).toMatch(
      /^ {2}WRONG {2}events {7}app:2\.0-amd64 is there, and nobody has looked at app:2\.0$/m,
    );
    expect(out).toMatch(/^1 of 5 checks wrong\.$/m);
  });

  it('warns of a pattern that matches nothing, and of a registry that is not there', async () => {
    const file = join(system.cwd, 'other.yaml');
    const rule = (pattern: string) => `  - repositories: [${pattern}]\n    platforms: [linux/amd64]\n`;
    const registries = `registries:\n  local: ${system.registry.host}\n  dead: 127.0.0.1:9\n`;
    writeFileSync(
      file,
      `${registries}indexes:\n${rule('local/taem/*')}${rule('dead/*').replace('- ', '- name: dead\n    ')}`,
    );
    const { rc, out } = await check('-c', file);
    expect(rc).toBe(1);
    expect(out).toMatch(
      /^ {2}warn {3}read .*:5: .*\/taem\/\* matches no repository {2}\[matches-nothing\]$/m,
    );
    expect(out).toMatch(/^ {2}WRONG {2}read .*\[unreachable\]$/m);
    expect(out).toMatch(/^ {9}next {9}/m);
  });
});

describeWith(['docker-registry'], 'check --online of what is only imported', () => {
  const folder = temporaryFolder('online-imports');
  let registry: DockerRegistry;
  beforeAll(async () => {
    registry = await dockerRegistry({ folder: folder.path });
    await pushContent(registry.host, 'library/alpine', '3.22', AMD64);
  });
  afterAll(async () => {
    await registry?.stop();
    folder.remove();
  });
  const checkImport = async (from: string, to: string) => {
    const file = join(folder.path, 'imports.yaml');
    const registries = `registries:\n  local: ${registry.host}\n  dead: 127.0.0.1:9\n`;
    writeFileSync(file, `${registries}imports:\n  - from: ${from}\n    tags: "3.*"\n    to: ${to}\n`);
    return archweave(['check', '--online', '-c', file], { cwd: folder.path });
  };

  it('reads where it comes from, and says what is not there yet where it goes to', async () => {
    const { rc, out } = await checkImport('local/library/alpine', 'local/base/alpine');
    expect(rc).toBe(0);
    expect(out).toMatch(/^ {2}ok {5}source {7}library\/alpine can be read$/m);
    expect(out).toMatch(/^ {2}ok {5}target {7}base\/alpine is not there yet$/m);
  });

  it('is wrong where a source is not there or does not answer', async () => {
    const missing = await checkImport('local/library/alpin', 'local/base/alpine');
    expect(missing).toMatchObject({ rc: 1, out: expect.stringMatching(/^ {2}WRONG {2}source .*alpin/m) });
    const dead = await checkImport('dead/library/alpine', 'local/base/alpine');
    expect(dead).toMatchObject({
      rc: 1,
      out: expect.stringMatching(/^ {2}WRONG {2}source .*\[unreachable\]$/m),
    });
    expect(dead.out).toContain('1 of 4 checks wrong.');
  });
});

describe('check --online of ECR', () => {
  const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const folder = temporaryFolder('online-ecr');
  let fake: EcrFake;
  let aws: Server;
  let identity: (body: string) => { readonly status: number; readonly body: string };
  beforeAll(async () => {
    fake = await startEcrFake();
    const ecr = ecrClient(fake);
    await pushToEcr(ecr, 'team/app', '1.0-amd64', AMD64);
    ecr.destroy();
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      `registries:\n  prod: ${HOST}\nindexes:\n  - repositories: [prod/team/*]\n    platforms: [linux/amd64]\n`,
    );
    aws = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      if (String(request.headers['x-amz-target']).endsWith('ListServiceQuotas')) {
        const Quotas = [{ QuotaName: 'Rate of PutImage requests', QuotaCode: 'L-1', Value: 25 }];
        return response
          .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
          .end(JSON.stringify({ Quotas }));
      }
      const { status, body: text } = identity(body);
      return response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    });
    await new Promise<void>(resolve => aws.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await fake?.stop();
    aws?.closeAllConnections();
    await new Promise(resolve => aws?.close(resolve));
    folder.remove();
  });
  const error = (code: string) => ({
    status: 400,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
  });
  const known = (body: string) =>
    body.includes('GetCallerIdentity')
      ? {
          status: 200,
          body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:role/ci</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
        }
      : error('ValidationError');
  const check = () => {
    const url = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    const env = { ...ecrFakeEnv(fake), AWS_ENDPOINT_URL: url };
    return archweave(['check', '--online', '--write'], { cwd: folder.path, env });
  };

  it('names who asks, what can be moved, and the quota that all builds share', async () => {
    identity = known;
    const { rc, out } = await check();
    expect(rc).toBe(0);
    expect(out).toMatch(/^ {2}ok {5}credentials {2}the environment, arn:aws:iam::123456789012:role\/ci$/m);
    expect(out).toMatch(/^ {2}ok {5}write /m);
    expect(out).toMatch(/^ {2}ok {5}tags {9}mutable \(1\)$/m);
    expect(out).toMatch(/^ {2}skip {3}events {7}nobody to ask: history no stack Archweave/m);
    expect(out).toMatch(/^ {2}ok {5}quota {8}PutImage 25 a second .*\(L-1\)$/m);
    expect(out).toMatch(/^6 checks, nothing wrong; 1 not tried\.$/m);
  });

  it('ends at credentials that AWS does not take', async () => {
    identity = () => error('InvalidClientTokenId');
    const { rc, out } = await check();
    expect(rc).toBe(1);
    expect(out).toMatch(/^ {2}WRONG {2}credentials {2}.*\[unauthorized\]$/m);
    expect(out).toMatch(/^1 of 1 checks wrong\.$/m);
  });

  it('names the right that is missing', async () => {
    identity = known;
    fake.failNext(
      'InitiateLayerUpload',
      new EcrFault(
        'AccessDeniedException',
        'User: x is not authorized to perform: ecr:InitiateLayerUpload on resource: y',
      ),
    );
    const { rc, out } = await check();
    expect(rc).toBe(1);
    expect(out).toMatch(/^ {2}WRONG {2}write .*ecr:InitiateLayerUpload.*\[forbidden\]$/m);
  });
});
