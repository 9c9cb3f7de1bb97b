import { describe, expect, it } from '@jest/globals';
import { ArchweaveError, type ErrorCode } from '../../../lib/errors.ts';
import type { Reading } from '../../../lib/registry/interfaces.ts';
import { aWorld, entryOf, HOST, storeImage } from './a-world.ts';

const refuse = (code: ErrorCode) => new ArchweaveError({ code, attempt: 'test' });

describe('a target that the registry keeps from being written', () => {
  it.each([
    ['locked', { code: 'locked', tag: '1.0', registry: HOST }],
    ['quarantined', { code: 'quarantined', tag: '1.0' }],
    ['soft-deleted', { code: 'soft-deleted', digest: expect.stringMatching(/^sha256:/) }],
  ] as const)('is held as %s, and written once that is over', async (code, reason) => {
    const world = aWorld();
    const write = world.registry.writeManifest.bind(world.registry);
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    world.registry.writeManifest = async () => Promise.reject(refuse(code));
    expect((await world.settle()).at(-1)).toBe(`1.0 held ${code}`);
    expect(world.told.at(-1)).toMatchObject({ type: 'Index Held', group: { reasons: [reason] } });
    world.registry.writeManifest = write;
    await world.push('1.0-amd64');
    expect(await world.settle()).toContain('1.0 published');
  });
});

describe('a member that is in quarantine', () => {
  it.each(['the image itself', 'an image in its index'])('is held as that, where %s is', async which => {
    const world = aWorld();
    const image = await storeImage(world.registry, { arch: 'arm64' });
    const platform = { os: 'linux', architecture: 'arm64' };
    const index = await world.pushIndex('1.0-arm64', [entryOf(image, { platform })]);
    const kept = which === 'the image itself' ? index.digest : image.digest;
    const read = world.registry.readManifests.bind(world.registry);
    world.registry.readManifests = async (repository, references) => {
      const readings = new Map<string, Reading>(await read(repository, references));
      for (const [reference, reading] of readings) {
        if (reading.kind === 'found' && reading.manifest.digest === kept)
          readings.set(reference, { kind: 'unreadable', error: refuse('quarantined') });
      }
      return readings;
    };
    await world.push('1.0-amd64');
    expect((await world.settle()).at(-1)).toBe('1.0 held quarantined');
    expect(world.told.at(-1)?.message).toMatch(/^app:1\.0 is held: 1\.0-arm64 is in quarantine\./);
    world.registry.readManifests = read;
    await world.push('1.0-amd64');
    expect(await world.settle()).toContain('1.0 published');
  });
});
