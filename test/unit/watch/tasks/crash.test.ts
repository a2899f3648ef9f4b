import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPandaClient } from '../../../../src/panda/index.ts';
import type { PandaClient, TaskSummary } from '../../../../src/panda/index.ts';
import { startSandboxServer } from '../../../../src/sandbox/index.ts';
import type { SandboxServer } from '../../../../src/sandbox/index.ts';
import { createTaskJournal, recoverTasks, resendTask, systemClock } from '../../../../src/watch/index.ts';
import type { SubmitTaskDeps } from '../../../../src/watch/index.ts';
import { until } from '../../../support/until.ts';
import { sandboxProfileOf } from './taskWorld.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

describe('a task whose process is killed with -9', () => {
  let folder: string;
  let server: SandboxServer;
  let client: PandaClient;
  let deps: SubmitTaskDeps;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'task-crash-'));
    server = await startSandboxServer({ dataFolder: join(folder, 'sandbox'), owner: 'jane', setUpDelay: 0 });
    const profile = sandboxProfileOf(server.url, server.token);
    client = createPandaClient(profile);
    const tasks = createTaskJournal(join(folder, 'tasks'), { clock: systemClock });
    deps = { client, profile, tasks, clock: systemClock, random: Math.random };
  });
  afterEach(async () => {
    client.dispose();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function killedAt(moment: string): Promise<void> {
    const args = [CHILD, server.url, server.token, join(folder, 'tasks'), moment];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    assert.equal(signal, 'SIGKILL');
  }
  const listed = (): Promise<readonly TaskSummary[]> => client.tasks.getTasksModifiedSince(0);

  it('before it was noted down, is nowhere', async () => {
    await killedAt('uploaded');
    assert.deepEqual(await recoverTasks(deps), { found: [], unknown: [], problems: [] });
    assert.deepEqual(await listed(), []);
  });

  it('before it was sent, stays unknown until its user sends it again', async () => {
    await killedAt('noted');
    const { found, unknown } = await recoverTasks(deps);
    assert.deepEqual([found.length, unknown.length], [0, 1]);
    const { outcome } = await resendTask(unknown[0]!.id, deps);
    assert.ok(outcome.kind === 'accepted');
    const [task, ...more] = await until('the task', async () => {
      const tasks = await listed();
      return tasks.length > 0 && tasks;
    });
    assert.deepEqual([task?.taskId, task?.name, more], [outcome.taskId, unknown[0]!.parameters.taskName, []]);
  });

  it('after it was sent, is found by its name and not sent again', async () => {
    await killedAt('answered');
    const [note] = await until('the task to be found', async () => {
      const { found } = await recoverTasks(deps);
      return found.length > 0 && found;
    });
    const tasks = await listed();
    assert.ok(note?.outcome.kind === 'accepted');
    assert.deepEqual(
      tasks.map(({ taskId }) => taskId),
      [note.outcome.taskId],
    );
  });
});
