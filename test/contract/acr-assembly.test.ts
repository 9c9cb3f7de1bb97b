import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assemble } from '../../lib/assembly/assemble.ts';
import { ConfigCache } from '../../lib/assembly/config-cache.ts';
import { wakeUpsOf } from '../../lib/assembly/wake-up.ts';
import type { Digest } from '../../lib/image/digest.ts';
import { OCI_INDEX } from '../../lib/image/media-types.ts';
import { MemoryLedger } from '../../lib/ledger/memory.ts';
import type { AcrFake } from '../support/acr-fake.ts';
import { openAcr, openFakeAcr } from '../support/acr-fake-client.ts';
import { refusal } from '../support/acr-fake-world.ts';
import { type Content, sampleImage } from '../support/e2e-images.ts';
import { pushContent } from '../support/push-content.ts';
import { ruleOf } from '../support/rule.ts';

const image = (architecture: string, text = '') => sampleImage({ os: 'linux', architecture }, { text });

/** What a push of each member comes to, on ACR as Microsoft documents it. */
describe('assembly on ACR', () => {
  let fake: AcrFake;
  let stop: () => Promise<void>;
  let ledger: MemoryLedger;
  beforeEach(async () => {
    ({ fake, stop } = await openFakeAcr());
    ledger = new MemoryLedger();
  });
  afterEach(() => stop());

  const push = (tag: string, what: Content) => pushContent(openAcr(fake), 'hello-world', tag, what);
  const digestOf = async (tag: string) => {
    const resolved = await openAcr(fake).resolveReferences('hello-world', [tag]);
    return resolved.get(tag);
  };

  /** Handles every push that there was, one after the other, in a process that has just started. */
  async function settle(attempt = 0): Promise<readonly string[]> {
    const rules = [ruleOf(fake.host)];
    const world = {
      registry: openAcr(fake, { retry: { tries: 2, base: 1, sleep: async () => {} } }),
      ledger,
      rules,
      configs: new ConfigCache(),
      clock: { now: Date.now },
      announce: async () => {},
    };
    const states: string[] = [];
    const { pushes } = fake.world;
    while (pushes.length > 0) {
      const { repository, tag, digest } = pushes.shift()!;
      if (tag === undefined) continue;
      const event = {
        registry: fake.host,
        repository,
        tag,
        digest: digest as Digest,
        action: 'push' as const,
        id: digest + tag,
        time: new Date().toISOString(),
      };
      for (const { target, state, reasons } of await assemble(world, wakeUpsOf(event, rules), attempt))
        states.push([target.tag, state, ...reasons.map(({ code }) => code)].join(' '));
    }
    return states;
  }

  it('makes an index of two images, and leaves it alone when told again', async () => {
    await push('1.0-amd64', image('amd64'));
    expect(await settle()).toEqual(['1.0 waiting missing-platform']);
    await push('1.0-arm64', image('arm64'));
    expect((await settle())[0]).toBe('1.0 published');
    const reading = (await openAcr(fake).readManifests('hello-world', ['1.0'])).get('1.0');
    expect(reading).toMatchObject({ kind: 'found', manifest: { mediaType: OCI_INDEX } });
    const before = await digestOf('1.0');
    // Each replica of a registry in several places announces it by itself.
    await push('1.0-arm64', image('arm64'));
    expect(await settle()).toEqual(['1.0 unchanged same-bytes']);
    expect(await digestOf('1.0')).toBe(before);
  });

  it('comes back for a child that this replica does not have yet', async () => {
    await push('1.0-amd64', image('amd64'));
    await push('1.0-arm64', image('arm64'));
    const { pushes } = fake.world;
    pushes.splice(0, pushes.length - 1);
    const [last] = pushes;
    const unknown = refusal(404, 'MANIFEST_BLOB_UNKNOWN', 'unknown', { digest: image('amd64').digest });
    fake.world.failNext(/^PUT .*manifests\/1\.0$/, unknown, 3);
    await expect(settle()).rejects.toMatchObject({ code: 'child-gone', retryable: true });
    pushes.push(last!);
    expect((await settle(1))[0]).toBe('1.0 published');
  });

  it.each(['locked', 'soft-deleted'] as const)('holds what is %s, and touches nothing', async code => {
    // What the index will be, for soft delete to keep it.
    await push('next-amd64', image('amd64', 'two'));
    await push('next-arm64', image('arm64', 'two'));
    await push('1.0-amd64', image('amd64'));
    await push('1.0-arm64', image('arm64'));
    await settle();
    const before = await digestOf('1.0');
    if (code === 'locked') fake.world.locked.add('hello-world:1.0');
    else fake.world.softDeleted.add((await digestOf('next'))!);
    await push('1.0-amd64', image('amd64', 'two'));
    await push('1.0-arm64', image('arm64', 'two'));
    expect((await settle()).at(-1)).toBe(`1.0 held ${code}`);
    expect(await digestOf('1.0')).toBe(before);
  });

  it('waits for what is in quarantine, which is not there by its tag, and joins it once it is out', async () => {
    const arm64 = image('arm64');
    await push('1.0-arm64', arm64);
    await settle();
    fake.world.quarantined.add(arm64.digest);
    await push('1.0-amd64', image('amd64'));
    expect(await settle()).toEqual(['1.0 waiting missing-platform']);
    fake.world.quarantined.clear();
    await push('1.0-arm64', arm64);
    expect((await settle())[0]).toBe('1.0 published');
  });
});
