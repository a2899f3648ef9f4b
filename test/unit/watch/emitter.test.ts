import assert from 'node:assert/strict';

import { createDisposables, createEmitter, systemClock, toDisposable } from '../../../src/watch/index.ts';

describe('emitter', () => {
  it('calls every listener in order, until it is disposed of', () => {
    const emitter = createEmitter<number>();
    const heard: string[] = [];
    const listener = (value: number): void => void heard.push(`a${value}`);
    const first = emitter.event(listener);
    const again = emitter.event(listener);
    emitter.event((value) => heard.push(`b${value}`));
    emitter.fire(1);
    first.dispose();
    first.dispose();
    emitter.fire(2);
    again.dispose();
    assert.equal(emitter.hasListeners, true);
    emitter.dispose();
    emitter.event(listener);
    emitter.fire(3);
    assert.deepEqual(heard, ['a1', 'a1', 'b1', 'a2', 'b2']);
    assert.equal(emitter.hasListeners, false);
  });

  it('lets listeners come and go while it fires', () => {
    const emitter = createEmitter<void>();
    const heard: string[] = [];
    emitter.event(() => {
      heard.push('first');
      second.dispose();
      emitter.event(() => heard.push('late'));
    });
    const second = emitter.event(() => heard.push('second'));
    emitter.fire();
    assert.deepEqual(heard, ['first']);
  });

  it('calls all listeners before it throws what some threw', () => {
    const emitter = createEmitter<void>();
    const heard: string[] = [];
    const fail = (name: string) => (): void => {
      heard.push(name);
      throw new Error(name);
    };
    const first = emitter.event(fail('one'));
    emitter.event(fail('two'));
    assert.throws(() => emitter.fire(), AggregateError);
    first.dispose();
    assert.throws(() => emitter.fire(), /^Error: two$/u);
    assert.deepEqual(heard, ['one', 'two', 'two']);
  });
});

describe('disposables', () => {
  it('are disposed of once, in reverse order, also what is added afterwards', () => {
    const gone: string[] = [];
    const owned = createDisposables();
    const first = owned.add(toDisposable(() => gone.push('first')));
    owned.add(toDisposable(() => gone.push('second')));
    assert.equal(owned.disposed, false);
    owned.dispose();
    owned.dispose();
    first.dispose();
    owned.add(toDisposable(() => gone.push('late')));
    assert.deepEqual(gone, ['second', 'first', 'late']);
    assert.equal(owned.disposed, true);
  });

  it('are all disposed of when some fail', () => {
    const gone: string[] = [];
    const owned = createDisposables();
    const fail = (): void => {
      throw new Error('no');
    };
    owned.add(toDisposable(() => gone.push('first')));
    owned.add(toDisposable(fail));
    assert.throws(() => owned.dispose(), /no/u);
    assert.deepEqual(gone, ['first']);
    const two = createDisposables();
    two.add(toDisposable(fail));
    two.add(toDisposable(fail));
    assert.throws(() => two.dispose(), AggregateError);
  });
});

describe('system clock', () => {
  it('calls back after a while, unless told otherwise', async () => {
    const before = systemClock.now();
    const called: string[] = [];
    systemClock.after(1, () => called.push('disposed')).dispose();
    await new Promise<void>((resolve) => systemClock.after(2, resolve));
    assert.deepEqual(called, []);
    assert.ok(systemClock.now() >= before);
  });
});
