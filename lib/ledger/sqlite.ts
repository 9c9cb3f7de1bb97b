import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { dueTime, HISTORY_KEPT } from './due-time.ts';
import type { HistoryEntry, Ledger, Published, Standing, TargetRef } from './interface.ts';
import { sqliteError } from './sqlite-error.ts';
import { migrate } from './sqlite-schema.ts';

export interface SqliteLedger extends Ledger {
  /** Files everything known of one registry under another host; what is known of that one already stays. */
  renameRegistry(from: string, to: string): Promise<void>;
  close(): void;
}

/** How long one process waits for another one's transaction; both are short. */
const BUSY_MS = 5_000;

/**
 * A ledger in one SQLite file, which several processes may use at once. The file and its folder are made if they
 * are not there, readable by their owner only.
 *
 * Errors: `storage-in-use` (another process does not let go), `disk-full`, `forbidden`, `malformed` (no SQLite
 * file, damaged, or of a newer archweave). Whoever needs this imports it lazily: node:sqlite costs start-up time.
 */
export function openSqliteLedger(path: string): SqliteLedger {
  const attempt = `open the ledger ${path}`;
  let database: DatabaseSync | undefined;
  try {
    makePrivate(path);
    database = new DatabaseSync(path, { timeout: BUSY_MS });
    database.exec('PRAGMA journal_mode = WAL');
    migrate(database, path);
    return new SqliteStore(database, path);
  } catch (error) {
    database?.close();
    throw sqliteError(error, attempt);
  }
}

/** SQLite gives its side files (-wal, -shm) the permissions of the main one. */
function makePrivate(path: string): void {
  if (path === ':memory:') return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

class SqliteStore implements SqliteLedger {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  async published(target: TargetRef): Promise<Published | undefined> {
    return this.#guard('read', () => this.#read<Published>('published', target));
  }

  async remember(
    target: TargetRef,
    next: Published,
    keeps: (stored: Published) => boolean,
  ): Promise<Published> {
    return this.#transaction('FULL', () => {
      const stored = this.#read<Published>('published', target);
      if (stored !== undefined && keeps(stored)) return stored;
      this.#statement('INSERT OR REPLACE INTO published VALUES (?, ?, ?, ?)').run(
        ...columns(target),
        JSON.stringify(next),
      );
      return next;
    });
  }

  async forget(target: TargetRef): Promise<void> {
    this.#guard('write', () =>
      this.#statement('DELETE FROM published WHERE registry = ? AND repository = ? AND tag = ?').run(
        ...columns(target),
      ),
    );
  }

  async standing(target: TargetRef): Promise<Standing | undefined> {
    return this.#guard('read', () => this.#read<Standing>('standing', target));
  }

  async record(standing: Standing, entry?: HistoryEntry): Promise<void> {
    const where = columns(standing.target);
    this.#transaction('NORMAL', () => {
      this.#statement('INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?)').run(
        ...where,
        dueTime(standing) ?? null,
        JSON.stringify(standing),
      );
      if (entry === undefined) return;
      this.#statement('INSERT INTO history (registry, repository, tag, document) VALUES (?, ?, ?, ?)').run(
        ...where,
        JSON.stringify(entry),
      );
      this.#statement(
        `DELETE FROM history WHERE registry = ?1 AND repository = ?2 AND tag = ?3 AND id <= (
           SELECT id FROM history WHERE registry = ?1 AND repository = ?2 AND tag = ?3
           ORDER BY id DESC LIMIT 1 OFFSET ${HISTORY_KEPT})`,
      ).run(...where);
    });
  }

  async history(target: TargetRef, limit: number): Promise<readonly HistoryEntry[]> {
    return this.#documents(
      'SELECT document FROM history WHERE registry = ? AND repository = ? AND tag = ? ORDER BY id DESC LIMIT ?',
      ...columns(target),
      Math.max(0, limit),
    );
  }

  async standings(
    scope: { readonly registry?: string; readonly repository?: string } = {},
  ): Promise<readonly Standing[]> {
    return this.#documents(
      `SELECT document FROM standing
       WHERE (?1 IS NULL OR registry = ?1) AND (?2 IS NULL OR repository = ?2)
       ORDER BY registry, repository, tag`,
      scope.registry ?? null,
      scope.repository ?? null,
    );
  }

  async due(now: string, limit: number): Promise<readonly Standing[]> {
    return this.#documents(
      'SELECT document FROM standing WHERE due_ms IS NOT NULL AND due_ms <= ? ORDER BY due_ms LIMIT ?',
      Date.parse(now),
      Math.max(0, limit),
    );
  }

  async renameRegistry(from: string, to: string): Promise<void> {
    this.#transaction('FULL', () => {
      this.#statement('UPDATE OR IGNORE published SET registry = ?2 WHERE registry = ?1').run(from, to);
      this.#statement('UPDATE history SET registry = ?2 WHERE registry = ?1').run(from, to);
      this.#statement(
        `UPDATE OR IGNORE standing SET registry = ?2, document = json_set(document, '$.target.registry', ?2)
         WHERE registry = ?1`,
      ).run(from, to);
    });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #read<T>(table: 'published' | 'standing', target: TargetRef): T | undefined {
    const row = this.#statement(
      `SELECT document FROM ${table} WHERE registry = ? AND repository = ? AND tag = ?`,
    ).get(...columns(target));
    return row === undefined ? undefined : (JSON.parse(String(row.document)) as T);
  }

  #documents<T>(sql: string, ...values: (string | number | null)[]): readonly T[] {
    return this.#guard('read', () =>
      this.#statement(sql)
        .all(...values)
        .map(row => JSON.parse(String(row.document)) as T),
    );
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  /**
   * IMMEDIATE takes the write lock before reading, so that nobody writes between the two. What was published is
   * flushed (FULL), or a power cut would let a tag that a person removed be written again; where a target stands is
   * seen again at the next look, so it is not worth a wait for the disk.
   */
  #transaction<T>(flush: 'FULL' | 'NORMAL', work: () => T): T {
    return this.#guard('write', () => {
      this.#database.exec(`PRAGMA synchronous = ${flush}; BEGIN IMMEDIATE`);
      try {
        const answer = work();
        this.#database.exec('COMMIT');
        return answer;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #guard<T>(verb: 'read' | 'write', work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, `${verb} the ledger ${this.#path}`);
    }
  }
}

function columns(target: TargetRef): [string, string, string] {
  return [target.registry, target.repository, target.tag];
}
