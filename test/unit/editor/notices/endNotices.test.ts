import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EndNotices } from '../../../../src/editor/notices/endNotices.ts';
import { createToldOnce } from '../../../../src/editor/notices/toldOnce.ts';
import type { Session, Sessions } from '../../../../src/editor/session.ts';
import { createEmitter, type Task } from '../../../../src/watch/index.ts';
import { until } from '../../../support/until.ts';
import { fakeSession, settingsOf } from '../fakes.ts';

describe('notices of what has ended', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-notices-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const watched = { submissionId: 'mp4k2a00ab', name: 'shear', profile: 'test', count: 0, taskId: 7 };
  const another = { ...watched, submissionId: 'mp4k2a00ac', name: 'other', taskId: 8 };

  /** What several windows keep together: all see it when they are opened. */
  const sharedMemory = () => {
    let kept: unknown;
    return {
      keys: () => [],
      get: () => kept as never,
      update: (_key: string, value: unknown) => {
        kept = value;
        return Promise.resolve();
      },
    };
  };

  it('come once, also where two windows wait for the same', async () => {
    const changes = createEmitter<readonly number[]>();
    const ended = new Map<number, Task>();
    const { session } = fakeSession();
    const tasks: Session['tasks'] = { ...session.tasks, tasks: ended, onDidChange: changes.event };
    const sessions: Pick<Sessions, 'current' | 'onDidChange'> = {
      current: { ...session, tasks },
      onDidChange: () => ({ dispose: () => undefined }),
    };
    const memory = sharedMemory();
    const shown: string[] = [];
    let asked = 0;
    const open = (window: string): EndNotices => {
      const isFirst = createToldOnce(join(folder, 'told'), Date.now);
      return new EndNotices({
        sessions: sessions as Sessions,
        settings: settingsOf({}),
        memory,
        isFirst: async (name) => {
          const answer = await isFirst(name);
          asked += 1;
          return answer;
        },
        show: () => assert.fail('no jobs ended'),
        showTask: (_one, { text }) => void shown.push(`${window}: ${text}`),
      });
    };
    const first = open('first');
    first.watch(watched);
    // Opened while the task is at work, it finds what the first waits for.
    const second = open('second');
    const end = async (taskId: number): Promise<void> => {
      const none = { taskName: '', site: null, creationTime: null, modificationTime: null, inputs: {} };
      ended.set(taskId, { ...none, taskId, label: '', state: 'done' });
      changes.fire([taskId]);
    };
    await end(7);
    await until('both to have asked', () => Promise.resolve(asked === 2));
    assert.deepEqual(
      shown.map((text) => text.replace(/^\w+/u, 'window')),
      ['window: Task shear is done'],
    );
    second.watch(another);
    await end(8);
    await until('its window to tell', () => Promise.resolve(shown.length === 2));
    assert.equal(shown[1], 'second: Task other is done');
    first.dispose();
    second.dispose();
    changes.dispose();
  });
});
