import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { carriesToken, hookToken } from '../../../lib/server/hook-token.ts';

describe('hookToken', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archweave-token-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const mode = () => (statSync(join(folder, 'hook-token')).mode & 0o777).toString(8);

  it('makes a token of 256 bits once, for its owner only, and leaves nothing else behind', async () => {
    const token = await hookToken(folder);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(mode()).toBe('600');
    expect(readdirSync(folder)).toEqual(['hook-token']);
    expect(readFileSync(join(folder, 'hook-token'), 'utf8')).toBe(`${token}\n`);
    expect(await hookToken(folder)).toBe(token);
  });

  it('agrees with others that start at the same time', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => hookToken(folder)));
    expect(new Set(tokens).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['hook-token']);
  });

  it('closes a file that others could read', async () => {
    writeFileSync(join(folder, 'hook-token'), 'a'.repeat(50), { mode: 0o644 });
    expect(await hookToken(folder)).toBe('a'.repeat(50));
    expect(mode()).toBe('600');
  });

  it.each(['', '\n', 'short', `${'a'.repeat(43)} ${'b'.repeat(43)}`])(
    'refuses a file with %j',
    async text => {
      writeFileSync(join(folder, 'hook-token'), text);
      await expect(hookToken(folder)).rejects.toMatchObject({ code: 'malformed' });
    },
  );
});

describe('carriesToken', () => {
  it('is true for the token and nothing else', () => {
    for (const header of ['Bearer abc', 'bearer abc', 'BEARER  abc '])
      expect(carriesToken(header, 'abc')).toBe(true);
    for (const header of [
      undefined,
      '',
      'abc',
      'Bearer',
      'Bearer ',
      'Basic abc',
      'Bearer ab',
      'Bearer abcd',
      'Bearer ABC',
      'Bearer abc abc',
    ]) {
      expect(carriesToken(header, 'abc')).toBe(false);
    }
    expect(carriesToken('Bearer ', '')).toBe(false);
  });
});
