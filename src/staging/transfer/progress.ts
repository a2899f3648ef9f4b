import type { StagingClock } from '../api.ts';

/** How far a transfer is. */
export interface TransferProgress {
  readonly files: number;
  readonly filesDone: number;
  /** Bytes of all files, also of those that need not be sent. */
  readonly bytes: number;
  readonly bytesDone: number;
  /** Bytes read and summed before they are sent. */
  readonly bytesSummed: number;
  /** Bytes a second over the last seconds. */
  readonly rate: number;
}

const REPORT_MS = 100;
/** What lies further back does not count for the rate. */
const WINDOW_MS = 5000;

/** Counts, and tells at most ten times a second, and at the end. */
export class Meter {
  readonly #clock: StagingClock;
  readonly #report: ((progress: TransferProgress) => void) | undefined;
  readonly #files: number;
  #bytes = 0;
  #filesDone = 0;
  #bytesDone = 0;
  #bytesSummed = 0;
  /** Bytes that went over the wire; what is there already counts as done, not for the rate. */
  #moved = 0;
  #marks: { readonly time: number; readonly moved: number }[] = [];
  #reported = Number.NEGATIVE_INFINITY;

  constructor(
    files: number,
    clock: StagingClock,
    report: ((progress: TransferProgress) => void) | undefined,
  ) {
    this.#files = files;
    this.#clock = clock;
    this.#report = report;
  }

  /** More to do: `bytes` of one more file. */
  expect(bytes: number): void {
    this.#bytes += bytes;
  }

  summed(bytes: number): void {
    this.#bytesSummed += bytes;
    this.#tell();
  }

  /** Negative where what went is to go again. */
  moved(bytes: number): void {
    this.#bytesDone += bytes;
    if (bytes > 0) this.#moved += bytes;
    this.#tell();
  }

  /** Was there already. */
  skipped(bytes: number): void {
    this.#bytesDone += bytes;
    this.#tell();
  }

  fileDone(): void {
    this.#filesDone += 1;
    this.#tell(this.#filesDone === this.#files);
  }

  #tell(always = false): void {
    if (this.#report === undefined) return;
    const time = this.#clock.now();
    if (!always && time - this.#reported < REPORT_MS) return;
    this.#reported = time;
    this.#marks.push({ time, moved: this.#moved });
    while ((this.#marks[0]?.time ?? time) < time - WINDOW_MS) this.#marks.shift();
    this.#report({
      files: this.#files,
      filesDone: this.#filesDone,
      bytes: this.#bytes,
      bytesDone: this.#bytesDone,
      bytesSummed: this.#bytesSummed,
      rate: this.#rate(time),
    });
  }

  #rate(time: number): number {
    const [first] = this.#marks;
    if (first === undefined || time <= first.time) return 0;
    return ((this.#moved - first.moved) * 1000) / (time - first.time);
  }
}

/** Counts what one try moves, so that it can be taken back. */
export function tryMeter(meter: Meter): { moved(bytes: number): void; takeBack(): void } {
  let counted = 0;
  return {
    moved(bytes) {
      counted += bytes;
      meter.moved(bytes);
    },
    takeBack() {
      meter.moved(-counted);
      counted = 0;
    },
  };
}
