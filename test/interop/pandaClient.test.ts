import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { jobErrors } from '../../src/panda/index.ts';
import type { JobRecord, TaskState } from '../../src/panda/index.ts';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { pandaClientEnvironment } from './pandaClientEnvironment.ts';
import { pandaClient } from './programs/pandaClient.ts';
import { startSandbox } from './sandbox.ts';
import type { RunningSandbox } from './sandbox.ts';
import { usePrograms } from './usePrograms.ts';

interface Ran {
  readonly code: number;
  /** Both of its outputs. */
  readonly text: string;
}

describe("prun and pbook of PanDA's own client with the sandbox", () => {
  const pathOf = usePrograms(pandaClient);
  const later = doAfter();
  let sandbox: RunningSandbox;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let number = 0;

  before(async () => {
    sandbox = await startSandbox(later);
    folder = await temporaryFolder(later);
    env = pandaClientEnvironment(sandbox.connection, pathOf(pandaClient), folder);
  });

  const run = async (program: string, words: readonly string[], cwd = folder): Promise<Ran> => {
    const path = join(dirname(pathOf(pandaClient)), program);
    const options = { env, cwd, timeout: 60_000 };
    try {
      const { stdout, stderr } = await promisify(execFile)(path, words, options);
      return { code: 0, text: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
      if (typeof code !== 'number') throw error;
      return { code, text: stdout + stderr };
    }
  };

  /** A working folder with a script, and files beside it. */
  const workIn = async (script: string, files: Readonly<Record<string, string>> = {}): Promise<string> => {
    number += 1;
    const work = join(folder, `work${number}`);
    await mkdir(join(work, 'data'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(work, name), text);
    await writeFile(join(work, 'run.sh'), `#!/bin/sh\n${script}\n`);
    await chmod(join(work, 'run.sh'), 0o755);
    return work;
  };

  /** The id of the task that it made. */
  const prun = async (work: string, ...words: readonly string[]): Promise<number> => {
    const name = `user.${userInfo().username}.task${number}`;
    const { code, text } = await run('prun', ['--noBuild', '--vo', 'lsst', '--outDS', name, ...words], work);
    assert.equal(code, 0, text);
    const id = Number(/new jediTaskID=(\d+)/u.exec(text)?.[1]);
    assert.ok(id > 0, text);
    return id;
  };

  const pbook = (call: string): Promise<Ran> => run('pbook', ['-c', call]);
  const reach = (id: number, ...states: readonly TaskState[]): Promise<TaskState> =>
    until(
      `${states.join(' or ')} of task ${id}`,
      async () => {
        const state = await sandbox.client.tasks.getStatus(id);
        return state !== null && states.includes(state) && state;
      },
      { timeoutMs: 60_000, seen: () => seen(id) },
    );

  const seen = async (id: number): Promise<string> => {
    const jobs = (await jobsOf(id)).map(
      (job) =>
        `${job.PandaID} ${job.jobStatus} ${jobErrors(job)
          .map(({ diag }) => diag)
          .join()}`,
    );
    return [await sandbox.client.tasks.getStatus(id), ...jobs].join('\n');
  };

  const reachRunning = (id: number): Promise<boolean> =>
    until(`a running job of task ${id}`, async () =>
      (await jobsOf(id)).some(({ jobStatus }) => jobStatus === 'running'),
    );

  const jobsOf = async (id: number): Promise<readonly JobRecord[]> => {
    const { jobs } = await sandbox.client.tasks.getJobDescriptions(id);
    return [...jobs].sort((a, b) => a.PandaID - b.PandaID);
  };

  it('prun sends the files of its folder along, and each job leaves its output', async () => {
    const work = await workIn('cat text.txt data/large.root > result.txt; echo "seed $1" >> result.txt', {
      'text.txt': 'a text\n',
      'data/large.root': 'left out unless it is named\n',
      'data/other.root': '',
    });
    const id = await prun(
      work,
      '--nJobs',
      '3',
      '--exec',
      './run.sh %RNDM:10; ls data',
      '--extFile',
      'data/large.root',
      '--outputs',
      'result.txt',
    );
    await reach(id, 'done');
    const jobs = await jobsOf(id);
    assert.deepEqual(
      jobs.map(({ jobStatus, transExitCode }) => [jobStatus, transExitCode]),
      Array(3).fill(['finished', '0']),
    );
    for (const [index, job] of jobs.entries()) {
      const output = job.files.find(({ type }) => type === 'output');
      const result = await readFile(sandbox.stored(job.PandaID, output?.lfn ?? ''), 'utf8');
      assert.equal(result, `a text\nleft out unless it is named\nseed ${11 + index}\n`);
      const printed = await readFile(sandbox.stored(job.PandaID, 'payload.stdout'), 'utf8');
      assert.match(printed, /^large\.root$/mu);
      assert.doesNotMatch(printed, /other\.root/u);
    }
  });

  it('prun splits a list of files over jobs, and gives their names to the program', async () => {
    const work = await workIn('echo "$1" > got.txt', {
      'inputs.txt': 'file:///a/1.fits\nfile:///a/2.fits\nfile:///a/3.fits\n',
    });
    const id = await prun(
      work,
      '--site',
      'SANDBOX',
      '--pfnList',
      'inputs.txt',
      '--nFilesPerJob',
      '2',
      '--exec',
      './run.sh %IN',
      '--outputs',
      'got.txt',
    );
    await reach(id, 'done');
    const names: string[] = [];
    for (const { PandaID, files } of await jobsOf(id)) {
      const output = files.find(({ type }) => type === 'output')?.lfn ?? '';
      names.push((await readFile(sandbox.stored(PandaID, output), 'utf8')).trim());
    }
    assert.deepEqual(names, ['file:///a/1.fits,file:///a/2.fits', 'file:///a/3.fits']);
  });

  describe('a task of which two of three jobs fail', () => {
    let flag: string;
    let id: number;
    before(async () => {
      flag = join(folder, 'repaired');
      const work = await workIn(`[ "$1" = 1 ] || [ -e '${flag}' ] || exit 3`);
      id = await prun(work, '--nJobs', '3', '--exec', './run.sh %RNDM:0', '--maxAttempt', '1');
      await reach(id, 'finished');
    });

    it('pbook show tells what became of it, in short and at length', async () => {
      const failed = await jobsOf(id);
      assert.deepEqual(
        failed.map(({ jobStatus, transExitCode }) => `${jobStatus} ${transExitCode}`),
        ['finished 0', 'failed 3', 'failed 3'],
      );
      assert.match((await pbook('show()')).text, new RegExp(`\\b${id}\\b.*finished.*user\\.`, 'u'));
      const shown = await pbook(`show(${id}, format='long')`);
      assert.equal(shown.code, 0, shown.text);
      assert.match(shown.text, new RegExp(`\\b${id}\\b.*\\b1\\|2\\|3\\b`, 'u'));
    });

    it('pbook retry has what failed run again, and is refused once all is done', async () => {
      await writeFile(flag, '');
      const retried = await pbook(`retry(${id})`);
      assert.equal(retried.code, 0, retried.text);
      await reach(id, 'done');
      const states = (await jobsOf(id)).map(({ jobStatus }) => jobStatus);
      assert.deepEqual(states, ['finished', 'failed', 'failed', 'finished', 'finished']);
      const again = await pbook(`retry(${id})`);
      assert.equal(again.code, 1, again.text);
      assert.match(again.text, /the retry command is not accepted if the task is in done status/u);
    });
  });

  it('pbook kill ends a task that runs', async () => {
    const id = await prun(await workIn('sleep 120'), '--nJobs', '6', '--exec', './run.sh');
    await reachRunning(id);
    const killed = await pbook(`kill(${id})`);
    assert.equal(killed.code, 0, killed.text);
    await reach(id, 'aborted');
    const states = new Set((await jobsOf(id)).map(({ jobStatus }) => jobStatus));
    assert.deepEqual([...states], ['cancelled']);
    assert.match((await pbook(`show(${id})`)).text, /aborted/u);
  });

  it('pbook finish ends a task with what is done', async () => {
    const id = await prun(
      await workIn('[ "$1" = 1 ] || sleep 120'),
      '--nJobs',
      '3',
      '--exec',
      './run.sh %RNDM:0',
    );
    await until('one job to finish', async () =>
      (await jobsOf(id)).some(({ jobStatus }) => jobStatus === 'finished'),
    );
    const finished = await pbook(`finish(${id})`);
    assert.equal(finished.code, 0, finished.text);
    await reach(id, 'finished');
    const states = (await jobsOf(id)).map(({ jobStatus }) => jobStatus);
    assert.deepEqual(states, ['finished', 'cancelled', 'cancelled']);
  });

  it('pbook says of an unknown task that it is none', async () => {
    const killed = await pbook('kill(99999999)');
    assert.equal(killed.code, 1, killed.text);
    assert.match(killed.text, /99999999 not found/u);
  });
});
