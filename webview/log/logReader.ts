import type { LogName, LogState, Place } from '../../src/editor/panel/messages.ts';
import type { Piece } from '../host.ts';
import { LogWindow } from './logWindow.ts';

/** One reading. Small enough to be shown at once, large enough that a scroll does not wait often. */
const READ_BYTES = 512 * 1024;

/** Growth beyond this is not read through while following. */
const CHASED_BYTES = 4 * READ_BYTES;

/** What the page holds at most; the rest of a log stays where it is. */
const WINDOW_LIMITS = { bytes: 32 * 1024 * 1024, lines: 400_000 };

/** Tells the list what happened to its rows. */
export type LogChange =
  | { readonly kind: 'state' }
  /** Rows were added (or, below zero, dropped) above what was in view. */
  | { readonly kind: 'rows'; readonly above: number }
  /** Show the line at this byte of the file (`top`: as the first in view), or the end; rows may be new. */
  | { readonly kind: 'moved'; readonly to: number; readonly top: boolean }
  | { readonly kind: 'moved'; readonly to: 'end' };

type Read = (file: LogName, from: number, length: number) => Promise<Piece>;

/** Keeps a window on one log file and moves it: to the end, to a line, further up, further down. */
export class LogReader {
  readonly window: LogWindow;
  #file: LogName = 'payload.stdout';
  #state: LogState = { kind: 'loading' };
  #size = 0;
  /** Rises whenever the window is put elsewhere: an answer asked for earlier is then no longer wanted. */
  #turn = 0;
  #reading = false;
  #loaded = false;
  #startAt: Place | null = null;
  #problem: string | null = null;
  readonly #read: Read;
  readonly #changed: (change: LogChange) => void;

  constructor(read: Read, columns: number, changed: (change: LogChange) => void) {
    this.#read = read;
    this.#changed = changed;
    this.window = new LogWindow(columns, WINDOW_LIMITS);
  }

  get file(): LogName {
    return this.#file;
  }

  get state(): LogState {
    return this.#state;
  }

  /** Bytes of the file, as far as known. */
  get size(): number {
    return this.#size;
  }

  get reading(): boolean {
    return this.#reading;
  }

  /** Why the last reading failed; null when it did not. */
  get problem(): string | null {
    return this.#problem;
  }

  /** True once something of the file is there, or is known to be empty. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** True when the window holds the end of the file. */
  get holdsEnd(): boolean {
    return this.window.to >= this.#size;
  }

  /** Turns to a file; `startAt` is the line to show first, null for the end. */
  open(file: LogName, startAt: Place | null): void {
    this.#file = file;
    this.#startAt = startAt;
    this.#state = { kind: 'loading' };
    this.#size = 0;
    this.#forget();
    this.#changed({ kind: 'moved', to: 'end' });
  }

  /** How the file stands now. Where it grew and `chase` says so, what is new is loaded. */
  setState(state: LogState, chase: boolean): void {
    this.#state = state;
    if (state.kind === 'ready') {
      const shrunk = state.size < this.window.to;
      this.#size = state.size;
      if (shrunk) this.#forget();
      if (!this.#loaded && !this.#reading) void this.#first();
      else if (chase) void this.#chase();
    }
    this.#changed({ kind: 'state' });
  }

  /** Loads what comes before the window. */
  async earlier(): Promise<void> {
    if (this.window.from === 0 || this.#reading) return;
    const from = Math.max(0, this.window.from - READ_BYTES);
    await this.#load(from, this.window.from - from, (piece) => {
      this.#changed({ kind: 'rows', above: this.window.prepend(piece.from, piece.bytes) });
    });
  }

  /** Loads what comes after the window. */
  async later(): Promise<void> {
    if (this.holdsEnd || this.#reading) return;
    await this.#load(this.window.to, READ_BYTES, (piece) => {
      this.#changed({ kind: 'rows', above: -this.window.append(piece.bytes) });
    });
  }

  /** Loads up to the end, as long as that is near; a log that runs away is met at its end. */
  async #chase(): Promise<void> {
    if (this.#reading) return;
    if (this.#size - this.window.to > CHASED_BYTES) {
      await this.#jump(null);
      return;
    }
    let before = -1;
    while (!this.holdsEnd && this.window.to > before && this.#problem === null) {
      before = this.window.to;
      await this.later();
    }
  }

  async goToStart(): Promise<void> {
    await this.goTo({ offset: 0, line: 0 });
  }

  async goToEnd(): Promise<void> {
    if (this.holdsEnd) {
      this.#changed({ kind: 'moved', to: 'end' });
      return;
    }
    await this.#jump(null);
  }

  /** Shows the line at a byte; its number in the file, where known, gives all others theirs. */
  async goTo(place: Place): Promise<void> {
    const line = this.window.lineAt(place.offset);
    if (line === undefined) {
      await this.#jump(place);
    } else {
      this.#number(place);
      this.#changed({ kind: 'moved', to: place.offset, top: false });
    }
  }

  /** A line whose number in the file is known gives all lines of the window theirs. */
  #number(place: Place): void {
    const line = this.window.lineAt(place.offset);
    if (line !== undefined && place.line !== null) this.window.firstLine = place.line - line;
  }

  #forget(): void {
    this.#turn += 1;
    this.#reading = false;
    this.#loaded = false;
    this.#problem = null;
    this.window.reset(0, 0);
  }

  async #first(): Promise<void> {
    const at = this.#startAt;
    this.#startAt = null;
    if (at !== null && at.offset < this.#size) await this.#jump(at, true);
    else await this.#jump(null);
  }

  /** Puts the window elsewhere: around a line, or to the end. */
  async #jump(place: Place | null, top = false): Promise<void> {
    this.#turn += 1;
    this.#reading = false;
    const from = place === null ? this.#size - READ_BYTES : place.offset - READ_BYTES / 4;
    await this.#load(Math.max(0, from), READ_BYTES, (piece) => {
      const newline = piece.from === 0 ? -1 : piece.bytes.indexOf(10);
      const start = piece.from + newline + 1;
      this.window.reset(start, start === 0 ? 0 : null);
      this.window.append(piece.bytes.subarray(newline + 1));
      this.#loaded = true;
      if (place === null) {
        this.#changed({ kind: 'moved', to: 'end' });
      } else {
        this.#number(place);
        this.#changed({ kind: 'moved', to: place.offset, top });
      }
    });
  }

  async #load(from: number, length: number, take: (piece: Piece) => void): Promise<void> {
    const turn = this.#turn;
    this.#reading = true;
    this.#problem = null;
    this.#changed({ kind: 'state' });
    try {
      const piece = await this.#read(this.#file, from, length);
      if (turn !== this.#turn) return;
      this.#size = Math.max(piece.size, piece.from + piece.bytes.length);
      this.#reading = false;
      take(piece);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#reading = false;
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#changed({ kind: 'state' });
    }
  }
}
