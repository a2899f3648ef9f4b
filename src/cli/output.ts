import type { CliIo } from './io.ts';
import { styleFor } from './render/style.ts';
import type { Style } from './render/style.ts';
import { cut } from './render/width.ts';

/** What a command prints: results on stdout, remarks and progress on stderr. */
export interface Output {
  readonly style: Style;
  /** Results are JSON. */
  readonly json: boolean;
  readonly isTTY: boolean;
  /** Width for tables; undefined where lines may be as long as they are. */
  readonly width: number | undefined;
  /** Lines of the terminal; undefined where it is none. */
  readonly height: number | undefined;
  /** One line of the result for people; nothing with `--json`. */
  readonly line: (text?: string) => void;
  /** A piece of the result as it is, without a newline. */
  readonly raw: (text: string) => void;
  /** The result for programs, with `--json`. */
  readonly result: (value: unknown) => void;
  /** One event of a stream of JSON lines, with `--json`. */
  readonly event: (value: unknown) => void;
  /** A remark on stderr, never part of the result; nothing with `--json`. */
  readonly note: (text: string) => void;
  /** What is under way, on one line of a terminal that the next text replaces. */
  readonly progress: (text: string) => void;
  readonly flush: () => Promise<void>;
}

const ERASE_LINE = '\r\u001b[K';

export function createOutput(io: Pick<CliIo, 'stdout' | 'stderr' | 'env'>, json: boolean): Output {
  const { stdout, stderr } = io;
  let progressShown = false;
  const clear = (): void => {
    if (!progressShown) return;
    stderr.write(ERASE_LINE);
    progressShown = false;
  };
  const print = (text: string): void => {
    clear();
    stdout.write(text);
  };
  return {
    style: styleFor(stdout.isTTY, io.env),
    json,
    isTTY: stdout.isTTY,
    width: stdout.isTTY ? stdout.columns : undefined,
    height: stdout.isTTY ? stdout.rows : undefined,
    line: (text = '') => {
      if (!json) print(`${text}\n`);
    },
    raw: print,
    result: (value) => {
      if (json) print(`${JSON.stringify(value, null, 2)}\n`);
    },
    event: (value) => {
      if (json) print(`${JSON.stringify(value)}\n`);
    },
    note: (text) => {
      if (json) return;
      clear();
      stderr.write(`${text}\n`);
    },
    progress: (text) => {
      if (json || !stderr.isTTY) return;
      clear();
      if (text === '') return;
      stderr.write(cut(text, (stderr.columns ?? 80) - 1));
      progressShown = true;
    },
    flush: () => stdout.flush(),
  };
}
