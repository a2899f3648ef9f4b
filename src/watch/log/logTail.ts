import { isAbort, PandaError } from '../../panda/index.ts';
import type {
  Attention,
  Clock,
  Disposable,
  LogChange,
  LogFile,
  LogHit,
  LogPiece,
  LogSource,
  LogTail,
  LogTailStatus,
  LogWindow,
} from '../api.ts';
import { createDisposables } from '../disposable.ts';
import { createEmitter } from '../emitter.ts';
import { LineNumbers } from './lineNumbers.ts';
import { firstLineStart, headOf, LineWindow, tailOf } from './lines.ts';
import { GrowthRate, tailWait } from './pace.ts';
import { ERROR_LINE, findLine } from './scan.ts';

export interface LogTailOptions {
  readonly clock: Clock;
  /** `[0, 1)`, for jitter. */
  readonly random: () => number;
  /** Lines and bytes kept at most; 20,000 and 8 MB unless told. */
  readonly maxLines?: number;
  readonly maxBytes?: number;
}

interface SignalOption {
  readonly signal?: AbortSignal;
}

/** The first look tells the size, and is all there is of a small file. */
const firstPiece = 64 * 1024;
const pieceSize = 256 * 1024;
/** Growth beyond this is not read through: the window jumps to the new end. */
const mostToCatchUp = 4 * 1024 * 1024;
/** How much comes before the line that is gone to. */
const before = 64 * 1024;

/** Follows `file` of `source` from its end; nothing is read before `start`. Begins as `focused`. */
export function createLogTail(source: LogSource, file: LogFile, options: LogTailOptions): LogTail {
  return new RangeTail(source, file, options);
}

class RangeTail implements LogTail {
  readonly #source: LogSource;
  readonly #file: LogFile;
  readonly #options: LogTailOptions;
  readonly #owned = createDisposables();
  readonly #emitter = this.#owned.add(createEmitter<LogChange>());
  readonly #ending = new AbortController();
  readonly #lines: LineWindow;
  /** Lines taken in at a time: fewer than the window holds, so that none is passed over. */
  readonly #mostLines: number;
  readonly #numbers = new LineNumbers();
  readonly #rate = new GrowthRate();
  #timer: Disposable | undefined;
  /** Reads happen one after the other, so that pieces fit together. */
  #queue: Promise<unknown> = Promise.resolve();
  #attention: Attention = 'focused';
  #status: LogTailStatus = { kind: 'waiting' };
  #started = false;
  #found = false;
  #following = true;
  #finished = false;
  #size = 0;
  #quietReads = 0;
  #failures = 0;
  #shownRate = 0;

  readonly onDidChange = this.#emitter.event;

  constructor(source: LogSource, file: LogFile, options: LogTailOptions) {
    this.#source = source;
    this.#file = file;
    this.#options = options;
    const maxLines = options.maxLines ?? 20_000;
    this.#lines = new LineWindow(maxLines, options.maxBytes ?? 8 * 1024 * 1024);
    this.#mostLines = Math.ceil(maxLines / 3);
  }

  get window(): LogWindow {
    return {
      file: this.#file,
      lines: [...this.#lines.lines],
      from: this.#lines.from,
      to: this.#lines.to,
      size: this.#size,
      firstLine: this.#firstLine(),
      rate: this.#status.kind === 'ended' ? 0 : this.#rate.perSecond,
      status: this.#status,
    };
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#schedule(0);
  }

  setAttention(attention: Attention): void {
    if (attention === this.#attention) return;
    const resumed = this.#attention === 'hidden';
    this.#attention = attention;
    if (!this.#started || this.#status.kind === 'ended') return;
    if (attention === 'hidden') this.#setStatus({ kind: 'paused' });
    this.#schedule(resumed ? 0 : undefined);
  }

  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#started) this.#schedule(0);
  }

  loadEarlier(options: SignalOption = {}): Promise<boolean> {
    return this.#inTurn(options.signal, async (signal) => {
      const to = this.#lines.from;
      if (!this.#found || to === 0) return false;
      const from = Math.max(0, to - pieceSize);
      const bytes = await this.#readAll(from, to - from, signal);
      // The file was cut or replaced meanwhile: what came before is no more.
      if (bytes.length < to - from) {
        await this.#readEnd(signal);
        return false;
      }
      const whole = from === 0 ? 0 : firstLineStart(bytes);
      const start = whole + tailOf(bytes.subarray(whole), this.#mostLines);
      const firstLine = this.#firstLine();
      const change = this.#lines.prepend(from + start, bytes.subarray(start));
      if (firstLine !== null) this.#numbers.note(this.#lines.from, firstLine - change.lines.length);
      this.#emitter.fire({ kind: 'prepended', ...change });
      if (change.dropped > 0) this.#leaveEnd();
      return true;
    });
  }

  loadLater(options: SignalOption = {}): Promise<boolean> {
    return this.#inTurn(options.signal, async (signal) => {
      if (!this.#found) return false;
      const grew = await this.#readOn(signal);
      if (this.#lines.to >= this.#size && !this.#following) this.#followAgain();
      return grew;
    });
  }

  goTo(offset: number, options: SignalOption = {}): Promise<void> {
    return this.#inTurn(options.signal, async (signal) => {
      const from = Math.max(0, offset - before);
      const bytes = await this.#readAll(from, pieceSize, signal);
      if (bytes.length === 0) {
        await this.#readEnd(signal);
      } else {
        const whole = from === 0 ? 0 : Math.min(firstLineStart(bytes), offset - from);
        const start = whole + tailOf(bytes.subarray(whole, offset - from), this.#mostLines);
        const end = offset - from + headOf(bytes.subarray(offset - from), this.#mostLines);
        this.#begin(from + start, bytes.subarray(start, end));
      }
      if (this.#lines.to < this.#size) this.#leaveEnd();
      else this.#followAgain();
    });
  }

  goToEnd(options: SignalOption = {}): Promise<void> {
    return this.#inTurn(options.signal, async (signal) => {
      await this.#readEnd(signal);
      this.#followAgain();
    });
  }

  firstError(
    options: SignalOption & { readonly onProgress?: (bytes: number, size: number) => void } = {},
  ): Promise<LogHit | null> {
    const signal = this.#signalWith(options.signal);
    return findLine(this.#source, this.#file, ERROR_LINE, { ...options, signal, numbers: this.#numbers });
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#ending.abort();
    this.#owned.dispose();
  }

  #firstLine(): number | null {
    if (!this.#found) return null;
    if (this.#lines.from === 0) return 1;
    const place = this.#numbers.find(this.#lines.from, this.#lines.to);
    if (place === undefined) return null;
    const index = this.#lines.lines.findIndex((line) => line.offset === place.offset);
    return index === -1 ? null : place.number - index;
  }

  #signalWith(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]);
  }

  #inTurn<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = this.#signalWith(signal);
    const turn = this.#queue.then(() => {
      both.throwIfAborted();
      return work(both);
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #schedule(wait: number | undefined): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    const idle = this.#attention === 'hidden' || (!this.#following && !this.#finished);
    if (!this.#started || idle || this.#ending.signal.aborted || this.#status.kind === 'ended') return;
    this.#timer = this.#options.clock.after(wait ?? this.#wait(), () => {
      this.#timer = undefined;
      // The status tells of a failure.
      this.#inTurn(undefined, (signal) => this.#follow(signal)).catch(() => undefined);
    });
  }

  #wait(): number {
    return tailWait({
      attention: this.#attention,
      waiting: !this.#found,
      quietReads: this.#quietReads,
      failures: this.#failures,
      jitter: this.#options.random(),
    });
  }

  /** One look for growth. */
  async #follow(signal: AbortSignal): Promise<void> {
    const ending = this.#finished;
    try {
      if (this.#following) await this.#catchUp(signal);
      this.#failures = 0;
      if (ending) this.#setStatus({ kind: 'ended', missing: !this.#found });
      else if (this.#attention !== 'hidden' && this.#following) {
        this.#setStatus({ kind: this.#found ? 'following' : 'waiting' });
      }
      this.#showRate();
      this.#schedule(this.#finished ? 0 : undefined);
    } catch (error) {
      if (signal.aborted || isAbort(error)) throw error;
      this.#failures += 1;
      const wait = this.#wait();
      const nextTry = this.#options.clock.now() + wait;
      const reason = error instanceof Error ? error : new Error(String(error));
      if (this.#attention !== 'hidden') this.#setStatus({ kind: 'failing', error: reason, nextTry });
      this.#schedule(wait);
      throw error;
    }
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    if (!this.#found) {
      await this.#readFirst(signal);
      return;
    }
    let grew = await this.#readOn(signal);
    this.#quietReads = grew ? 0 : this.#quietReads + 1;
    while (grew && this.#lines.to < this.#size) grew = await this.#readOn(signal);
  }

  /** The first look: the head of the file, and its end where that is elsewhere. */
  async #readFirst(signal: AbortSignal): Promise<void> {
    const head = await this.#read(0, firstPiece, signal).catch((error: unknown) => {
      if (error instanceof PandaError && error.kind === 'notFound') return undefined;
      throw error;
    });
    if (head === undefined) {
      this.#quietReads += 1;
      return;
    }
    this.#quietReads = 0;
    this.#found = true;
    if (head.bytes.length >= head.size) this.#begin(0, head.bytes);
    else await this.#readEnd(signal);
  }

  /** The last piece of the file, whatever was in the window; looks again where the file changed its size meanwhile. */
  async #readEnd(signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const from = Math.max(0, this.#size - pieceSize);
      const bytes = await this.#readAll(from, pieceSize, signal);
      if (from + bytes.length !== this.#size && tries < 3) continue;
      const start = from === 0 ? 0 : firstLineStart(bytes);
      this.#begin(from + start, bytes.subarray(start));
      return;
    }
  }

  #begin(from: number, bytes: Uint8Array): void {
    this.#found = true;
    this.#lines.reset(from, bytes);
    this.#emitter.fire({ kind: 'reset' });
  }

  /** The next piece after the window; true when there was one. */
  async #readOn(signal: AbortSignal): Promise<boolean> {
    const anchor = this.#lines.anchor;
    const bytes = await this.#readAll(this.#lines.to - anchor.length, anchor.length + pieceSize, signal);
    const isOther = this.#size < this.#lines.to || !anchor.equals(bytes.subarray(0, anchor.length));
    if (isOther || (this.#following && this.#size - this.#lines.to > mostToCatchUp)) {
      if (isOther) this.#numbers.clear();
      await this.#readEnd(signal);
      return true;
    }
    if (bytes.length === anchor.length) return false;
    const next = bytes.subarray(anchor.length);
    const firstLine = this.#firstLine();
    const change = this.#lines.append(next.subarray(0, headOf(next, this.#mostLines)));
    if (firstLine !== null) this.#numbers.note(this.#lines.from, firstLine + change.dropped);
    this.#shownRate = this.#rate.perSecond;
    this.#emitter.fire({ kind: 'appended', ...change });
    return true;
  }

  /** Reads on where a source gives less than was asked for, up to the end of the file. */
  async #readAll(from: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let have = 0;
    while (have < length) {
      const piece = await this.#read(from + have, length - have, signal);
      pieces.push(piece.bytes);
      have += piece.bytes.length;
      if (piece.bytes.length === 0 || from + have >= piece.size) break;
    }
    return pieces.length === 1 ? (pieces[0] ?? new Uint8Array()) : Buffer.concat(pieces);
  }

  async #read(from: number, length: number, signal: AbortSignal): Promise<LogPiece> {
    const piece = await this.#source.read(this.#file, from, length, { signal });
    signal.throwIfAborted();
    this.#size = piece.size;
    this.#rate.note(this.#options.clock.now(), piece.size);
    return piece;
  }

  #leaveEnd(): void {
    this.#following = false;
    if (this.#status.kind !== 'ended') this.#setStatus({ kind: 'paused' });
    this.#schedule(undefined);
  }

  #followAgain(): void {
    this.#following = true;
    if (this.#status.kind === 'ended') return;
    this.#setStatus({ kind: 'following' });
    this.#schedule(undefined);
  }

  /** Growth that ended is no longer growth. */
  #showRate(): void {
    const rate = this.#rate.perSecond;
    if (rate === this.#shownRate || this.#status.kind === 'ended') return;
    this.#shownRate = rate;
    this.#emitter.fire({ kind: 'status' });
  }

  #setStatus(status: LogTailStatus): void {
    const same = status.kind === this.#status.kind && status.kind !== 'failing';
    this.#status = status;
    if (!same) this.#emitter.fire({ kind: 'status' });
  }
}
