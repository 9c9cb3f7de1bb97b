import { mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshBundles } from '../../../functions/bundle/fresh-bundles.ts';

describe('bundles that are there', () => {
  const out = mkdtempSync(join(tmpdir(), 'archweave-fresh-'));
  const file = join(out, 'assemble.mjs');
  const made = () => statSync(file).mtimeMs;
  const age = (path: string) => utimesSync(path, 1, 1);
  beforeAll(() => freshBundles(out));
  afterAll(() => rmSync(out, { recursive: true }));

  it('are left as they are while nothing is newer', async () => {
    const before = made();
    await freshBundles(out);
    expect(made()).toBe(before);
  });

  it('are made again where one is older than its sources, or missing', async () => {
    age(join(out, 'poll.mjs'));
    const before = made();
    await freshBundles(out);
    expect(made()).toBeGreaterThan(before);
    rmSync(join(out, 'hook.mjs'));
    await freshBundles(out);
    expect(statSync(join(out, 'hook.mjs')).size).toBeGreaterThan(1_000);
  });
});
