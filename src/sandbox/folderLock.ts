import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Held until disposed, or until the process ends in whatever way. */
export interface FolderLock {
  dispose(): void;
}

/**
 * Takes the lock kept in `file`, or returns undefined when another process holds it. The lock is SQLite's own on an
 * otherwise empty database: the kernel frees it with the process, so neither kill -9 nor a reused pid leaves it behind.
 */
export function takeLock(file: string): FolderLock | undefined {
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    dispose: () => {
      if (database.isOpen) database.close();
    },
  };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
