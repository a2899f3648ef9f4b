import type { Result } from './methods.ts';
import type { CallAborted, CallContext } from './remoteObject.ts';

/** A call that is being answered, as its object sees it. */
export class OpenCall implements CallContext {
  readonly caller: CallContext['caller'];
  readonly deadline: number;
  #aborted: CallAborted | undefined;
  /** Made when somebody asks for the signal: most calls are answered before they would look at it. */
  #controller: AbortController | undefined;
  #giveUp: ((why: CallAborted) => void) | undefined;

  constructor(caller: CallContext['caller'], deadline: number) {
    this.caller = caller;
    this.deadline = deadline;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  /** Tells the object to end; its answer is still waited for. The first reason is the one that is told. */
  abort(why: CallAborted): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = why;
    this.#controller?.abort(why);
  }

  /** Tells the object to end, and waits no longer. */
  breakOff(why: CallAborted): void {
    this.abort(why);
    this.#giveUp?.(why);
  }

  /** What the object answers, unless the call is broken off before. */
  answer(result: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      result.then(resolve, reject);
    });
  }
}
