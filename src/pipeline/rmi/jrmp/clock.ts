/** Time, so that tests can turn it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once after so many milliseconds, unless disposed of before. */
  readonly after: (ms: number, callback: () => void) => Timer;
}

export interface Timer {
  dispose(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(timer) };
  },
};
