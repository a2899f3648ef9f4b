import type { Disposable } from './api.ts';

/** Holds what a thing owns. What is added after the end is disposed of at once, so that nothing can leak past it. */
export interface Disposables extends Disposable {
  readonly disposed: boolean;
  /** Takes ownership and hands the same object back, so that owning is part of creating. */
  add<T extends Disposable>(owned: T): T;
}

/** An empty set of owned things; they are disposed of in reverse order, all of them even when one throws. */
export function createDisposables(): Disposables {
  const owned: Disposable[] = [];
  let disposed = false;
  return {
    get disposed() {
      return disposed;
    },
    add(thing) {
      if (disposed) thing.dispose();
      else owned.push(thing);
      return thing;
    },
    dispose() {
      disposed = true;
      const errors: unknown[] = [];
      for (let thing = owned.pop(); thing !== undefined; thing = owned.pop()) {
        try {
          thing.dispose();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, 'Could not dispose of everything');
    },
  };
}

/** Runs `undo` once, however often it is disposed of. */
export function toDisposable(undo: () => void): Disposable {
  let pending: (() => void) | undefined = undo;
  return {
    dispose() {
      const run = pending;
      pending = undefined;
      run?.();
    },
  };
}
