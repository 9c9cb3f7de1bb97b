import type { ECRClient } from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assemble } from '../../lib/assembly/assemble.ts';
import { ConfigCache } from '../../lib/assembly/config-cache.ts';
import { wakeUpsOf } from '../../lib/assembly/wake-up.ts';
import type { Push } from '../../lib/events/push.ts';
import { DOCKER_LIST, DOCKER_MANIFEST } from '../../lib/image/media-types.ts';
import { parsePlatform } from '../../lib/image/platform.ts';
import { MemoryLedger } from '../../lib/ledger/memory.ts';
import { openEcrRegistry } from '../../lib/registry/ecr/open.ts';
import type { Rule } from '../../lib/rules/rule.ts';
import {
  type Content,
  describeContent,
  type Entry,
  sampleImage,
  sampleIndex,
  TYPES,
} from '../support/e2e-images.ts';
import { type EcrFake, startEcrFake } from '../support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../support/ecr-fake-push.ts';
import { ruleOf } from '../support/rule.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const image = (architecture: string, variant?: string) =>
  sampleImage({ os: 'linux', architecture, ...(variant && { variant }) }, { docker: true });

/** What a push of each member comes to, on ECR as AWS documents it. */
describe('assembly on ECR', () => {
  let fake: EcrFake;
  let ecr: ECRClient;
  let pushes: Push[];
  beforeEach(async () => {
    fake = await startEcrFake();
    ecr = ecrClient(fake);
    pushes = [];
    fake.storage.listen(event => void pushes.push({ registry: HOST, ...event }));
  });
  afterEach(async () => {
    ecr.destroy();
    await fake.stop();
  });

  /** Handles every event that there is, one after the other, in a process that has just started. */
  async function settle(rules: readonly Rule[], ledger = new MemoryLedger()): Promise<readonly string[]> {
    const { account, region, endpoint } = fake;
    const world = {
      registry: openEcrRegistry({ account, region, endpoint, credentials, attempts: 2 }),
      ledger,
      rules,
      configs: new ConfigCache(),
      clock: { now: Date.now },
      announce: async () => {},
    };
    const states: string[] = [];
    while (pushes.length > 0)
      for (const outcome of await assemble(world, wakeUpsOf(pushes.shift()!, rules)))
        states.push(
          [outcome.target.tag, outcome.state, ...outcome.reasons.map(({ code }) => code)].join(' '),
        );
    return states;
  }

  async function held(repository: string, tag: string) {
    const { account, region, endpoint } = fake;
    const registry = openEcrRegistry({ account, region, endpoint, credentials });
    const reading = (await registry.readManifests(repository, [tag])).get(tag);
    if (reading?.kind !== 'found') return undefined;
    const { bytes, mediaType } = reading.manifest;
    const { manifests } = JSON.parse(Buffer.from(bytes).toString()) as { manifests: readonly Entry[] };
    return { mediaType, manifests };
  }

  it('makes a Docker list of two Docker images, the variant of the one and all', async () => {
    const rules = [ruleOf(HOST)];
    const amd64 = image('amd64');
    const arm64 = image('arm64', 'v8');
    await pushToEcr(ecr, 'golang', '1.19.2-alpine-amd64', amd64);
    expect(await settle(rules)).toEqual(['1.19.2-alpine waiting missing-platform']);
    await pushToEcr(ecr, 'golang', '1.19.2-alpine-arm64', arm64);
    expect(await settle(rules)).toEqual(['1.19.2-alpine published', '1.19.2-alpine unchanged same-bytes']);
    expect(await held('golang', '1.19.2-alpine')).toEqual({
      mediaType: DOCKER_LIST,
      manifests: [
        { ...describeContent(amd64), platform: { architecture: 'amd64', os: 'linux' } },
        { ...describeContent(arm64), platform: { architecture: 'arm64', os: 'linux', variant: 'v8' } },
      ],
    });
  });

  it('makes latest of tags that are nothing but the architecture', async () => {
    const rules = [ruleOf(HOST, { members: '{arch}', targets: ['latest'] })];
    await pushToEcr(ecr, 'app', 'amd64', image('amd64'));
    await pushToEcr(ecr, 'app', 'arm64', image('arm64', 'v8'));
    expect(await settle(rules)).toContain('latest published');
    expect((await held('app', 'latest'))?.manifests).toHaveLength(2);
  });

  it('keeps entries whole, with features that only Docker knows', async () => {
    const platforms = ['linux/amd64', 'linux/ppc64le'].map(text => parsePlatform(text)!);
    const rules = [ruleOf(HOST, { platforms })];
    const listed = (child: Content, features: readonly string[]): Entry => ({
      ...describeContent(child),
      platform: { architecture: child === ppc64le ? 'ppc64le' : 'amd64', os: 'linux', features },
    });
    const amd64 = image('amd64');
    const ppc64le = image('ppc64le');
    const entries = [listed(amd64, ['sse4']), listed(ppc64le, ['isa-3.0'])] as const;
    await pushToEcr(ecr, 'app', '1.0-amd64', sampleIndex([entries[0]], [amd64], TYPES.dockerList));
    await pushToEcr(ecr, 'app', '1.0-ppc64le', sampleIndex([entries[1]], [ppc64le], TYPES.dockerList));
    expect(await settle(rules)).toContain('1.0 published');
    const made = await held('app', '1.0');
    expect(made?.mediaType).toBe(DOCKER_LIST);
    expect(made?.manifests).toEqual(entries);
    expect(made?.manifests[0]).toMatchObject({
      mediaType: DOCKER_MANIFEST,
      platform: { features: ['sse4'] },
    });
  });

  it('spends at most one write, three reads and two layers on the push that completes an index', async () => {
    const rules = [ruleOf(HOST)];
    await pushToEcr(ecr, 'app', '1.0-amd64', image('amd64'));
    pushes.length = 0;
    await pushToEcr(ecr, 'app', '1.0-arm64', image('arm64', 'v8'));
    const last = pushes.filter(({ tag }) => tag === '1.0-arm64');
    pushes.splice(0, pushes.length, ...last);
    fake.calls.length = 0;
    let own: Push[] = [];
    fake.amend = ({ operation }, answer) => {
      // The event of its own write is another pass.
      if (operation === 'PutImage') own = pushes.splice(0);
      return answer;
    };
    expect(await settle(rules)).toEqual(['1.0 published']);
    const asked = (operation: string) => fake.calls.filter(call => call.operation === operation).length;
    expect(asked('PutImage')).toBe(1);
    expect(asked('BatchGetImage')).toBeLessThanOrEqual(3);
    expect(asked('GetDownloadUrlForLayer')).toBe(2);
    expect(fake.calls.length).toBeLessThanOrEqual(7);
    fake.calls.length = 0;
    pushes.push(...own);
    expect(await settle(rules)).toEqual(['1.0 unchanged same-bytes']);
    expect(asked('PutImage')).toBe(0);
  });

  it('holds an immutable tag that has another index, whether it was told or not', async () => {
    for (const told of [true, false]) {
      const repository = `immutable/${told}`;
      const rules = [ruleOf(HOST)];
      const ledger = new MemoryLedger();
      await pushToEcr(ecr, repository, '1.0-amd64', image('amd64'));
      await pushToEcr(ecr, repository, '1.0-arm64', image('arm64', 'v8'));
      expect(await settle(rules, ledger)).toContain('1.0 published');
      Object.assign(fake.world.repository(repository), {
        mutability: 'IMMUTABLE_WITH_EXCLUSION',
        exclusions: [{ filterType: 'WILDCARD', filter: '*-*64' }],
      });
      if (!told) fake.deny('DescribeRepositories');
      const newer = sampleImage({ os: 'linux', architecture: 'amd64' }, { docker: true, text: 'newer' });
      const newest = sampleImage(
        { os: 'linux', architecture: 'arm64', variant: 'v8' },
        { docker: true, text: 'newer' },
      );
      await pushToEcr(ecr, repository, '1.0-amd64', newer);
      await pushToEcr(ecr, repository, '1.0-arm64', newest);
      expect((await settle(rules, ledger)).at(-1)).toBe('1.0 held immutable-tag');
    }
  });

  it('looks again where a member is deleted while the index is written', async () => {
    const rules = [ruleOf(HOST)];
    await pushToEcr(ecr, 'app', '1.0-amd64', image('amd64'));
    await pushToEcr(ecr, 'app', '1.0-arm64', image('arm64', 'v8'));
    fake.before = ({ operation, input }) => {
      if (operation !== 'PutImage' || input.imageTag !== '1.0') return;
      fake.before = () => {};
      const { digest } = fake.storage.manifests.resolve('app', '1.0-arm64')!;
      fake.storage.deleteManifest('app', digest);
    };
    // The event of the deleted one would ask for a later look: it says that there is what is not there.
    pushes.splice(0, pushes.length, pushes.find(({ tag }) => tag === '1.0-amd64')!);
    expect((await settle(rules)).at(-1)).toBe('1.0 waiting missing-platform');
    expect(fake.calls.filter(({ operation }) => operation === 'PutImage').at(-1)?.input.imageTag).toBe('1.0');
  });

  it("holds what ECR's own schema refuses, with ECR's words", async () => {
    const rules = [ruleOf(HOST)];
    await pushToEcr(ecr, 'app', '1.0-amd64', image('amd64'));
    await pushToEcr(ecr, 'app', '1.0-arm64', image('arm64', 'v8'));
    fake.before = ({ operation, input }) => {
      if (operation === 'PutImage' && input.imageTag === '1.0')
        Object.assign(input, { imageManifest: '{"manifests":7}' });
    };
    expect((await settle(rules)).at(-1)).toBe('1.0 held refused');
  });
});
