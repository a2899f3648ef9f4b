import { isAbort, PandaError } from '../../panda/index.ts';
import { attemptOfRun, createLiveLog, outputKey, StagingError } from '../../staging/index.ts';
import type { AttemptName, LiveLog, StagingOptions } from '../../staging/index.ts';
import type { LogFile, LogSource } from '../api.ts';
import { asNotFound } from '../files/stagedJob.ts';
import type { StagedJob } from '../files/stagedJob.ts';

/** Streams of a payload by the names of their logs. */
const STREAMS: Readonly<Partial<Record<LogFile, string>>> = {
  'payload.stdout': 'stdout',
  'payload.stderr': 'stderr',
};

/**
 * What a payload printed, from where its job is staged: the whole once the job has left it, before that the pieces it
 * sends while it runs. Both are the same bytes, so that a reader goes on from one to the other.
 */
export function stagedLog({ store, attempt: job, pandaId }: StagedJob): LogSource {
  const live = new Map<LogFile, LiveLog>();
  // Which one it is may change until the job has begun, and is known for certain once there is something to read.
  let known: AttemptName | undefined;
  const attemptNow = async (options: StagingOptions): Promise<AttemptName> =>
    known ?? (await attemptOfRun(store, job, pandaId, options));
  return {
    async read(file, from, length, options = {}) {
      const attempt = await attemptNow(options).catch((error: unknown) => {
        throw asNotFound(error);
      });
      try {
        const piece = { from, ...(await store.readRange(outputKey(attempt, file), from, length, options)) };
        known = attempt;
        return piece;
      } catch (error) {
        const stream = STREAMS[file];
        if (!(error instanceof StagingError) || error.kind !== 'notFound' || stream === undefined) {
          throw asNotFound(error);
        }
        const pieces = live.get(file) ?? createLiveLog(store, attempt, stream);
        live.set(file, pieces);
        return await pieces.read(from, length, options).catch((reason: unknown) => {
          throw asNotFound(reason);
        });
      }
    },
  };
}

/**
 * A log that may be in two places, which need not hold the same bytes: each file is read from where it was found first,
 * as long as it is there.
 */
export function firstFound(sources: readonly LogSource[]): LogSource {
  const found = new Map<LogFile, LogSource>();
  const tryAll: LogSource['read'] = async (file, ...rest) => {
    let first: unknown;
    for (const source of sources) {
      try {
        const piece = await source.read(file, ...rest);
        found.set(file, source);
        return piece;
      } catch (error) {
        if (isAbort(error)) throw error;
        first ??= error;
        // Of places that fail the first tells why, unless that is only that it has nothing.
        if (isMissing(first) && !isMissing(error)) first = error;
      }
    }
    throw first;
  };
  return {
    async read(file, ...rest) {
      const source = found.get(file);
      if (source === undefined) return tryAll(file, ...rest);
      try {
        return await source.read(file, ...rest);
      } catch (error) {
        if (isMissing(error)) found.delete(file);
        throw error;
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof PandaError && error.kind === 'notFound';
}
