import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import type { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { aWorld, HOST, LATEST, MINUTE, REPOSITORY, sweepOf, type TestWorld } from './a-world.ts';

// Each of these was found by test/simulation; the comment is its trace, cut down to what matters.

const TARGET = { registry: HOST, repository: REPOSITORY, tag: '1.0' };

/** Pushes both members of a group, of one build. */
async function pushBuild(world: TestWorld, build: string, group = '1.0'): Promise<void> {
  await world.push(`${group}-amd64`, { build });
  await world.push(`${group}-arm64`, { arch: 'arm64', build });
}

/** The registry as one handler meets it; a look at more than one thing fails, as the look after a write is. */
function slowRegistry(
  { registry }: TestWorld,
  over: Partial<Pick<MemoryRegistry, 'readManifests' | 'writeManifest'>>,
): MemoryRegistry {
  const methods = {
    readManifests: registry.readManifests.bind(registry),
    readBlobs: registry.readBlobs.bind(registry),
    immutableTags: registry.immutableTags.bind(registry),
    resolveReferences: async (repository: string, references: readonly string[]) => {
      if (references.length === 1) return registry.resolveReferences(repository, references);
      throw new ArchweaveError({ code: 'unreachable', attempt: 'look again', retryable: true });
    },
    ...over,
  };
  return Object.assign(Object.create(registry), methods);
}

describe('what is remembered of a target', () => {
  // A handler looks at main, which holds r1 and is not remembered; another publishes r2 and remembers it; the first
  // one remembers r1. A person who then removes main would see r2 come back (promise 7).
  it('is not taken back by a handler whose look is older', async () => {
    const world = aWorld();
    await pushBuild(world, 'r1');
    await world.settle();
    await world.ledger.forget(TARGET);

    const { ledger } = world;
    const late = Object.assign(Object.create(ledger), {
      published: ledger.published.bind(ledger),
      standing: ledger.standing.bind(ledger),
      record: ledger.record.bind(ledger),
      remember: async (...given: Parameters<typeof ledger.remember>) => {
        await pushBuild(world, 'r2');
        await world.settle();
        return ledger.remember(...given);
      },
    });
    await assemble({ ...world, ledger: late }, sweepOf(world, '1.0'));
    expect((await ledger.published(TARGET))?.digest).toBe(await world.digest('1.0'));
  });

  // A handler writes r1 and is slow to be told; another writes r2 and remembers it; the first one remembers r1, and
  // cannot look again because the registry fails.
  it('is not taken back by a handler that is told late of its write', async () => {
    const world = aWorld();
    await pushBuild(world, 'r1');
    const { registry } = world;
    const slow = slowRegistry(world, {
      writeManifest: async (...given) => {
        await registry.writeManifest(...given);
        await pushBuild(world, 'r2');
        await assemble(world, sweepOf(world, '1.0'));
      },
    });
    const pass = assemble({ ...world, registry: slow }, sweepOf(world, '1.0'));
    await expect(pass).rejects.toThrow('nothing answers');
    expect((await world.ledger.published(TARGET))?.digest).toBe(await world.digest('1.0'));
  });

  // Seed 98193. A handler looks at the tags of r1; r2 is pushed, published and remembered by another, which the first
  // one sees; it writes r1 all the same. A third one sees r1, remembers it, and writes and remembers r2 again. Now
  // the first one is told of its write: the record is the one it saw, so it remembers r1, the oldest of the three.
  it('is not taken for the record that was seen, where that went away and came back', async () => {
    const world = aWorld();
    await pushBuild(world, 'r1');
    const { registry, ledger } = world;
    const publishNewest = async () => {
      world.pass(MINUTE);
      await assemble(world, sweepOf(world, '1.0'));
    };
    let newerIsThere = () => {};
    const untilNewerIsThere = new Promise<void>(resolve => {
      newerIsThere = resolve;
    });
    const slow = slowRegistry(world, {
      readManifests: async (...given) => {
        const readings = await registry.readManifests(...given);
        await pushBuild(world, 'r2');
        await publishNewest();
        newerIsThere();
        return readings;
      },
      writeManifest: async (...given) => {
        await registry.writeManifest(...given);
        await publishNewest();
      },
    });
    const late = Object.assign(Object.create(ledger), {
      standing: ledger.standing.bind(ledger),
      history: ledger.history.bind(ledger),
      record: ledger.record.bind(ledger),
      remember: ledger.remember.bind(ledger),
      published: async (target: typeof TARGET) => {
        await untilNewerIsThere;
        return ledger.published(target);
      },
    });
    const pass = assemble({ ...world, registry: slow, ledger: late }, sweepOf(world, '1.0'));
    await expect(pass).rejects.toThrow('nothing answers');
    expect((await ledger.published(TARGET))?.digest).toBe(await world.digest('1.0'));
  });
});

describe('an index of ours that was not remembered', () => {
  // A handler died between the write and the record, and all tags of the build were deleted; the sweep found no group
  // to ask about, and did not remember what it saw: an older build came after a person had removed the newer one.
  it('is remembered although no member of any build is left', async () => {
    const world = aWorld([LATEST]);
    await world.push('9-amd64');
    await world.push('9-arm64', { arch: 'arm64' });
    await world.settle();
    const target = { ...TARGET, tag: 'latest' };
    await world.ledger.forget(target);
    await world.registry.deleteManifest(REPOSITORY, '9-amd64');
    await world.registry.deleteManifest(REPOSITORY, '9-arm64');
    await world.run(...sweepOf(world, 'latest'));
    expect((await world.ledger.published(target))?.build).toEqual({ captures: { run: '9' } });
  });
});

describe('an index that is older than what is remembered', () => {
  /** Run 9, then run 10 are published; a person puts something else there. */
  async function replaced() {
    const world = aWorld([LATEST]);
    await pushBuild(world, 'nine', '9');
    await world.settle();
    const nine = (await world.digest('latest'))!;
    await pushBuild(world, 'ten', '10');
    await world.settle();
    const { digest: foreign } = await world.push('latest', { created: '2020-01-01T00:00:00Z' });
    return { world, nine, foreign };
  }

  /** Reads of several things show the tag as it was; `times` of them. */
  function behind({ registry }: TestWorld, latest: Digest, times: number): MemoryRegistry {
    let left = times;
    return Object.assign(Object.create(registry), {
      readBlobs: registry.readBlobs.bind(registry),
      immutableTags: registry.immutableTags.bind(registry),
      listTags: registry.listTags.bind(registry),
      resolveReferences: registry.resolveReferences.bind(registry),
      writeManifest: registry.writeManifest.bind(registry),
      readManifests: async (repository: string, references: readonly string[]) => {
        const readings = new Map(await registry.readManifests(repository, references));
        if (!references.includes('latest') || left-- <= 0) return readings;
        return readings.set('latest', (await registry.readManifests(repository, [latest])).get(latest)!);
      },
    });
  }

  // Seed 190951. Run 10 was published, and a person has replaced latest; a replica still shows run 9 there, which
  // looks like a late write: run 10 was written over what the person had put there (promise 7).
  it('is looked at once more before the newer one is put over it', async () => {
    const { world, nine, foreign } = await replaced();
    const [outcome] = await assemble(
      { ...world, registry: behind(world, nine, 1) },
      sweepOf(world, 'latest'),
    );
    expect(outcome).toMatchObject({ state: 'held', reasons: [{ code: 'withdrawn', act: 'replaced' }] });
    expect(await world.digest('latest')).toBe(foreign);
  });

  it('brings the wake-up back where looks go on to differ', async () => {
    const { world, nine, foreign } = await replaced();
    const pass = assemble({ ...world, registry: behind(world, nine, 9) }, sweepOf(world, 'latest'));
    await expect(pass).rejects.toMatchObject({ code: 'tag-moved', retryable: true });
    expect(await world.digest('latest')).toBe(foreign);
  });
});
