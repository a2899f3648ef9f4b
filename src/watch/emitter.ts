import type { Disposable, Event } from './api.ts';
import { toDisposable } from './disposable.ts';

export interface Emitter<T> extends Disposable {
  readonly event: Event<T>;
  readonly hasListeners: boolean;
  /**
   * Calls every listener there is at this moment, in order of subscription. A listener that throws keeps no other from
   * being called; its error is thrown once all were.
   */
  fire(value: T): void;
}

/** An event and the right to fire it. After `dispose` it has no listeners and takes none. */
export function createEmitter<T>(): Emitter<T> {
  // A record per subscription: the same function subscribed twice is called twice.
  const listeners = new Set<{ readonly call: (value: T) => void }>();
  let disposed = false;
  return {
    event(listener) {
      const entry = { call: listener };
      if (!disposed) listeners.add(entry);
      return toDisposable(() => listeners.delete(entry));
    },
    get hasListeners() {
      return listeners.size > 0;
    },
    fire(value) {
      const errors: unknown[] = [];
      for (const entry of [...listeners]) {
        if (!listeners.has(entry)) continue;
        try {
          entry.call(value);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, 'Several listeners failed');
    },
    dispose() {
      disposed = true;
      listeners.clear();
    },
  };
}
