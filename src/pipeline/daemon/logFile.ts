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

/** One JSON object a line: `time`, `level`, `event`, and the facts of the event. Throws where the file cannot be opened. */
export function openLog(
  { file, level, maxBytes, keep }: LogConfig,
  now: () => number,
  fallback: (line: string) => void,
): Log {
  const least = LEVELS.indexOf(level);
  const sink = file === undefined ? undefined : new RotatingFile(file, maxBytes, keep);
  let failing = false;
  return {
    tell(eventLevel, event, facts) {
      if (LEVELS.indexOf(eventLevel) < least) return;
      const time = new Date(now()).toISOString();
      const line = `${JSON.stringify({ time, level: eventLevel, event, ...facts }, shortened)}\n`;
      if (sink === undefined) return fallback(line);
      try {
        sink.write(line);
        failing = false;
      } catch (error) {
        // A full disk must not end the service; it is said once where somebody may look.
        if (!failing) fallback(`Could not write the log ${file}: ${String(error)}\n`);
        failing = true;
        fallback(line);
      }
    },
    close: () => sink?.close(),
  };
}

function shortened(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
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

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#size > 0 && this.#size + bytes.length > this.#maxBytes) this.#rotate();
    else if (this.#wasMoved()) this.#reopen();
    writeSync(this.#file, bytes);
    this.#size += bytes.length;
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
