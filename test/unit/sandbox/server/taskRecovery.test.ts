import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxConnection } from '../../../../src/sandbox/index.ts';
import { rawCall } from './rawCall.ts';
import type { Envelope } from './sandbox.ts';
import { connectionOf, startProcess, type SandboxProcess } from './serverProcess.ts';
import { scriptTask, type JobFacts } from './taskSandbox.ts';

const JOBS = 1000;
const JOBS_AT_ONCE = 100;
/** Answers to the pilot after which the server is killed, round by round; then it lives. */
const KILLS = [1, 2, 5, 3, 8];

/** The number that a job of `scriptTask` was given. */
function numberOf({ jobParameters }: Pick<JobFacts, 'jobParameters'>): number {
  return Number(/ -p "\.\/run\.sh%20(\d+)"$/u.exec(jobParameters)?.[1]);
}

/** Every tenth input fails at its first attempt. */
const fails = (job: Pick<JobFacts, 'jobParameters' | 'attemptNr'>) =>
  numberOf(job) % 10 === 0 && job.attemptNr === 0;

describe('a task of 1,000 jobs on a sandbox killed with -9 again and again', () => {
  let folder: string;
  let running: SandboxProcess;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'desc-panda-task-recovery-'));
  });
  after(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
    await rm(folder, { recursive: true });
  });

  async function call(connection: SandboxConnection, method: string, body?: unknown): Promise<Envelope> {
    const answer = await rawCall(connection.url, {
      method: body === undefined ? 'GET' : 'POST',
      path: `/api/v1/${method}`,
      headers: {
        Authorization: `Bearer ${connection.token}`,
        Origin: 'lsst',
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return JSON.parse(answer.text) as Envelope;
  }

  /** What a pilot does, until nothing is left or the server is no more. */
  async function work(connection: SandboxConnection, id: number, onAnswer: () => void): Promise<string> {
    for (;;) {
      const got = await call(connection, 'pilot/acquire_jobs', {
        site_name: 'SANDBOX',
        n_jobs: JOBS_AT_ONCE,
      });
      onAnswer();
      const jobs = (got.data as { readonly jobs: readonly Dispatched[] } | null)?.jobs ?? [];
      if (jobs.length > 0) {
        await call(connection, 'pilot/update_jobs_bulk', { job_list: jobs.map(endOf) });
        onAnswer();
        continue;
      }
      const { data } = await call(connection, `task/get_status?task_id=${id}`);
      if (data === 'done' || data === 'finished' || data === 'failed') return data;
      await giveBackLost(connection, id);
      await pause(50);
    }
  }

  /** Jobs handed out by an answer that was lost with its server: a pilot that has them ends them now. */
  async function giveBackLost(connection: SandboxConnection, id: number): Promise<void> {
    const sent = (await jobsOf(connection, id)).filter(({ jobStatus }) => jobStatus === 'sent');
    if (sent.length === 0) return;
    const dispatched = sent.map(({ PandaID, attemptNr, jobParameters, Files }) => {
      const files = Files.filter(({ type }) => type === 'output' || type === 'log').map(({ lfn }) => lfn);
      return { PandaID, attemptNr, jobPars: jobParameters, outFiles: files.join(',') };
    });
    await call(connection, 'pilot/update_jobs_bulk', { job_list: dispatched.map(endOf) });
  }

  async function jobsOf(connection: SandboxConnection, id: number): Promise<readonly JobFacts[]> {
    const { data } = await call(connection, `task/get_job_descriptions?task_id=${id}`);
    return data as readonly JobFacts[];
  }

  it('makes each job once, tries again what failed, and ends', async () => {
    let id: number | undefined;
    let ended: string | undefined;
    for (let round = 0; ended === undefined; round++) {
      running = startProcess({ dataFolder: folder });
      const connection = await connectionOf(folder, running);
      id ??= await submit(connection);
      let answers = 0;
      const onAnswer = (): void => {
        if (++answers === KILLS[round]) running.child.kill('SIGKILL');
      };
      ended = await work(connection, id, onAnswer).catch(() => undefined);
      if (ended === undefined) assert.equal(await running.ended, 'SIGKILL');
      else assert.equal(round, KILLS.length, 'it was killed as often as it was meant to be');
    }
    assert.equal(ended, 'done');
    await check(await connectionOf(folder, running), id!);
  });

  async function submit(connection: SandboxConnection): Promise<number> {
    const map = scriptTask({ nEvents: JOBS, maxAttempt: 3, skipScout: true });
    const first = await call(connection, 'task/submit', { task_parameters: map });
    assert.ok(first.success, first.message);
    // An answer may be lost: whoever asks again is told of the same task.
    const again = await call(connection, 'task/submit', { task_parameters: map });
    assert.match(again.message, new RegExp(`jediTaskID=${String(first.data)}`, 'u'));
    return first.data as number;
  }

  async function check(connection: SandboxConnection, id: number): Promise<void> {
    const jobs = await jobsOf(connection, id);
    assert.equal(new Set(jobs.map(({ PandaID }) => PandaID)).size, jobs.length);
    const finished = jobs.filter(({ jobStatus }) => jobStatus === 'finished').map(numberOf);
    const wanted = Array.from({ length: JOBS }, (_item, index) => index + 6);
    assert.deepEqual(
      finished.toSorted((a, b) => a - b),
      wanted,
    );
    const failed = jobs.filter(({ jobStatus }) => jobStatus === 'failed').map(numberOf);
    assert.deepEqual(
      failed.toSorted((a, b) => a - b),
      wanted.filter((number) => number % 10 === 0),
    );
    assert.equal(jobs.length, JOBS + failed.length);
    const names = jobs.flatMap(({ Files }) =>
      Files.filter(({ type }) => type !== 'pseudo_input').map(({ lfn }) => lfn),
    );
    assert.equal(new Set(names).size, names.length, 'no two jobs have a file of the same name');
    const { data } = await call(connection, `task/get_detailed_info?task_id=${id}`);
    assert.equal((data as { status: string }).status, 'done');
  }
});

interface Dispatched {
  readonly PandaID: number;
  readonly attemptNr: number;
  readonly jobPars: string;
  readonly outFiles: string;
}

/** The last word of a pilot on a job. */
function endOf({ PandaID, attemptNr, jobPars, outFiles }: Dispatched): object {
  if (fails({ jobParameters: jobPars, attemptNr })) {
    return { job_id: PandaID, job_status: 'failed', trans_exit_code: 3 };
  }
  const facts = { guid: 'a1b2c3d4-0000-4000-8000-000000000009', fsize: 100, adler32: '0badcafe' };
  const report = Object.fromEntries(outFiles.split(',').map((lfn) => [lfn, facts]));
  return {
    job_id: PandaID,
    job_status: 'finished',
    trans_exit_code: 0,
    job_output_report: JSON.stringify(report),
  };
}
