import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { matchesDigest } from '../../../../lib/image/digest.ts';
import { readManifestContent } from '../../../../lib/image/read-manifest.ts';
import { openStorage } from '../../../../lib/server/storage/open-storage.ts';
import type { Storage } from '../../../../lib/server/storage/storage.ts';
import { pause, temporaryFolder } from '../../../support/e2e-run.ts';
import { soaked } from '../../../support/find-tool.ts';
import { imageOf, storeBlob, stream } from '../registry/embedded-fixture.ts';

describe('opening the storage', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = temporaryFolder('storage');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await killed(child);
    folder.remove();
  });

  const killed = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  /** Another process that has the storage and pushes; what it says is stored goes to `stored`. */
  const storm = async (from = 0, stored: string[] = []) => {
    const program = join(import.meta.dirname, 'push-storm.ts');
    const child = fork(program, [folder.path, String(from)], { execArgv: [], stdio: 'ignore' });
    children.push(child);
    await once(child, 'message');
    child.on('message', line => stored.push(String(line)));
    return child;
  };

  it('makes the folder, and finds everything again', async () => {
    const path = join(folder.path, 'deep', 'down');
    const first = await openStorage(path);
    await storeBlob(first, 'a', '{}');
    first.putManifest('a', imageOf('{}'), ['1']);
    await first.close();
    const second = await openStorage(path);
    expect(second.manifests.resolve('a', '1')?.digest).toBe(imageOf('{}').digest);
    await second.close();
  });

  it('says who has it where another process does', async () => {
    const child = await storm();
    const opening = openStorage(folder.path);
    await expect(opening).rejects.toMatchObject({ code: 'storage-in-use' });
    await expect(opening).rejects.toThrow(
      `cannot use ${folder.path}: another archweave (pid ${child.pid}) has it`,
    );
  });

  it('does not open twice in one process either', async () => {
    const storage = await openStorage(folder.path);
    await expect(openStorage(folder.path)).rejects.toThrow(`(pid ${process.pid}) has it`);
    await storage.close();
    await (await openStorage(folder.path)).close();
  });

  it('opens where the one that had it was killed, though its number is somebody else’s now', async () => {
    await killed(await storm());
    writeFileSync(join(folder.path, 'pid'), `${process.ppid}\n`);
    const storage = await openStorage(folder.path);
    expect(readFileSync(join(folder.path, 'pid'), 'utf8')).toBe(`${process.pid}\n`);
    await storage.close();
    expect(existsSync(join(folder.path, 'pid'))).toBe(false);
  });

  it('removes what uploads left behind', async () => {
    const first = await openStorage(folder.path);
    await first.uploads.append(first.uploads.start('a'), stream('half'));
    await first.close();
    expect(readdirSync(join(folder.path, 'uploads'))).toHaveLength(1);
    const second = await openStorage(folder.path);
    expect(readdirSync(join(folder.path, 'uploads'))).toEqual([]);
    await second.close();
  });

  it('says what is in the way', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    await expect(openStorage(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'registry-failed' });
    mkdirSync(join(folder.path, 'registry.sqlite'));
    await expect(openStorage(folder.path)).rejects.toMatchObject({ code: 'registry-failed' });
  });

  it('has everything that was acknowledged, whole, whenever the process was killed', async () => {
    const stored: string[] = [];
    const times = soaked(6, 50);
    for (let at = 0; at < times; at++) {
      const before = stored.length;
      const child = await storm(before, stored);
      await pause(30 + at * soaked(40, 10));
      await killed(child);
      const storage = await openStorage(folder.path);
      const names = stored.slice(before).map(line => line.split(' ') as [string, string]);
      expect(await damaged(storage, names)).toEqual([]);
      await storage.close();
    }
    const storage = await openStorage(folder.path);
    const repositories = storage.repositories({ limit: 1000 });
    const names = repositories.flatMap(repository =>
      storage.manifests.tags(repository, { limit: 1_000_000 }).map(({ tag }) => [repository, tag] as const),
    );
    expect(names.length).toBeGreaterThanOrEqual(stored.length);
    expect(await damaged(storage, names)).toEqual([]);
    await storage.close();
    expect(stored.length).toBeGreaterThan(times);
  }, 180_000);
});

/** Tags that are not there, or whose manifest or config is not there as its digest says. */
async function damaged(storage: Storage, names: readonly (readonly [string, string])[]): Promise<string[]> {
  const found: string[] = [];
  for (const [repository, tag] of names) {
    if (!(await isWhole(storage, repository, tag))) found.push(`${repository}:${tag}`);
  }
  return found;
}

async function isWhole(storage: Storage, repository: string, tag: string): Promise<boolean> {
  const manifest = storage.manifests.read(repository, tag);
  if (manifest === undefined || !matchesDigest(manifest.bytes, manifest.digest)) return false;
  const content = readManifestContent(manifest);
  if (content.kind === 'index') throw new Error('only images were pushed');
  const { digest, size } = content.config;
  if (storage.blobs.stat(repository, digest) !== size) return false;
  return matchesDigest(await new Response(storage.blobs.read(digest, 0, size)).bytes(), digest);
}
