import { closeSync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import type { JournalDatabase, ServiceJournal } from './journal.ts';

interface Waiting {
  /** Writes, and says how to tell that it is on the disk. */
  readonly write: () => Told;
  readonly reject: (error: unknown) => void;
}

interface Told {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  readonly together: ServiceJournal['together'];
  readonly close: () => void;
}

/**
 * Gathers what is to be written in one turn of the event loop into one transaction. The disk is waited for beside the
 * event loop: SQLite leaves a transaction in the file `-wal` without that, and it is flushed here.
 */
export function createGroupCommit(database: JournalDatabase, file: string): GroupCommit {
  const flush = createFlush(`${file}-wal`);
  let waiting: Waiting[] = [];
  const commit = (): void => {
    const group = waiting;
    waiting = [];
    try {
      database.exec('PRAGMA synchronous = NORMAL');
      try {
        flush.after(writeAll(group, database));
      } finally {
        database.exec('PRAGMA synchronous = FULL');
      }
    } catch (error) {
      // The journal was closed meanwhile.
      for (const one of group) one.reject(error);
    }
  };
  return {
    together: (work) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(commit);
        const write = (): Told => {
          const result = work();
          return { resolve: () => resolve(result), reject };
        };
        waiting.push({ write, reject });
      }),
    close: flush.close,
  };
}

function writeAll(group: readonly Waiting[], database: JournalDatabase): readonly Told[] {
  try {
    return database.transaction(() => group.map((one) => one.write()));
  } catch {
    // One that fails is no reason for the others to fail.
    return group.flatMap((one) => {
      try {
        return database.transaction(() => one.write());
      } catch (error) {
        one.reject(error);
        return [];
      }
    });
  }
}

const flushFile = promisify(fsync);

/** Flushes a file, once for all that is asked while it is being flushed. */
function createFlush(file: string): {
  readonly after: (told: readonly Told[]) => void;
  readonly close: () => void;
} {
  let handle: number | undefined;
  let told: Told[] = [];
  let flushing = false;
  const run = async (): Promise<void> => {
    flushing = true;
    while (told.length > 0) {
      const these = told;
      told = [];
      try {
        handle ??= openSync(file, 'r+');
        await flushFile(handle);
        for (const one of these) one.resolve();
      } catch (error) {
        for (const one of these) one.reject(error);
      }
    }
    flushing = false;
  };
  return {
    after(more) {
      told.push(...more);
      if (!flushing) void run();
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}
