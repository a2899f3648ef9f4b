import { rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { SubmitOutcome } from '../../panda/index.ts';
import { formatLine } from './lines.ts';
import type { JournalLine } from './lines.ts';

/** Writes to the journal of one submission that this process owns. Each call resolves when its line is on disk. */
export interface SubmissionWriter {
  /** `at`: epoch milliseconds. */
  sending(numbers: readonly number[], at: number): Promise<void>;
  outcomes(outcomes: readonly SubmitOutcome[]): Promise<void>;
  forgotten(jobNames: readonly string[]): Promise<void>;
  /** The manifests are signed anew, good until `expiresAt` (epoch milliseconds). */
  signed(at: number, expiresAt: number): Promise<void>;
  /** Gives the submission up, `settled` when nothing is left to find out, and closes the file. Never rejects. */
  release(settled: boolean): Promise<void>;
  /** Takes the submission out of the journal: nothing was sent, and nobody is to be asked about it. Never rejects. */
  discard(): Promise<void>;
}

/** Appends lines one after the other; after a line that failed half way the next one begins afresh. */
export function createLineAppender(handle: FileHandle, startsTorn: boolean) {
  let torn = startsTorn;
  let queue: Promise<void> = Promise.resolve();

  const write = async (lines: readonly JournalLine[], sync: boolean): Promise<void> => {
    const text = lines.map(formatLine).join('');
    const start = torn ? '\n' : '';
    torn = true;
    await handle.appendFile(start + text);
    if (sync) await handle.sync();
    torn = false;
  };
  return {
    /** `sync`: resolves when they are on disk, not only with the system. */
    append(lines: readonly JournalLine[], sync = true): Promise<void> {
      const written = queue.then(() => write(lines, sync));
      // Its caller hears of a failure; the next line must not.
      queue = written.catch(() => undefined);
      return written;
    },
    async close(): Promise<void> {
      await queue;
      await handle.close();
    },
  };
}

export type LineAppender = ReturnType<typeof createLineAppender>;

export function createWriter(appender: LineAppender, file: string, token: string): SubmissionWriter {
  let open = true;
  const close = async (): Promise<void> => {
    try {
      await appender.close();
    } catch {
      // Everything that was acknowledged is on disk already.
    }
  };
  return {
    sending: (numbers, at) => appender.append([{ type: 'sending', numbers, at }]),
    outcomes: (outcomes) => appender.append([{ type: 'outcomes', outcomes }]),
    forgotten: (jobNames) => appender.append([{ type: 'forgotten', jobNames }]),
    signed: (at, expiresAt) => appender.append([{ type: 'signed', at, expiresAt }]),
    async release(settled) {
      if (!open) return;
      open = false;
      // Without this line the submission counts as interrupted once this process ends, and is looked at again: it is worth
      // no wait for the disk.
      try {
        await appender.append([{ type: 'released', token, settled }], false);
      } catch {
        // Nothing is lost by it.
      }
      await close();
    },
    async discard() {
      if (!open) return;
      open = false;
      await close();
      // What stays is a submission of which nothing was sent, and it will be read as that.
      await rm(file, { force: true }).catch(() => undefined);
    },
  };
}
