import { formatSize, type LogFile, type LogSource } from '../../watch/index.ts';

/** A document is kept whole in memory, so of a larger log only the end is shown. */
const MOST_SHOWN = 8_000_000;
/** Bytes asked for at a time. */
const PIECE = 1_000_000;

export interface LogText {
  readonly text: string;
  /** Size of the log in bytes. */
  readonly size: number;
}

/** The end of a log as text, with a first line that says what was left out. Rejects as the source does. */
export async function readLogText(
  source: LogSource,
  file: LogFile,
  options: { readonly signal?: AbortSignal; readonly most?: number } = {},
): Promise<LogText> {
  const { most = MOST_SHOWN, ...call } = options;
  const { size } = await source.read(file, 0, 1, call);
  const start = Math.max(0, size - most);
  const pieces: Uint8Array[] = [];
  let at = start;
  while (at < size) {
    const { bytes } = await source.read(file, at, Math.min(PIECE, size - at), call);
    if (bytes.length === 0) break; // It was cut while it was read.
    pieces.push(bytes);
    at += bytes.length;
  }
  const text = new TextDecoder().decode(Buffer.concat(pieces));
  if (start === 0) return { text, size };
  const line = text.indexOf('\n') + 1;
  const note = `… the first ${formatSize(start)} of ${formatSize(size)} are left out; the panel shows all.`;
  return { text: `${note}\n${text.slice(line)}`, size };
}
