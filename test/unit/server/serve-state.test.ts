import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServeState } from '../../../lib/server/serve-state.ts';

const TIME = '2026-11-22T10:00:00Z';

describe('ServeState', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archweave-state-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('knows at the next start what was written, all of what was written at once', async () => {
    const state = await ServeState.open(folder);
    expect([state.embedded, state.wasSwept('a'), state.wasSwept('constructor')]).toEqual([
      undefined,
      false,
      false,
    ]);
    await Promise.all([state.setSwept('a', TIME), state.setEmbedded('b'), state.setSwept('c', TIME)]);
    const again = await ServeState.open(folder);
    expect([again.embedded, again.wasSwept('a'), again.wasSwept('b'), again.wasSwept('c')]).toEqual([
      'b',
      true,
      false,
      true,
    ]);
    expect(readdirSync(folder)).toEqual(['serve.json']);
    expect((statSync(join(folder, 'serve.json')).mode & 0o777).toString(8)).toBe('600');
  });

  it('takes along that the embedded registry was swept when its host changes', async () => {
    const state = await ServeState.open(folder);
    await state.setEmbedded('127.0.0.1:1');
    await state.setSwept('127.0.0.1:1', TIME);
    await state.setEmbedded('127.0.0.1:2');
    expect([state.wasSwept('127.0.0.1:1'), state.wasSwept('127.0.0.1:2')]).toEqual([false, true]);
  });

  it.each(['', '{', '[]', 'null', '7', '{"swept":7}', '{"embedded":7,"swept":{"a":7}}'])(
    'takes %j for an empty file',
    async text => {
      writeFileSync(join(folder, 'serve.json'), text);
      const state = await ServeState.open(folder);
      expect([state.embedded, state.wasSwept('a')]).toEqual([undefined, false]);
    },
  );

  it('says that it cannot write, and writes again when it can', async () => {
    const state = await ServeState.open(join(folder, 'gone'));
    await expect(state.setSwept('a', TIME)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(state.setSwept('b', TIME)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(state.wasSwept('a')).toBe(true);
  });
});
