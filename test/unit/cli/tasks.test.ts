import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../sandbox/pilot/pilotProcess.ts';
import { useCli } from './useCli.ts';

interface SubmittedTask {
  readonly id: string;
  readonly taskId: number;
  readonly taskName: string;
  readonly outcome: string;
}

describe('desc-panda submit --as-task', () => {
  const { harness, call, json } = useCli();

  it('shows exactly what would be sent, and sends nothing', async () => {
    const folder = join(harness().folder, 'code');
    await mkdir(join(folder, 'lib'), { recursive: true });
    await writeFile(join(folder, 'run.sh'), '#!/bin/sh\necho\n');
    await writeFile(join(folder, 'lib', 'a.py'), 'print()\n');
    await writeFile(join(folder, 'secret.txt'), 'x');
    await writeFile(join(folder, '.gitignore'), 'secret.txt\n');
    const line = 'submit s.sh --as-task --jobs 4 --attempts 2 --folder code --output out.txt';
    const shown = await json<{
      parameters: Record<string, unknown>;
      archive: { files: { name: string }[] };
      leftOut: unknown[];
    }>(`${line} --dry-run`);
    assert.equal(shown.parameters.nEvents, 4);
    assert.equal(shown.parameters.maxAttempt, 2);
    const names = shown.archive.files.map(({ name }) => name.replace(/-[0-9a-f]{12}|\.[0-9a-f]{32}/, ''));
    assert.deepEqual(names, ['jobO.tar.gz', 'lib/a.py', 'run-script.sh', 'run.sh', 's.sh']);
    assert.deepEqual(shown.leftOut, [
      { name: '.gitignore', reason: 'its name begins with a dot' },
      { name: 'secret.txt', reason: '.gitignore leaves it out' },
    ]);
    const printed = await call(`${line} --dry-run`);
    assert.match(printed.stdout, /^Would send a task to URL; nothing was sent\.\n\nParameters\n {2}\{/);
    assert.match(printed.stdout, /\n5 files in jobO\.\S+\.tar\.gz, \S+ kB\n/);
    assert.match(printed.stdout, /\nLeft out\n {2}\.gitignore {2}its name begins with a dot\n/);
    assert.deepEqual((await json<{ tasks: unknown[] }>('tasks')).tasks, []);
  });

  it('submits one task', async () => {
    const printed = await call('submit s.sh --as-task');
    assert.equal(printed.code, 0, printed.stderr);
    assert.match(printed.stdout, /^s\.sh → SANDBOX \(profile sandbox\)\nSubmitted as task \d+\.\n$/);
  });

  it('leaves a record in the folder, which the task is found by', async () => {
    const { id, taskId } = await json<SubmittedTask>('submit s.sh --as-task --jobs 4 --attempts 2');
    const found = await json<{ id: string; taskId: number; jobs: number; asked: { task: unknown } }>(
      `submissions find ${taskId}`,
    );
    assert.deepEqual([found.id, found.taskId, found.jobs], [id, taskId, 4]);
    assert.deepEqual(found.asked.task, { attempts: 2 });
    const text = await readFile(join(harness().folder, '.panda', 'submissions', `${id}.yaml`), 'utf8');
    assert.match(text, new RegExp(`^taskId: ${taskId}$`, 'mu'));
  });

  it('refuses what is for jobs, or for tasks alone', async () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['submit s.sh --jobs 3', /--jobs is for a task, and these are jobs\./],
      ['submit s.sh --as-task --attempts 51', /tries a job 50 times at most/],
      ['submit s.sh --as-task --jobs 0', /a whole number from 1 on is needed/],
      ['submit s.sh --as-task --follow', /The log of a task cannot be followed/],
      ['submit s.sh --as-task --output *.fits', /an output is named with letters, digits/],
      ['submit s.sh --as-task --folder nowhere', /nowhere cannot be read \(ENOENT\)/],
    ];
    for (const [line, message] of wrong) {
      const printed = await call(line);
      assert.equal(printed.code, 2, line);
      assert.match(printed.stderr, message);
    }
  });

  it('reads it from a submission file, which says everything', async () => {
    const text =
      'transformation: script\nfile: s.sh\ninputs: [data.txt]\nsweep: {repeat: 3}\ntask: {attempts: 5}\n';
    await writeFile(join(harness().folder, 'data.txt'), 'data');
    await writeFile(join(harness().folder, 'x.panda.yaml'), text);
    const shown = await json<{ parameters: Record<string, unknown>; archive: { files: { name: string }[] } }>(
      'submit x.panda.yaml --dry-run',
    );
    assert.deepEqual([shown.parameters.nEvents, shown.parameters.maxAttempt], [3, 5]);
    const names = shown.archive.files.map(({ name }) => name);
    assert.ok(names.includes('data.txt') && names.includes('s.sh') && names.includes('run-job.sh'));
    const printed = await call('submit x.panda.yaml --as-task');
    assert.match(printed.stderr, /says everything that --as-task could say/);
  });

  it('waits for the end', async () => {
    const printing = call('submit s.sh --as-task --wait', {
      onPrint: (text) => {
        const id = /Submitted as task (\d+)/.exec(text)?.[1];
        if (id !== undefined) void killWhenKnown(id);
      },
    });
    const killWhenKnown = async (id: string): Promise<void> => {
      await until('a task that takes a kill', async () => (await call(`task kill ${id} --yes`)).code === 0);
    };
    const { code, stdout } = await printing;
    assert.equal(code, 1, stdout);
    assert.match(stdout, /\nTIME {2}⊘ aborted/);
  });
});

describe('desc-panda tasks and task', () => {
  const { harness, call, json } = useCli();

  async function running(): Promise<number> {
    const { taskId } = await json<SubmittedTask>('submit s.sh --as-task --jobs 3');
    await until('jobs of the task', async () => {
      const { pandaIds } = await json<{ pandaIds?: readonly number[] }>(`task ${taskId}`);
      return pandaIds?.length === 3;
    });
    return taskId;
  }

  it('list what was submitted, before and after it is taken up', async () => {
    const { taskId, taskName } = await json<SubmittedTask>('submit s.sh --as-task --name shear');
    const first = await call('tasks');
    assert.match(
      first.stdout,
      new RegExp(`^TASK .*\\n${taskId} +. (submitted|registered|defined|ready|running) +shear`),
    );
    const listed = await until('the task in the list', async () => {
      const { tasks } = await json<{ tasks: { taskId: number; taskName: string; state: string }[] }>('tasks');
      return tasks.length === 1 && tasks[0];
    });
    assert.deepEqual([listed.taskId, listed.taskName], [taskId, taskName]);
  });

  it('say that there is none', async () => {
    const { stdout, stderr } = await call('tasks');
    assert.equal(stdout, 'No tasks of the last 7 days.\n');
    assert.match(stderr, /--as-task submits one/);
  });

  it('show one with its jobs and parameters', async () => {
    const taskId = await running();
    const { stdout } = await call(`task ${taskId}`);
    assert.match(stdout, /^s\.sh {2}▷ running\n/);
    assert.match(stdout, /\nJobs +3 jobs · 3 (defined|activated)\n/);
    assert.match(stdout, /\nParameters\n {2}\{\n {4}"/);
    const unknown = await call('task 99');
    assert.equal(unknown.code, 4);
    assert.match(unknown.stderr, /PanDA knows no task of this number, or not yet/);
  });

  it('give commands that the state takes, and ask before work is taken away', async () => {
    const taskId = await running();
    assert.equal((await call(`task kill ${taskId}`, { answer: 'n' })).code, 4);
    assert.deepEqual(harness().questions, [`Kill task ${taskId}? [y/N] `]);
    assert.match((await call(`task kill ${taskId}`)).stderr, /Say it with --yes/);
    const resumed = await call(`task resume ${taskId}`);
    assert.deepEqual(
      [resumed.code, resumed.stdout.includes('a task that is running does not take this')],
      [4, true],
    );
    const unfinished = await call(`task kill-unfinished-jobs ${taskId} --yes`);
    assert.match(unfinished.stdout, /3 of 3 jobs were asked to end/);
    const killed = await json<{ tasks: { result: string }[] }>(`task kill ${taskId} 99 --yes`);
    assert.deepEqual(
      killed.tasks.map(({ result }) => result),
      ['taken', 'notFound'],
    );
    await until('the end', async () => (await json<{ state: string }>(`task ${taskId}`)).state === 'aborted');
    const changed = await json<{ tasks: { result: string }[] }>(
      `task retry ${taskId} --set ramCount=1000 --set site=null`,
    );
    assert.deepEqual(
      changed.tasks.map(({ result }) => result),
      ['taken'],
    );
  });

  it('refuse words and options that mean nothing', async () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['task', /needs the id of a task/],
      ['task x1', /x1 is no id of a task/],
      ['task kill', /The id of a task is missing/],
      ['task 1 2', /shows one task/],
      ['task kill 1 --soft', /--soft is not for this/],
      ['task retry 1 --set a', /that is no NAME=VALUE/],
      ['task retry 1 --set nope=1', /nope cannot be changed by a retry; what can is site, /],
      ['task retry 1 --set ramCount=much', /ramCount: a whole number from 1 on is needed/],
      ['task resend', /takes the id of one submission/],
      ['tasks 7', /desc-panda tasks takes no 7/],
    ];
    for (const [line, message] of wrong) {
      const printed = await call(line);
      assert.equal(printed.code, 2, line);
      assert.match(printed.stderr, message);
    }
  });

  it('go on with a task whose answer was lost', async () => {
    const { id } = await json<SubmittedTask>('submit s.sh --as-task');
    const folder = join(harness().folder, 'home', 'tasks', 'sandbox');
    assert.deepEqual(await readdir(folder), [`${id}.json`]);
    const note = JSON.parse(await readFile(join(folder, `${id}.json`), 'utf8')) as Record<string, unknown>;
    const lost = { ...note, outcome: { kind: 'unknown', reason: 'It was lost.' } };
    await writeFile(join(folder, `${id}.json`), JSON.stringify(lost));
    const resent = await json<SubmittedTask>(`task resend ${id}`);
    assert.equal(resent.outcome, 'accepted');
    assert.match((await call(`task resend ${id}`)).stderr, /PanDA has this task/);
    const parameters = { ...(note.parameters as object), taskName: 'user.panda.other.aaaaaaaaaa/' };
    await writeFile(join(folder, `${id}.json`), JSON.stringify({ ...lost, parameters }));
    const { stderr } = await call('tasks');
    assert.match(
      stderr,
      /The task s\.sh may or may not exist\. It was lost\. Looked up by name: PanDA does not list it yet\./,
    );
    assert.equal((await call(`task forget ${id}`)).code, 0);
    assert.doesNotMatch((await call('tasks')).stderr, /may or may not/);
  });
});
