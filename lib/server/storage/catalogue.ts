import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { ArchweaveError } from '../../errors.ts';
import { diskError } from './disk-error.ts';

const FORMAT = 1;

const SCHEMA = `
  CREATE TABLE repositories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  -- Which repository holds which blob. The digest comes first, for "does anybody still have it?".
  CREATE TABLE blobs (
    digest TEXT NOT NULL, repository INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (digest, repository)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE manifests (
    id INTEGER PRIMARY KEY, repository INTEGER NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL,
    bytes BLOB NOT NULL, subject TEXT, referrer TEXT, UNIQUE (repository, digest)
  ) STRICT;
  CREATE INDEX referrers ON manifests (repository, subject, digest) WHERE subject IS NOT NULL;
  CREATE TABLE tags (
    repository INTEGER NOT NULL, tag TEXT NOT NULL, digest TEXT NOT NULL, pushed_at TEXT NOT NULL,
    PRIMARY KEY (repository, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tags_by_digest ON tags (repository, digest);
`;

/**
 * What the registry knows, in one SQLite file: repositories, who holds which blob, manifests, tags. Blobs' bytes are
 * files next to it (blob-store.ts).
 *
 * A write is on the operating system's side when the call returns, so kill -9 at any moment loses nothing that was
 * acknowledged, and a transaction is there as a whole or not at all. It is not flushed to the disk each time (that
 * is what NORMAL means with a write-ahead log): a power cut may take back the last moments, as a whole again.
 *
 * Calls are synchronous, a few microseconds each. So what stands between two awaits is atomic for everybody else.
 */
export class Catalogue {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Throws SQLite's own error with `errcode` 5 (busy) where another process, or this one, has it open. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: 0 });
    try {
      // The lock is taken at the first write and kept until the process ends, however it ends.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
      this.#database.exec('COMMIT; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216');
      this.#migrate(file);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** The first row, or undefined. `sql` is a constant of the code: statements are kept, one for each text. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#attempt(() => this.#prepared(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#attempt(() => this.#prepared(sql).all(...values) as Row[]);
  }

  /** How many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#attempt(() => Number(this.#prepared(sql).run(...values).changes));
  }

  /** Everything that `work` writes, or nothing if it throws. `work` must not await. */
  together<T>(work: () => T): T {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // SQLite ends a transaction itself where the disk is full.
      if (this.#database.isTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  /** The number a repository has in the tables, given out on its first use. */
  repository(name: string): number {
    const known = this.get<{ id: number }>('SELECT id FROM repositories WHERE name = ?', name);
    if (known !== undefined) return known.id;
    return this.get<{ id: number }>('INSERT INTO repositories (name) VALUES (?) RETURNING id', name)!.id;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #migrate(file: string): void {
    const { user_version: format } = this.#database.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (format > FORMAT) {
      const reason = 'a newer archweave wrote it';
      throw new ArchweaveError({ code: 'malformed', attempt: `use ${file}`, reason });
    }
    if (format === 0) {
      this.together(() => this.#database.exec(`${SCHEMA}; PRAGMA user_version = ${FORMAT}`));
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw diskError(error, "use the registry's storage");
    }
  }
}
