import { stripVTControlCharacters } from 'node:util';
import vm from 'node:vm';
import type { LogFile, LogSource } from '../../watch/index.ts';
import type { LineHit, SearchQuery } from './messages.ts';

const BLOCK = 1024 * 1024;
const NEWLINE = 10;
const MOST_HITS = 20_000;
/** Only the head of a longer line is looked at. */
const LONGEST_LINE = 64 * 1024;
/** A search that needs longer for one block of a log than this, milliseconds, would hold up everything else. */
const BLOCK_TIME = 1000;

export interface SearchProgress {
  readonly hits: readonly LineHit[];
  readonly scanned: number;
  readonly size: number;
  readonly done: boolean;
  readonly more: boolean;
  readonly problem: string | null;
}

/** Indices of the lines that match. */
type Matcher = (lines: readonly string[]) => readonly number[];

/**
 * Goes through a whole log, a block at a time, and tells of the lines that match. Rejects as a read does, or with the
 * signal's reason. A search expression that is wrong or too slow ends it with a `problem`.
 */
export async function searchLog(
  source: LogSource,
  file: LogFile,
  query: SearchQuery,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: SearchProgress) => void },
): Promise<void> {
  const matcher = compile(query);
  if (typeof matcher === 'string') {
    options.onProgress({ hits: [], scanned: 0, size: 0, done: true, more: false, problem: matcher });
    return;
  }
  let open: Uint8Array = new Uint8Array();
  let line = 0;
  let count = 0;
  let from = 0;
  for (;;) {
    const piece = await source.read(file, from, BLOCK, { signal: options.signal });
    options.signal.throwIfAborted();
    from += piece.bytes.length;
    const last = piece.bytes.length === 0 || from >= piece.size;
    const block = Buffer.concat([open, piece.bytes]);
    const end = last ? block.length : block.lastIndexOf(NEWLINE) + 1;
    const found = scan(block.subarray(0, end), from - block.length, line, matcher);
    if (typeof found === 'string') {
      options.onProgress({
        hits: [],
        scanned: from,
        size: piece.size,
        done: true,
        more: false,
        problem: found,
      });
      return;
    }
    open = keepOpen(block.subarray(end));
    line += found.lines;
    const hits = found.hits.slice(0, MOST_HITS - count);
    count += hits.length;
    const more = count >= MOST_HITS;
    options.onProgress({ hits, scanned: from, size: piece.size, done: last || more, more, problem: null });
    if (last || more) return;
  }
}

/** The end of a line without end is not worth its memory. */
function keepOpen(bytes: Buffer): Uint8Array {
  return bytes.length > BLOCK ? bytes.subarray(bytes.length - BLOCK) : bytes;
}

function scan(
  block: Buffer,
  from: number,
  firstLine: number,
  matcher: Matcher,
): { readonly hits: readonly LineHit[]; readonly lines: number } | string {
  const lines: string[] = [];
  const offsets: number[] = [];
  let start = 0;
  while (start < block.length) {
    const newline = block.indexOf(NEWLINE, start);
    const end = newline < 0 ? block.length : newline;
    offsets.push(from + start);
    lines.push(shown(block.toString('utf8', start, Math.min(end, start + LONGEST_LINE))));
    start = end + 1;
  }
  try {
    const found = matcher(lines);
    return {
      hits: found.map((index) => ({ offset: offsets[index] ?? from, line: firstLine + index })),
      lines: lines.length,
    };
  } catch {
    return 'This expression takes too long';
  }
}

/** A line as the page shows it: without colours, and after a carriage return only what was written over it. */
function shown(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  const text = line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
  return text.includes('\u001b') ? stripVTControlCharacters(text) : text;
}

/** A way to find matching lines, or what is wrong with the expression. */
function compile(query: SearchQuery): Matcher | string {
  if (!query.regex) {
    const wanted = query.matchCase ? query.pattern : query.pattern.toLowerCase();
    const fold = (line: string): string => (query.matchCase ? line : line.toLowerCase());
    return (lines) => lines.flatMap((line, index) => (fold(line).includes(wanted) ? [index] : []));
  }
  try {
    const expression = new RegExp(query.pattern, query.matchCase ? 'u' : 'iu');
    return matchInTime(expression);
  } catch (error) {
    return error instanceof SyntaxError ? shortReason(error.message) : 'This is no regular expression';
  }
}

/** Some expressions never end on some lines; only a machine of its own can be stopped in the middle of one. */
function matchInTime(expression: RegExp): Matcher {
  const script = new vm.Script(
    'for (let i = 0; i < lines.length; i += 1) { if (expression.test(lines[i])) found.push(i); }',
  );
  return (lines) => {
    const found: number[] = [];
    script.runInNewContext({ lines, expression, found }, { timeout: BLOCK_TIME });
    return found;
  };
}

function shortReason(message: string): string {
  const reason = /: ([^:]+)$/.exec(message)?.[1];
  return reason === undefined
    ? 'This is no regular expression'
    : `Not a regular expression: ${reason.toLowerCase()}`;
}
