import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { join } from '../../../lib/assembly/join.ts';
import { verifyWakeUps } from '../../../lib/assembly/wake-up.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import { aRule, aWorld, HOST, REPOSITORY } from './a-world.ts';

// Each of these was found by test/simulation; the comment is its trace, cut down to what matters.

const EACH_AND_LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['{run}', 'latest'],
  newest: { by: 'captures', captures: ['run'] },
});

function sweepOf(world: ReturnType<typeof aWorld>, target: string) {
  const cause = { source: 'sweep', id: 'sweep', time: '2026-11-22T12:00:00Z' } as const;
  return verifyWakeUps(world.rules[0]!, HOST, REPOSITORY, target, cause);
}

describe('a tag of one build next to a tag that builds share', () => {
  // 9-amd64 and 9-arm64 are pushed; `create` writes 9, whose annotation tells no run; 9-amd64 is pushed again;
  // promise 3: 9 rests with the first image, held as "unordered" against itself.
  it('follows its members although its index does not tell the build', async () => {
    const world = aWorld([EACH_AND_LATEST]);
    await world.push('9-amd64');
    await world.push('9-arm64', { arch: 'arm64' });
    const members = ['9-amd64', '9-arm64'];
    await join(world, { registry: HOST, repository: REPOSITORY, members, tags: ['9'] });
    await world.settle();
    const amd = await world.push('9-amd64', { build: 'second' });
    const arm = await world.push('9-arm64', { arch: 'arm64', build: 'second' });
    await world.settle();
    expect(await world.holds('9')).toEqual([amd.digest, arm.digest]);
  });

  it('follows its members where it is a Docker list, which can tell no build', async () => {
    const world = aWorld([EACH_AND_LATEST]);
    await world.push('9-amd64', { docker: true, build: 'first' });
    await world.push('9-arm64', { docker: true, arch: 'arm64', build: 'first' });
    await world.settle();
    const amd = await world.push('9-amd64', { docker: true, build: 'second' });
    const arm = await world.push('9-arm64', { docker: true, arch: 'arm64', build: 'second' });
    await world.ledger.forget({ registry: HOST, repository: REPOSITORY, tag: '9' });
    await world.settle();
    expect(await world.holds('9')).toEqual([amd.digest, arm.digest]);
  });

  // `create` writes 9; a sweep sees it; a person deletes it; the next sweep writes it again (promise 7).
  it('stays away when a person removes what `create` wrote', async () => {
    const world = aWorld([EACH_AND_LATEST]);
    await world.push('9-amd64');
    await world.push('9-arm64', { arch: 'arm64' });
    const members = ['9-amd64', '9-arm64'];
    await join(world, { registry: HOST, repository: REPOSITORY, members, tags: ['9'] });
    await world.run(...sweepOf(world, '9'));
    await world.registry.deleteManifest(REPOSITORY, '9');
    const [outcome] = await world.run(...sweepOf(world, '9'));
    expect(outcome?.reasons[0]?.code).toBe('withdrawn');
    expect(await world.digest('9')).toBeUndefined();
  });
});

describe('what is remembered of a target', () => {
  // A handler looks at main, which holds r1 and is not remembered; another publishes r2 and remembers it; the first
  // one remembers r1. A person who then removes main would see r2 come back (promise 7).
  it('is not taken back by a handler whose look is older', async () => {
    const world = aWorld();
    await world.push('1.0-amd64', { build: 'r1' });
    await world.push('1.0-arm64', { arch: 'arm64', build: 'r1' });
    await world.settle();
    const target = { registry: HOST, repository: REPOSITORY, tag: '1.0' };
    await world.ledger.forget(target);

    const { ledger } = world;
    const late = Object.create(ledger, {
      published: { value: ledger.published.bind(ledger) },
      standing: { value: ledger.standing.bind(ledger) },
      record: { value: ledger.record.bind(ledger) },
      remember: {
        value: async (...given: Parameters<typeof ledger.remember>) => {
          await world.push('1.0-amd64', { build: 'r2' });
          await world.push('1.0-arm64', { arch: 'arm64', build: 'r2' });
          await world.settle();
          return ledger.remember(...given);
        },
      },
    });
    await assemble({ ...world, ledger: late }, sweepOf(world, '1.0'));
    expect((await ledger.published(target))?.digest).toBe(await world.digest('1.0'));
  });

  // A handler writes r1 and is slow to be told; another writes r2 and remembers it; the first one remembers r1, and
  // cannot look again because the registry fails.
  it('is not taken back by a handler that is told late of its write', async () => {
    const world = aWorld();
    await world.push('1.0-amd64', { build: 'r1' });
    await world.push('1.0-arm64', { arch: 'arm64', build: 'r1' });
    const { registry, ledger } = world;
    const slow = Object.create(registry, {
      readManifests: { value: registry.readManifests.bind(registry) },
      readBlobs: { value: registry.readBlobs.bind(registry) },
      resolveReferences: {
        value: async (repository: string, references: readonly string[]) => {
          if (references.length === 1) return registry.resolveReferences(repository, references);
          throw new ArchweaveError({ code: 'unreachable', attempt: 'look again', retryable: true });
        },
      },
      immutableTags: { value: registry.immutableTags.bind(registry) },
      writeManifest: {
        value: async (...given: Parameters<typeof registry.writeManifest>) => {
          await registry.writeManifest(...given);
          await world.push('1.0-amd64', { build: 'r2' });
          await world.push('1.0-arm64', { arch: 'arm64', build: 'r2' });
          const quick = { ...world, registry, ledger };
          await assemble(quick, sweepOf(world, '1.0'));
        },
      },
    });
    const pass = assemble({ ...world, registry: slow }, sweepOf(world, '1.0'));
    await expect(pass).rejects.toThrow('nothing answers');
    const target = { registry: HOST, repository: REPOSITORY, tag: '1.0' };
    expect((await ledger.published(target))?.digest).toBe(await world.digest('1.0'));
  });
});

describe('builds without labels that share a tag', () => {
  // Run 9 is published; run 10 has the same arm64 image, from the cache; latest waits for arm64 to move as well: half
  // an hour by default, for ever with `partial: hold` (promise 3).
  it('are not taken for a half renewed one where an image of both is the same', async () => {
    const rule = aRule({
      members: '{run:int}-{arch}',
      targets: ['latest'],
      newest: { by: 'captures', captures: ['run'] },
      partial: 'hold',
    });
    const world = aWorld([rule]);
    await world.push('9-amd64', { created: '2026-01-01T00:00:00Z' });
    await world.push('9-arm64', { arch: 'arm64' });
    await world.settle();
    const amd = await world.push('10-amd64', { created: '2026-02-01T00:00:00Z' });
    const arm = await world.push('10-arm64', { arch: 'arm64' });
    expect(await world.settle()).toContain('latest published');
    expect(await world.holds('latest')).toEqual([amd.digest, arm.digest]);
  });
});
