import { createEmitter, type Clock, type Disposable, type Event } from '../../watch/index.ts';
import type { Checked } from './checkProtocol.ts';

/** Runs one check; rejects with the reason of the signal when a newer one takes its place. */
export type RunCheck = (signal: AbortSignal) => Promise<Checked>;

interface Entry {
  readonly stop: AbortController;
  readonly timer: Disposable;
}

/** Checks documents again as they change: after a pause, the newest state only, one check a document. */
export class Rechecks implements Disposable {
  readonly #clock: Clock;
  readonly #note: (error: unknown) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #results = new Map<string, Checked>();
  readonly #changes = createEmitter<string>();
  /** The key of a document whose result is new, or gone. */
  readonly onDidChange: Event<string> = this.#changes.event;

  constructor(clock: Clock, note: (error: unknown) => void) {
    this.#clock = clock;
    this.#note = note;
  }

  /** The last result; undefined before the first. */
  result(key: string): Checked | undefined {
    return this.#results.get(key);
  }

  results(): ReadonlyMap<string, Checked> {
    return this.#results;
  }

  /** Checks after `delay` ms, in place of what is waiting or running for the document. */
  request(key: string, delay: number, run: RunCheck): void {
    this.#stop(key);
    const stop = new AbortController();
    const timer = this.#clock.after(delay, () => void this.#run(key, run, stop.signal));
    this.#entries.set(key, { stop, timer });
  }

  /** The document is closed. */
  forget(key: string): void {
    this.#stop(key);
    if (this.#results.delete(key)) this.#changes.fire(key);
  }

  dispose(): void {
    for (const key of [...this.#entries.keys()]) this.#stop(key);
    this.#results.clear();
  }

  async #run(key: string, run: RunCheck, signal: AbortSignal): Promise<void> {
    try {
      const checked = await run(signal);
      if (signal.aborted) return;
      this.#results.set(key, checked);
      this.#changes.fire(key);
    } catch (error) {
      // A newer check has taken over, or the document is gone.
      if (!signal.aborted) this.#note(error);
    } finally {
      if (this.#entries.get(key)?.stop.signal === signal) this.#entries.delete(key);
    }
  }

  #stop(key: string): void {
    const entry = this.#entries.get(key);
    entry?.timer.dispose();
    entry?.stop.abort();
    this.#entries.delete(key);
  }
}
