import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Opens a file for this process alone, with what `prepare` does to it; undefined where another process has it for longer
 * than `patience` (ms, in which this one stands still). The system gives it free with the process that has it, however that
 * ends. Throws the system's error where it cannot be opened, and what `prepare` throws.
 */
export function openAlone(
  file: string,
  patience: number,
  prepare: (database: DatabaseSync) => void,
): DatabaseSync | undefined {
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = ${patience}`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
