import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Registry } from '../../lib/registry/interfaces.ts';
import { openFakeAcr } from '../support/acr-fake-client.ts';
import { sampleImage } from '../support/e2e-images.ts';
import { archweave, temporaryFolder, until } from '../support/e2e-run.ts';
import { hookToken, type Served, serve, settle } from '../support/e2e-serve.ts';
import { spoiltEvent } from '../support/event-fixture.ts';
import { PROJECT_ROOT } from '../support/find-tool.ts';
import { pushToMemory } from '../support/push-to-memory.ts';

const LINUX = { os: 'linux', architecture: 'amd64' };
const ARM = { os: 'linux', architecture: 'arm64' };
const WINDOWS = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.1697' };

describe("ACR's own walkthrough, by the examples as they are", () => {
  const folder = temporaryFolder('walkthrough');
  let acr: Awaited<ReturnType<typeof openFakeAcr>>;
  let registry: Registry;
  let served: Served | undefined;
  let config: string;
  beforeAll(async () => {
    acr = await openFakeAcr();
    registry = acr.registry;
  });
  afterAll(async () => {
    await served?.stop();
    await acr?.stop();
    folder.remove();
  });

  /** Starts `serve` with an example, in which repositories are others so that each test has its own. */
  async function begin(example: string, repository: string, more = ''): Promise<void> {
    await served?.stop();
    const text = readFileSync(join(PROJECT_ROOT, 'examples', `${example}.yaml`), 'utf8');
    config = join(folder.path, `${repository}.yaml`);
    writeFileSync(config, `${text.replace(/contoso\/hello(-world)?\]/, `contoso/${repository}]`)}${more}`);
    served = await serve({
      storage: join(folder.path, repository),
      cwd: folder.path,
      env: acr.fake.env,
      args: ['--no-registry', '--reconcile', '1h', '--config', config],
    });
  }

  /** What `docker push` and ACR's webhook do. */
  async function push(repository: string, tag: string, platform: object, text = ''): Promise<string> {
    const image = sampleImage(platform as typeof LINUX, { text: `${JSON.stringify(platform)} ${text}` });
    const digest = await pushToMemory(registry, repository, tag, image);
    const body = spoiltEvent('acr-push', event => {
      event.id = randomUUID();
      Object.assign(event.target, { repository, tag, digest, mediaType: image.mediaType });
    });
    const answer = await fetch(`http://${served!.host}/hooks/contoso`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { authorization: `Bearer ${hookToken(served!.storage)}`, 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(202);
    return digest;
  }

  const entries = async (repository: string, tag: string) => {
    const reading = (await registry.readManifests(repository, [tag])).get(tag);
    if (reading?.kind !== 'found') return undefined;
    const { manifests } = JSON.parse(Buffer.from(reading.manifest.bytes).toString());
    return manifests as { digest: string; platform: Record<string, string> }[];
  };
  const digests = async (repository: string, tag: string) =>
    (await entries(repository, tag))?.map(({ digest }) => digest);
  const holds = (repository: string, tag: string, expected: readonly string[]) =>
    until(async () => {
      const found = await digests(repository, tag);
      return JSON.stringify(found) === JSON.stringify(expected) ? found : undefined;
    });
  const explain = (reference: string, rc: number) =>
    settle(`contoso.azurecr.io/${reference}`, rc, {
      cwd: folder.path,
      env: { ...acr.fake.env, ARCHWEAVE_CONFIG: config },
    });

  it('joins hello-world:amd64 and :arm64 to :multi, and moves it when both are pushed again', async () => {
    await begin('acr-multi', 'hello-world');
    const first = [await push('hello-world', 'amd64', LINUX), await push('hello-world', 'arm64', ARM)];
    expect(await holds('hello-world', 'multi', first)).toEqual(first);
    const second = [
      await push('hello-world', 'amd64', LINUX, '2'),
      await push('hello-world', 'arm64', ARM, '2'),
    ];
    expect(await holds('hello-world', 'multi', second)).toEqual(second);
  }, 60_000);

  it('joins Windows too, told apart by its os.version', async () => {
    await begin('acr-multi-windows', 'with-windows');
    const linux = [
      await push('with-windows', 'linux-amd64', LINUX),
      await push('with-windows', 'linux-arm64', ARM),
    ];
    const windows = await push('with-windows', 'windows-amd64', WINDOWS);
    expect(await holds('with-windows', 'multi', [...linux, windows])).toBeDefined();
    const platforms = (await entries('with-windows', 'multi'))?.map(({ platform }) => platform);
    expect(platforms?.[2]).toEqual(WINDOWS);
  }, 60_000);

  it('gives latest to the newest run of ACR Tasks, by its time, with the limit that the example states', async () => {
    await begin('acr-tasks', 'hello');
    const run = async (name: string, created: string) => [
      await push('hello', `${name}-amd64`, { ...LINUX, created }, name),
      await push('hello', `${name}-arm64`, { ...ARM, created }, name),
    ];
    const first = await run('ca1f', '2026-11-22T10:00:00Z');
    expect(await holds('hello', 'latest', first)).toBeDefined();
    const second = await run('ca1g', '2026-11-22T10:05:00Z');
    expect(await holds('hello', 'latest', second)).toBeDefined();
    // Built after them, of an older commit, from the cache: its time is old.
    await run('ca1h', '2026-11-22T10:02:00Z');
    await until(() => (served!.log().includes('ca1h-arm64') ? true : undefined));
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(await digests('hello', 'latest')).toEqual(second);
  }, 60_000);

  it('never gives latest back where runs are numbered', async () => {
    await begin('acr-tasks-run', 'numbered');
    const run = async (number: number) => [
      await push('numbered', `${number}-amd64`, LINUX, `${number}`),
      await push('numbered', `${number}-arm64`, ARM, `${number}`),
    ];
    const newest = await run(42);
    expect(await holds('numbered', 'latest', newest)).toBeDefined();
    await run(41);
    await until(() => (served!.log().includes('41-arm64') ? true : undefined));
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(await digests('numbered', 'latest')).toEqual(newest);
  }, 60_000);

  it('holds two images that went under the tag of the other, and says which is which', async () => {
    await begin('acr-multi', 'swapped');
    await push('swapped', 'amd64', ARM);
    await push('swapped', 'arm64', LINUX);
    const { rc, out } = await explain('swapped:multi', 4);
    expect(rc).toBe(4);
    expect(out).toContain(
      'amd64 says amd64, but the image is linux/arm64; arm64 says arm64, but the image is linux/amd64',
    );
    expect(await digests('swapped', 'multi')).toBeUndefined();
  }, 60_000);

  it('reports an index of which one half went to a misspelt repository, and explain names that half', async () => {
    await begin('acr-multi', 'halved', '    overdue: 1s\n');
    await push('halved', 'amd64', LINUX);
    await push('havled', 'arm64', ARM);
    expect(await until(() => served!.log().match(/overdue +halved:multi.*/)?.[0])).toContain('linux/arm64');
    const { rc, out } = await explain('halved:multi', 3);
    expect(rc).toBe(3);
    expect(out).toContain('1 of 2 there, linux/arm64 is missing');
    expect(out).toContain('next     push contoso.azurecr.io/halved:arm64; the index follows by itself');
    const { out: tags } = await archweave(['list', 'contoso.azurecr.io/havled'], { env: acr.fake.env });
    expect(tags).toContain('arm64');
  }, 60_000);
});
