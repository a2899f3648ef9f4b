import assert from 'node:assert/strict';
import { controlPipeline } from '../../../src/cli/pipeline/controlPipeline.ts';
import type { CommandContext } from '../../../src/cli/command.ts';
import type { Emulator } from '../../../src/pipeline/index.ts';
import { systemClock } from '../../../src/watch/index.ts';
import { until } from '../../support/until.ts';

describe('a run that another program steers', () => {
  const asked: unknown[] = [];
  const told: unknown[] = [];
  let say: (line: string) => void = () => undefined;
  let hangUp: () => void = () => undefined;
  const emulator = {
    onChange: () => ({ dispose: () => undefined }),
    snapshot: () => ({ task: 'visit' }),
    trouble: () => undefined,
    cancel: (keys: readonly number[]) => Promise.resolve(asked.push(['cancel', keys])),
    rollBack: (keys: readonly number[]) =>
      keys.includes(9)
        ? Promise.reject(new Error('9 is RUNNING'))
        : Promise.resolve(asked.push(['rollback', keys])),
  } as unknown as Emulator;
  const context = {
    io: {
      clock: systemClock,
      lines: (onLine: (line: string) => void, onEnd: () => void) => {
        say = onLine;
        hangUp = onEnd;
        return { dispose: () => undefined };
      },
    },
    out: { event: (value: unknown) => told.push(value) },
  } as unknown as CommandContext;

  it('says how it is, obeys, and says what it does not', async () => {
    let ended = false;
    const control = controlPipeline(emulator, context, () => (ended = true));
    assert.deepEqual(told.splice(0), [{ snapshot: { task: 'visit' }, trouble: null }]);
    for (const line of [
      'cancel 1 2',
      ' rollback 3 ',
      'rollback 9',
      'cancel',
      'cancel all',
      'stop 1',
      'rm -rf',
    ])
      say(line);
    await until('all answers', () => Promise.resolve(told.length === 5));
    assert.deepEqual(asked, [
      ['cancel', [1, 2]],
      ['rollback', [3]],
    ]);
    assert.deepEqual(told.splice(0), [
      { refused: 'cancel: numbers of process instances are needed' },
      { refused: 'cancel all: numbers of process instances are needed' },
      { refused: 'stop 1: this is neither cancel nor rollback' },
      { refused: 'rm -rf: numbers of process instances are needed' },
      { refused: '9 is RUNNING' },
    ]);
    hangUp();
    assert.ok(ended);
    control.dispose();
    assert.equal(told.length, 1);
  });
});
