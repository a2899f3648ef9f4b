import type { Background } from './background.ts';
import type { TaskEngine } from './tasks/engine.ts';

export interface LoopTimes {
  /** Milliseconds from the submission of a job to its activation. */
  readonly setUpDelay: number;
  /** Milliseconds a job stays in `holding` after its pilot's last word. */
  readonly adderDelay: number;
  /** Milliseconds between two steps of the task engine. */
  readonly taskInterval: number;
  /** Milliseconds between two looks for silent pilots. */
  readonly watchInterval: number;
}

export interface BackgroundLoop {
  readonly submitted: () => void;
  readonly reported: () => void;
  readonly taskChanged: () => void;
  readonly dispose: () => void;
}

/** After an error (a full disk, for one) the step is tried again after this time, ms. */
const RETRY = 2000;

/** Takes the background steps when there is something to do. Errors are told, and the step is tried again. */
export function runBackground(
  background: Background,
  taskEngine: TaskEngine,
  times: LoopTimes,
  onError: (what: string, error: unknown) => void,
): BackgroundLoop {
  const setUp = repeat('set up jobs', times.setUpDelay, () => background.setUp());
  const adder = repeat('end jobs', times.adderDelay, () => background.addOutputs(times.adderDelay));
  const tasks = repeat('go on with tasks', times.taskInterval, () => taskEngine.step());
  const watcher = setInterval(
    () => attempt('look for silent pilots', () => background.watch(times.watchInterval)),
    times.watchInterval,
  );
  // What a former run left is taken up at once.
  setUp.wake();
  adder.wake();
  tasks.wake();

  function attempt(what: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      onError(what, error);
    }
  }

  function repeat(what: string, delay: number, step: () => number | undefined) {
    let timer: NodeJS.Timeout | undefined;
    const wake = (after = delay): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        let next: number | undefined = RETRY;
        attempt(what, () => {
          next = step();
        });
        if (next !== undefined) wake(next);
      }, after);
    };
    return { wake: () => wake(), dispose: () => clearTimeout(timer) };
  }

  return {
    submitted: setUp.wake,
    reported: adder.wake,
    taskChanged: tasks.wake,
    dispose: () => {
      clearInterval(watcher);
      setUp.dispose();
      adder.dispose();
      tasks.dispose();
    },
  };
}
