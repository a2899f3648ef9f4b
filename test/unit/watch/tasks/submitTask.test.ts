import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  forgetTask,
  keepTaskArchive,
  prepareTask,
  recoverTasks,
  resendTask,
  submitTask,
} from '../../../../src/watch/index.ts';
import type { TaskNote } from '../../../../src/watch/index.ts';
import { ACCEPTED, LOST, removeTaskWorlds, TASK, taskWorld, trouble } from './taskWorld.ts';
import type { TaskWorld } from './taskWorld.ts';

/** All that the journal of a world holds. */
async function noted({ deps }: TaskWorld): Promise<readonly TaskNote[]> {
  return (await deps.tasks.list('test')).entries.map(({ note }) => note);
}

function kindOf({ outcome }: TaskNote): string {
  return outcome.kind;
}

describe('submitting a task', () => {
  afterEach(removeTaskWorlds);

  it('puts its archive into the cache, notes it down, and sends it once under a name of its own', async () => {
    const world = await taskWorld([ACCEPTED]);
    const phases: string[] = [];
    const note = await submitTask(TASK, world.deps, { onProgress: (phase) => phases.push(phase) });
    assert.deepEqual(note.outcome, { kind: 'accepted', taskId: 7 });
    assert.match(note.parameters.taskName, /^user\.jane\.shear\.[a-z0-9]{10}\/$/);
    assert.equal(note.parameters.site, 'SITE');
    assert.deepEqual(world.asked, ['cache jobO.x.tar.gz', 'submit']);
    assert.deepEqual(phases, ['uploading', 'submitting']);
    assert.deepEqual(await noted(world), [note]);
  });

  it('is on disk before it is sent', async () => {
    const world = await taskWorld([ACCEPTED]);
    let before: readonly TaskNote[] = [];
    const { submit } = world.deps.client.tasks;
    world.deps.client.tasks.submit = async (...args) => {
      before = await noted(world);
      return submit(...args);
    };
    const note = await submitTask(TASK, world.deps);
    assert.equal(before[0]?.parameters.taskName, note.parameters.taskName);
    assert.equal(before[0]?.outcome.kind, 'unknown');
  });

  it('shows the same in a dry run, and sends nothing', async () => {
    const world = await taskWorld([ACCEPTED]);
    const { parameters } = prepareTask(TASK, world.deps);
    const note = await submitTask(TASK, world.deps);
    const rename = (text: string): string => text.replaceAll(/\.[a-z0-9]{10}(?=[./_])/g, '.ID');
    assert.equal(rename(JSON.stringify(parameters)), rename(JSON.stringify(note.parameters)));
  });

  it('looks for a task whose answer was lost by its name, and does not send it again', async () => {
    const world = await taskWorld([LOST]);
    const { getTasksModifiedSince } = world.deps.client.tasks;
    let looks = 0;
    world.deps.client.tasks.getTasksModifiedSince = async (...args) => {
      looks += 1;
      // As a server does that takes a task up after a while.
      const [note] = await noted(world);
      if (looks === 2) world.listed.set(note!.parameters.taskName.slice(0, -1), 9);
      return getTasksModifiedSince(...args);
    };
    const note = await submitTask(TASK, world.deps);
    assert.deepEqual(note.outcome, { kind: 'accepted', taskId: 9 });
    assert.deepEqual(world.asked, ['cache jobO.x.tar.gz', 'submit', 'list', 'list']);
    assert.deepEqual(await noted(world), [note]);
  });

  it('leaves a task that is not found unknown, with what was tried', async () => {
    const world = await taskWorld([LOST]);
    const { outcome } = await submitTask(TASK, world.deps);
    assert.ok(outcome.kind === 'unknown');
    assert.match(outcome.reason, /^Could not submit it: nothing.* Looked up by name: PanDA does not list it/);
    assert.equal(world.asked.filter((what) => what === 'submit').length, 1);
  });

  it('is in no journal where nothing was sent', async () => {
    const refused = trouble({});
    const world = await taskWorld([refused]);
    await assert.rejects(submitTask(TASK, world.deps), (error) => error === refused);
    await assert.rejects(submitTask(TASK, world.deps, { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
    assert.deepEqual(await noted(world), []);
    assert.deepEqual(world.asked.filter((what) => what === 'submit').length, 1);
  });

  it('sends nothing that cannot be noted down', async () => {
    const world = await taskWorld([ACCEPTED]);
    await writeFile(join(world.folder, 'test'), 'a file where a folder is needed');
    await assert.rejects(submitTask(TASK, world.deps), { name: 'SubmissionError' });
    assert.deepEqual(world.asked, ['cache jobO.x.tar.gz']);
  });

  it('keeps the archive of a task, if it has one and it is there', async () => {
    const kept = async (has: boolean, parameters: object | null): Promise<string> => {
      const world = await taskWorld([]);
      world.cacheHas = has;
      const getTaskParameters = async () => parameters as Readonly<Record<string, unknown>> | null;
      const cacheUrl = (name: string): string => `https://cache:25443/cache/${name}`;
      const files = { ...world.deps.client.files, cacheUrl };
      return keepTaskArchive(7, { files, tasks: { getTaskParameters } });
    };
    const own = { jobParameters: [{ type: 'constant', value: '-a jobO.y.tar.gz' }] };
    assert.equal(await kept(true, own), 'kept');
    assert.equal(await kept(false, own), 'gone');
    for (const none of [null, {}]) assert.equal(await kept(true, none), 'none');
    // Other clients use the caches of other hosts, which cannot be asked.
    assert.equal(await kept(false, { ...own, sourceURL: 'http://cache:25080' }), 'gone');
    assert.equal(await kept(false, { ...own, sourceURL: 'https://elsewhere:25443' }), 'none');
  });
});

describe('a task whose process was killed', () => {
  afterEach(removeTaskWorlds);

  /** The journal as a process leaves it that died before the answer came. */
  async function killed(): Promise<TaskWorld> {
    const world = await taskWorld([LOST]);
    await submitTask(TASK, world.deps, { pauses: [] });
    const [file] = await filesOf(world);
    const note = JSON.parse(await readFile(file!, 'utf8')) as TaskNote;
    const owner = {
      host: (await import('node:os')).hostname(),
      pid: 4_194_304,
      started: null,
      token: 'dead',
    };
    await writeFile(file!, JSON.stringify({ ...note, owner }));
    return world;
  }

  async function filesOf({ folder }: TaskWorld): Promise<readonly string[]> {
    return (await readdir(join(folder, 'test'))).map((name) => join(folder, 'test', name));
  }

  it('is found by its name', async () => {
    const world = await killed();
    const [note] = await noted(world);
    world.listed.set(note!.parameters.taskName, 12);
    const { found, unknown } = await recoverTasks(world.deps);
    assert.deepEqual(
      found.map(({ outcome }) => outcome),
      [{ kind: 'accepted', taskId: 12 }],
    );
    assert.deepEqual(unknown, []);
    assert.deepEqual(world.asked.filter((what) => what === 'submit').length, 1);
    assert.deepEqual((await recoverTasks(world.deps)).found, []);
  });

  it('stays unknown where it is not found, until its user sends it again', async () => {
    const world = await killed();
    const { unknown } = await recoverTasks(world.deps);
    assert.deepEqual(unknown.map(kindOf), ['unknown']);
    const later = await taskWorld([{ ...ACCEPTED, kind: 'duplicate' }], world);
    const note = await resendTask(unknown[0]!.id, later.deps);
    assert.deepEqual(note.outcome, { kind: 'accepted', taskId: 7 });
    assert.equal(note.parameters.taskName, unknown[0]!.parameters.taskName);
    assert.deepEqual(later.asked, ['touch jobO.x.tar.gz', 'submit']);
    await assert.rejects(resendTask(note.id, later.deps), /PanDA has this task: it is 7/);
  });

  it('stays noted where sending it again is refused, or its files are gone', async () => {
    const world = await killed();
    const [before] = await noted(world);
    const refusing = await taskWorld([trouble({})], world);
    await assert.rejects(resendTask(before!.id, refusing.deps));
    const empty = await taskWorld([ACCEPTED], world);
    empty.cacheHas = false;
    await assert.rejects(resendTask(before!.id, empty.deps), /The cache has forgotten the files of shear/);
    assert.deepEqual((await noted(world)).map(kindOf), ['unknown']);
    assert.equal(empty.asked.includes('submit'), false);
  });

  it('is not looked for any more once it is forgotten', async () => {
    const world = await killed();
    const [note] = await noted(world);
    await forgetTask(note!.id, world.deps);
    const { found, unknown } = await recoverTasks(world.deps);
    assert.deepEqual([found, unknown], [[], []]);
  });

  it('is sent again by one of two windows', async () => {
    const world = await killed();
    const [note] = await noted(world);
    let sent = 0;
    const windows = await Promise.all([taskWorld([ACCEPTED], world), taskWorld([ACCEPTED], world)]);
    for (const { deps } of windows) {
      const { submit } = deps.client.tasks;
      deps.client.tasks.submit = async (...args) => {
        sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return submit(...args);
      };
    }
    const results = await Promise.allSettled(windows.map(({ deps }) => resendTask(note!.id, deps)));
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(sent, 1);
  });

  it('is left alone while the process that submits it lives', async () => {
    const world = await taskWorld([LOST]);
    const { submit } = world.deps.client.tasks;
    world.deps.client.tasks.submit = async (...args) => {
      const other = await taskWorld([], world);
      assert.deepEqual(await recoverTasks(other.deps), { found: [], unknown: [], problems: [] });
      assert.deepEqual(other.asked, []);
      return submit(...args);
    };
    await submitTask(TASK, world.deps, { pauses: [] });
  });

  it('leaves nothing where it had only taken a name; a damaged note is told of', async () => {
    const world = await killed();
    const [file] = await filesOf(world);
    await writeFile(join(world.folder, 'test', 'aaaaaaaaaa.json'), '');
    assert.equal((await noted(world)).length, 1);
    await writeFile(file!, '{"version": 1');
    const { entries, problems } = await world.deps.tasks.list('test');
    assert.deepEqual([entries.length, problems.map((problem) => problem.file)], [0, [file]]);
  });
});
