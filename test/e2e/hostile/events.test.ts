import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { pushContent, sampleImage } from '../../support/e2e-images.ts';
import { temporaryFolder, until } from '../../support/e2e-run.ts';
import { hookToken, type Served, serve } from '../../support/e2e-serve.ts';
import { put, spoiltEvent } from '../../support/event-fixture.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { describeWith } from '../../support/tools.ts';
import { hostileEvents } from './hostile-events.ts';
import { UNSAFE } from './unsafe-text.ts';

const LOGIN = 'robot:pa55word-of-the-tests';
const BASIC = Buffer.from(LOGIN).toString('base64');

const canary = createServer();
let contacts = 0;
canary.on('connection', socket => {
  contacts += 1;
  socket.destroy();
});
await new Promise<void>(resolve => canary.listen(0, '127.0.0.1', resolve));
const cases = hostileEvents(`127.0.0.1:${(canary.address() as AddressInfo).port}`);

describeWith(['docker-registry'], 'an event from somebody hostile', () => {
  const folder = temporaryFolder('hostile');
  let registry: RunningRegistry;
  let proxy: FaultProxy;
  let served: Served;
  let token: string;
  const answers: string[] = [];
  beforeAll(async () => {
    registry = await startDockerRegistry();
    proxy = await startFaultProxy(registry.host, {
      guard: ({ headers }) =>
        headers.authorization === `Basic ${BASIC}`
          ? undefined
          : { status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } },
    });
    const lines = [
      'registries:',
      `  local: { host: "${proxy.host}", credentials: "env:REGISTRY_LOGIN" }`,
      'indexes:',
      '  - repositories: [local/*]',
      '    platforms: [linux/amd64, linux/arm64]',
      '',
    ];
    writeFileSync(join(folder.path, 'archweave.yaml'), lines.join('\n'));
    served = await serve({
      storage: join(folder.path, 's'),
      cwd: folder.path,
      env: { REGISTRY_LOGIN: LOGIN },
      args: ['--no-registry', '--reconcile', '1h'],
    });
    token = hookToken(served.storage);
  });
  afterAll(async () => {
    await served?.stop();
    await proxy?.stop();
    await registry?.stop();
    canary.close();
    folder.remove();
  });

  const send = async (
    body: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    path = '/hooks/local',
  ) => {
    const answer = await fetch(`http://${served.host}${path.replace('TOKEN', token)}`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    });
    const text = await answer.text();
    answers.push(JSON.stringify([...answer.headers]), text);
    return { status: answer.status, text };
  };

  it('comes in at least a hundred ways', () => {
    expect(cases.length).toBeGreaterThanOrEqual(100);
    expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
  });

  it.each(cases.map(one => [one.title, one] as const))('with %s gets its answer', async (_, one) => {
    const { status, text } = await send(one.body, one.headers, one.path);
    const { accepted, ignored, validationResponse, error } = JSON.parse(text);
    const counted = `${accepted} accepted, ${ignored} ignored`;
    const said = error?.message ?? (validationResponse ? `validated ${validationResponse}` : counted);
    expect([status, said.slice(0, one.answer[1].length)]).toEqual([...one.answer]);
    expect(said.length).toBeLessThan(200);
    expect(text).not.toMatch(UNSAFE);
  });

  it('stops nothing: the next push becomes an index, with the login where it belongs', async () => {
    const [amd64, arm64] = ['amd64', 'arm64'].map(architecture => sampleImage({ os: 'linux', architecture }));
    await pushContent(registry.host, 'team/app', '2.0-amd64', amd64!);
    await pushContent(registry.host, 'team/app', '2.0-arm64', arm64!);
    const event = spoiltEvent('distribution-push', put('events.0.target.tag', '2.0-arm64'));
    expect((await send(event)).status).toBe(202);
    const index = await until(async () => {
      const answer = await fetch(`http://${registry.host}/v2/team/app/manifests/2.0`, {
        headers: { accept: 'application/vnd.oci.image.index.v1+json' },
      });
      return answer.ok ? ((await answer.json()) as { manifests: { digest: string }[] }) : undefined;
    });
    expect(index?.manifests.map(({ digest }) => digest)).toEqual([amd64!.digest, arm64!.digest]);
  });

  it('reached nobody but the registry, and there only names that a registry can have', async () => {
    await until(() => (served.log().includes('team/app:2.0') ? true : undefined));
    expect(contacts).toBe(0);
    const asked = proxy.seen.map(({ method, path }) => `${method} ${path}`);
    expect(asked.length).toBeGreaterThan(0);
    const name = '[a-z0-9._-]+(?:/[a-z0-9._-]+)*';
    const tag = '(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|sha(?:256|512):[0-9a-f]+)';
    const fine = new RegExp(
      `^(?:GET|HEAD|PUT) /v2/(?:_catalog|${name}/(?:manifests/${tag}|blobs/${tag}|tags/list))(?:\\?n=\\d+)?$`,
    );
    expect(asked.filter(line => !fine.test(line) || line.includes('..'))).toEqual([]);
    const repositories = new Set(
      asked.flatMap(line => /\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(line)?.[1] ?? []),
    );
    expect([...repositories].toSorted()).toEqual(['library/app', 'team/app']);
  });

  it('found no secret anywhere, and nothing in the log that would fool its reader', async () => {
    const log = served.log();
    expect(log).not.toMatch(UNSAFE);
    const { out, err } = await served.stop();
    for (const secret of [token, BASIC, LOGIN.slice(LOGIN.indexOf(':') + 1)]) {
      for (const text of [log, out, err, ...answers]) expect(text).not.toContain(secret);
    }
  });
});
