import type { LogFile, LogPiece, LogSource } from '../../watch/index.ts';

const MOST_PIECES = 8;
const LONGEST_PIECE = 512 * 1024;

/** Two ends of one log source: what is read through `noted` is remembered for a while, and `served` without reading again. */
export interface RecentPieces {
  readonly noted: LogSource;
  readonly served: LogSource;
  /** All but the last piece may be of another file: one that was replaced. */
  keepLast(): void;
}

/** `onRead` is told when a read through `noted` came to its end, well or not. */
export function recentPieces(source: LogSource, onRead: () => void): RecentPieces {
  let kept: { readonly file: LogFile; readonly piece: LogPiece }[] = [];
  return {
    noted: {
      async read(file, from, length, options) {
        const piece = await source.read(file, from, length, options).finally(onRead);
        if (piece.bytes.length > 0 && piece.bytes.length <= LONGEST_PIECE) {
          kept = [{ file, piece }, ...kept].slice(0, MOST_PIECES);
        }
        return piece;
      },
    },
    served: {
      async read(file, from, length, options) {
        const found = kept.find((entry) => entry.file === file && covers(entry.piece, from, length));
        if (found === undefined) return source.read(file, from, length, options);
        const start = from - found.piece.from;
        return { from, bytes: found.piece.bytes.subarray(start, start + length), size: found.piece.size };
      },
    },
    keepLast() {
      kept = kept.slice(0, 1);
    },
  };
}

/** A piece that reached the end of the file also covers what is asked for beyond it. */
function covers(piece: LogPiece, from: number, length: number): boolean {
  const to = piece.from + piece.bytes.length;
  return from >= piece.from && from < to && (from + length <= to || to === piece.size);
}
