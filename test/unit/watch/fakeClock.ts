import type { Clock, Disposable } from '../../../src/watch/index.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands until it is told to go on. */
export class FakeClock implements Clock {
  /** What the machine says; may be set to anything. */
  wallTime = Date.parse('2026-11-23T12:00:00Z');
  /** What really passed. */
  #elapsed = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.wallTime;
  }

  after(ms: number, callback: () => void): Disposable {
    const timer = { at: this.#elapsed + ms, callback };
    this.#timers.add(timer);
    return { dispose: () => void this.#timers.delete(timer) };
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Time until the next timer, ms. */
  get untilNext(): number | undefined {
    const times = [...this.#timers].map((timer) => timer.at - this.#elapsed);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Lets time pass, firing what is due on the way, and the promises that follow settle. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      const to = due?.at ?? end;
      this.wallTime += to - this.#elapsed;
      this.#elapsed = to;
      if (due === undefined) break;
      this.#timers.delete(due);
      due.callback();
      await settle();
    }
    await settle();
  }

  /** Lets time pass to the next timer; how long that was. */
  async next(): Promise<number> {
    const wait = this.untilNext;
    if (wait === undefined) throw new Error('No timer is set');
    await this.pass(wait);
    return wait;
  }
}

/** Lets promises that depend on nothing but each other settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
