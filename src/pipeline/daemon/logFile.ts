import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Tell } from '../service/account.ts';

const LEVELS = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LogConfig {
  /** Absolute; undefined: standard error, for whoever keeps that. */
  readonly file: string | undefined;
  /** The least that is written down. */
  readonly level: LogLevel;
  /** Bytes of a file before the next one is begun. */
  readonly maxBytes: number;
  /** Old files that are kept: `<file>.1` is the youngest. */
  readonly keep: number;
}

export interface Log {
  readonly tell: Tell;
  close(): void;
}

/** Longest text of one fact, characters: stacks are cut, nothing else comes near. */
const LONGEST = 4000;

/**
 * One JSON object a line: `time`, `level`, `event`, and the facts of the event. Lines below a warning are written together at
 * the end of a turn of the event loop. Throws where the file cannot be opened.
 */
export function openLog(
  { file, level, maxBytes, keep }: LogConfig,
  now: () => number,
  fallback: (line: string) => void,
): Log {
  const least = LEVELS.indexOf(level);
  const sink = file === undefined ? undefined : new RotatingFile(file, maxBytes, keep);
  let failing = false;
  let lines: string[] = [];
  const write = (): void => {
    const written = lines;
    lines = [];
    if (written.length === 0) return;
    if (sink === undefined) return fallback(written.join(''));
    try {
      sink.write(written);
      failing = false;
    } catch (error) {
      // A full disk must not end the service; it is said once where somebody may look.
      if (!failing) fallback(`Could not write the log ${file}: ${String(error)}\n`);
      failing = true;
      fallback(written.join(''));
    }
  };
  return {
    tell(eventLevel, event, facts) {
      if (LEVELS.indexOf(eventLevel) < least) return;
      const time = new Date(now()).toISOString();
      lines.push(`${JSON.stringify({ time, level: eventLevel, event, ...shortened(facts) })}\n`);
      if (eventLevel === 'warning' || eventLevel === 'error') write();
      else if (lines.length === 1) setImmediate(write);
    },
    close() {
      write();
      sink?.close();
    },
  };
}

function shortened(facts: Parameters<Tell>[2] = {}): NonNullable<Parameters<Tell>[2]> {
  const isLong = (value: unknown): value is string => typeof value === 'string' && value.length > LONGEST;
  if (!Object.values(facts).some(isLong)) return facts;
  const entries = Object.entries(facts);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isLong(value) ? `${value.slice(0, LONGEST)}…` : value]),
  );
}

/** Whole lines are written at once, so that none is torn by a file that ends. */
class RotatingFile {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #file: number;
  #size: number;

  constructor(path: string, maxBytes: number, keep: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    this.#file = openSync(path, 'a', 0o640);
    this.#size = fstatSync(this.#file).size;
  }

  write(lines: readonly string[]): void {
    if (this.#wasMoved()) this.#reopen();
    let together: string[] = [];
    let size = 0;
    const flush = (): void => {
      writeSync(this.#file, together.join(''));
      this.#size += size;
      together = [];
      size = 0;
    };
    for (const line of lines) {
      const length = Buffer.byteLength(line);
      const before = this.#size + size;
      if (before > 0 && before + length > this.#maxBytes) {
        if (together.length > 0) flush();
        this.#rotate();
      }
      together.push(line);
      size += length;
    }
    flush();
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    rmSync(`${this.#path}.${this.#keep}`, { force: true });
    for (let number = this.#keep - 1; number >= 0; number -= 1) {
      const from = number === 0 ? this.#path : `${this.#path}.${number}`;
      if (this.#keep > 0 && exists(from)) renameSync(from, `${this.#path}.${number + 1}`);
    }
    if (this.#keep === 0) rmSync(this.#path, { force: true });
    this.#reopen();
  }

  /** Somebody else may rotate as well. */
  #wasMoved(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino !== fstatSync(this.#file).ino;
  }

  #reopen(): void {
    const file = openSync(this.#path, 'a', 0o640);
    closeSync(this.#file);
    this.#file = file;
    this.#size = fstatSync(file).size;
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
