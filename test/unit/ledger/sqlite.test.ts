import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteLedger } from '../../../lib/ledger/sqlite.ts';
import { publishedOf, standingOf } from '../../contract/ledger-contract.ts';

const TARGET = { registry: 'r', repository: 'app', tag: '1.0' };

describe('openSqliteLedger', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archweave-sqlite-'));
    path = join(folder, 'made', 'here', 'ledger.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes the folder and the file for their owner only, the side files too', async () => {
    const ledger = openSqliteLedger(path);
    await ledger.remember(TARGET, publishedOf(1), () => false);
    const mode = (name: string) => (statSync(name).mode & 0o777).toString(8);
    expect([path, `${path}-wal`, `${path}-shm`].map(mode)).toEqual(['600', '600', '600']);
    expect(mode(join(folder, 'made'))).toBe('700');
    ledger.close();
  });

  it('closes a file that others could read', () => {
    openSqliteLedger(path).close();
    const open = join(folder, 'open.db');
    writeFileSync(open, '', { mode: 0o644 });
    openSqliteLedger(open).close();
    expect((statSync(open).mode & 0o777).toString(8)).toBe('600');
  });

  it('remembers across processes and shows one what the other wrote', async () => {
    const first = openSqliteLedger(path);
    const second = openSqliteLedger(path);
    await first.remember(TARGET, publishedOf(3), () => false);
    await second.record(standingOf({ target: TARGET }), { at: '2026-11-22T10:00:00Z', event: 'seen' });
    const kept = await second.remember(
      TARGET,
      publishedOf(2),
      stored => Number(stored.build.captures.run) > 2,
    );
    expect(kept).toEqual(publishedOf(3));
    first.close();
    second.close();
    const third = openSqliteLedger(path);
    expect(await third.published(TARGET)).toEqual(publishedOf(3));
    expect(await third.history(TARGET, 5)).toHaveLength(1);
    third.close();
  });

  it('holds the write lock from reading to writing, so that nobody slips between', async () => {
    const first = openSqliteLedger(path);
    const other = new DatabaseSync(path, { timeout: 0 });
    await first.remember(TARGET, publishedOf(1), () => false);
    let refused: unknown;
    await first.remember(TARGET, publishedOf(2), () => {
      try {
        other.exec('DELETE FROM published');
      } catch (error) {
        refused = error;
      }
      return false;
    });
    expect(String(refused)).toContain('locked');
    expect(await first.published(TARGET)).toEqual(publishedOf(2));
    other.close();
    first.close();
  });

  it('refuses a file that is no database', () => {
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'this is not a database, it is a shopping list\n'.repeat(100));
    expect(() => openSqliteLedger(text)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  it('refuses a file of a newer archweave and names both versions', () => {
    openSqliteLedger(path).close();
    const raw = new DatabaseSync(path);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(() => openSqliteLedger(path)).toThrow(
      expect.objectContaining({ code: 'malformed', reason: expect.stringContaining('schema 99') }),
    );
  });

  it('says what is in the way where the file cannot be made', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const refusal = (reason: string) => expect.objectContaining({ code: 'forbidden', reason });
    expect(() => openSqliteLedger(folder)).toThrow(refusal('the file cannot be opened (EISDIR)'));
    expect(() => openSqliteLedger(join(file, 'ledger.db'))).toThrow(
      refusal('the file cannot be opened (EEXIST)'),
    );
  });

  it('files everything of one registry under another host, and nothing else', async () => {
    const ledger = openSqliteLedger(path);
    const [old, other] = [TARGET, { ...TARGET, registry: 'other' }];
    for (const target of [old, other]) {
      await ledger.remember(target, publishedOf(1), () => false);
      await ledger.record(standingOf({ target }), { at: '2026-11-22T10:00:00Z', event: 'seen' });
    }
    const known = { ...TARGET, registry: 'new', tag: 'known' };
    await ledger.remember(known, publishedOf(2), () => false);
    await ledger.remember({ ...known, registry: 'r' }, publishedOf(1), () => false);
    await ledger.renameRegistry('r', 'new');
    const moved = { ...TARGET, registry: 'new' };
    expect(await ledger.published(moved)).toEqual(publishedOf(1));
    expect(await ledger.published(known)).toEqual(publishedOf(2));
    expect(await ledger.standing(moved)).toEqual(standingOf({ target: moved }));
    expect(await ledger.history(moved, 5)).toHaveLength(1);
    expect([await ledger.published(old), await ledger.standing(old)]).toEqual([undefined, undefined]);
    expect(await ledger.standing(other)).toEqual(standingOf({ target: other }));
    ledger.close();
  });

  it('may be closed twice', () => {
    const ledger = openSqliteLedger(path);
    ledger.close();
    expect(() => ledger.close()).not.toThrow();
  });
});
