import type { StagingOptions, StagingStore } from './api.ts';
import { StagingError } from './errors.ts';
import { liveLogKey, liveLogPrefix } from './keys.ts';
import type { AttemptName } from './keys.ts';
import { pieceTimes } from './manifest.ts';
import type { ManifestPiece } from './manifest.ts';

/** The pieces that a running job may put, for its manifest: `count` for each stream, over the whole of its wall time. */
export function livePieces(
  attempt: AttemptName,
  streams: readonly string[],
  wallSeconds: number,
  count: number,
): readonly ManifestPiece[] {
  const times = pieceTimes(wallSeconds, count);
  return streams.flatMap((stream) =>
    times.map((after, number) => ({ stream, number, after, key: liveLogKey(attempt, stream, number) })),
  );
}

/** One stream of a running job, read by ranges as if it were one file. */
export interface LiveLog {
  /**
   * Bytes from `from` on, at most `length`, none beyond the end; `size` is the length so far. Rejects with `notFound`
   * while there is no piece.
   */
  read(
    from: number,
    length: number,
    options?: StagingOptions,
  ): Promise<{ readonly from: number; readonly bytes: Uint8Array; readonly size: number }>;
}

interface Piece {
  readonly key: string;
  /** Of its first byte in the stream. */
  readonly offset: number;
  readonly size: number;
}

/**
 * The pieces `live/<stream>.<n>` of an attempt in order, joined. What comes after a missing piece is not shown until that
 * has come: pieces never change once they are there, so that what was read stays true.
 */
export function createLiveLog(store: StagingStore, attempt: AttemptName, stream: string): LiveLog {
  const prefix = liveLogPrefix(attempt, stream);
  const pieces: Piece[] = [];
  const end = (): number => {
    const last = pieces.at(-1);
    return last === undefined ? 0 : last.offset + last.size;
  };
  const look = async (options: StagingOptions): Promise<void> => {
    const sizes = new Map<number, number>();
    for await (const { key, size } of store.list(prefix, options)) {
      const number = key.slice(prefix.length);
      if (/^\d{1,9}$/.test(number)) sizes.set(Number(number), size);
    }
    for (let size = sizes.get(pieces.length); size !== undefined; size = sizes.get(pieces.length)) {
      pieces.push({ key: prefix + String(pieces.length), offset: end(), size });
    }
  };
  return {
    async read(from, length, options = {}) {
      if (from + length > end()) await look(options);
      if (pieces.length === 0) throw nothingYet(stream);
      const taken: Uint8Array[] = [];
      for (const { key, offset, size } of pieces) {
        const begin = Math.max(from, offset);
        const wanted = Math.min(from + length, offset + size) - begin;
        if (wanted <= 0) continue;
        const { bytes } = await store.readRange(key, begin - offset, wanted, options);
        taken.push(bytes);
        if (bytes.length < wanted) break;
      }
      return { from, bytes: new Uint8Array(Buffer.concat(taken)), size: end() };
    },
  };
}

function nothingYet(stream: string): StagingError {
  return new StagingError({
    kind: 'notFound',
    tried: `read ${stream} of a running job`,
    cameBack: 'it has sent nothing yet',
    advice: 'Look again when it has run a little',
  });
}
