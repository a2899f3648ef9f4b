import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isFinalTask,
  jobErrors,
  type JobRecord,
  type JobRequest,
  type TaskState,
} from '../../../../src/panda/index.ts';
import {
  createTransformations,
  findTaskFiles,
  packTask,
  planTask,
  type BuildResult,
  type TaskChoices,
  type TransformationOptions,
} from '../../../../src/transformations/index.ts';
import { createTaskJournal, submitTask, systemClock } from '../../../../src/watch/index.ts';
import { until } from '../../sandbox/pilot/pilotProcess.ts';
import { NASTY } from '../payloadRunner.ts';
import { readPayloadSource } from '../payloadSources.ts';
import { buildFor, SandboxJobs } from '../sandboxJobs.ts';

/** Arguments that break whatever is not quoted. */
const WORDS = NASTY.slice(0, 4);

describe('tasks of job requests, in a sandbox', () => {
  const sandbox = new SandboxJobs();
  /** All are submitted at the beginning, as each takes its time. */
  let tasks: Readonly<Record<'numbers' | 'arguments' | 'hello' | 'failing', number>>;
  before(async () => {
    await sandbox.start();
    tasks = {
      numbers: await submitNumbers(),
      arguments: await submitArguments(),
      hello: await submit(requestsIn(await buildFor('hello', undefined, { arguments: ['stars'] }))),
      failing: await submit(requestsOf({ outputs: ['out.txt'] }, 'echo none\n'), {}, 2),
    };
  });
  after(() => sandbox.stop());

  function requestsIn(built: BuildResult): readonly JobRequest[] {
    assert.ok(built.kind === 'requests', JSON.stringify(built));
    return built.requests;
  }

  function requestsOf(options: TransformationOptions, script: string): readonly JobRequest[] {
    const path = join(sandbox.folder, "it's a script.sh");
    writeFileSync(path, `#!/bin/sh\n${script}`);
    const [transformation] = createTransformations(readPayloadSource).filter(({ id }) => id === 'script');
    return requestsIn(transformation!.build({ path, content: readFileSync(path) }, options));
  }

  async function submitNumbers(): Promise<number> {
    writeFileSync(join(sandbox.folder, 'data.txt'), 'data');
    const { files } = await findTaskFiles(sandbox.folder);
    const options = { arguments: ['n=%RNDM:10', 'a b'], outputs: ['out.txt'] };
    const requests = requestsOf(options, 'printf "<%s>" "$@" "$(cat data.txt)" > out.txt\n');
    const choices: TaskChoices = {
      split: { kind: 'jobs', jobs: 3 },
      files: files.filter(({ name }) => name === 'data.txt'),
    };
    return submit(requests, choices);
  }

  function submitArguments(): Promise<number> {
    const all: JobRequest[] = [];
    for (const word of WORDS) {
      const options = { arguments: [word], outputs: ['out.txt'] };
      all.push(...requestsOf(options, 'printf "<%s>" "$@" > out.txt\n'));
    }
    return submit(all);
  }

  async function submit(
    requests: readonly JobRequest[],
    choices: TaskChoices = {},
    maxAttempt = 1,
  ): Promise<number> {
    const planned = planTask(requests, choices);
    assert.ok(planned.kind === 'plan', JSON.stringify(planned));
    const archive = await packTask(planned.plan);
    const { client, profile } = sandbox;
    const task = {
      ...planned.plan.script,
      name: 'test',
      archive,
      maxAttempt,
      cliParams: 'a test',
      osInfo: '',
    };
    const journal = createTaskJournal(join(sandbox.folder, 'tasks'), { clock: systemClock });
    const deps = { client, profile, tasks: journal, clock: systemClock, random: Math.random };
    const { outcome } = await submitTask(task, deps);
    assert.ok(outcome.kind === 'accepted');
    return outcome.taskId;
  }

  async function ended(id: number): Promise<{ state: TaskState; jobs: readonly JobRecord[] }> {
    const state = await until(
      `end of task ${id}`,
      async () => {
        const found = await sandbox.client.tasks.getStatus(id);
        return found !== null && isFinalTask(found) && found;
      },
      90_000,
    );
    const { jobs } = await sandbox.client.tasks.getJobDescriptions(id);
    return { state, jobs: jobs.toSorted((a, b) => a.PandaID - b.PandaID) };
  }

  function output(job: JobRecord, ending: string): string {
    const lfn = job.files.map((file) => file.lfn).find((name) => name?.endsWith(ending));
    assert.ok(lfn != null, JSON.stringify(job.files));
    return readFileSync(sandbox.stored(job, lfn), 'utf8');
  }

  it('one request, often: each job has a number and the files, and leaves its output', async () => {
    const { state, jobs } = await ended(tasks.numbers);
    assert.equal(state, 'done');
    assert.deepEqual(
      jobs.map((job) => output(job, '.out.txt')),
      ['<n=11><a b><data>', '<n=12><a b><data>', '<n=13><a b><data>'],
    );
  });

  it('many requests: each is one job, with its own arguments, whatever they are', async () => {
    const { state, jobs } = await ended(tasks.arguments);
    assert.equal(state, 'done');
    assert.deepEqual(
      jobs.map((job) => output(job, '.out.txt')),
      WORDS.map((word) => `<${word}>`),
    );
  });

  it('a transformation of this project, as it is', async () => {
    const { state, jobs } = await ended(tasks.hello);
    assert.deepEqual([state, jobs.length], ['done', 1]);
  });

  it('a job that fails says why, and is tried again as another', async () => {
    const { state, jobs } = await ended(tasks.failing);
    assert.equal(state, 'failed');
    assert.deepEqual(
      jobs.map(({ attemptNr, jobStatus }) => [attemptNr, jobStatus]),
      [
        [0, 'failed'],
        [1, 'failed'],
      ],
    );
    const texts = jobs.map((job) => JSON.stringify(jobErrors(job)));
    for (const text of texts) assert.match(text, /ended with exit code 0 but left no out\.txt/u);
  });
});
