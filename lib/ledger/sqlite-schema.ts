import type { DatabaseSync } from 'node:sqlite';
import { ArchweaveError } from '../errors.ts';

/**
 * One step a version of the schema; `user_version` counts those that were taken. A step that was released is never
 * changed, a new one is added.
 *
 * `due_ms` is computed when a standing is stored, so that asking what is due reads an index and nothing else.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE published (
    registry TEXT NOT NULL, repository TEXT NOT NULL, tag TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (registry, repository, tag)
  ) WITHOUT ROWID;
  CREATE TABLE standing (
    registry TEXT NOT NULL, repository TEXT NOT NULL, tag TEXT NOT NULL,
    due_ms INTEGER,
    document TEXT NOT NULL,
    PRIMARY KEY (registry, repository, tag)
  ) WITHOUT ROWID;
  CREATE INDEX standing_due ON standing (due_ms) WHERE due_ms IS NOT NULL;
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    registry TEXT NOT NULL, repository TEXT NOT NULL, tag TEXT NOT NULL,
    document TEXT NOT NULL
  );
  CREATE INDEX history_of_target ON history (registry, repository, tag, id);
  `,
];

/** Brings the schema up to date. A file of a newer archweave is refused, because its meaning is not known here. */
export function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version > STEPS.length) {
    throw new ArchweaveError({
      code: 'malformed',
      attempt: `open the ledger ${path}`,
      reason: `it was written by a newer archweave (schema ${version}, this one knows ${STEPS.length})`,
      next: 'use that version again, or move the file away: history and the memory of removals are lost with it',
    });
  }
  for (let step = version; step < STEPS.length; step += 1) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have taken this step while we waited for the lock.
      if (Number(database.prepare('PRAGMA user_version').get()?.user_version) === step) {
        database.exec(STEPS[step]!);
        database.exec(`PRAGMA user_version = ${step + 1}`);
      }
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
