import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SandboxConnection } from '../../../../src/sandbox/index.ts';
import { rawCall } from './rawCall.ts';
import { connectionOf, startProcess, type SandboxProcess } from './serverProcess.ts';
import { submissionText } from './wireJobs.ts';

const ROUNDS = 4;
const CALLS_AT_ONCE = 4;
const ANSWERS_BEFORE_KILL = 6;
const JOBS_PER_CALL = 50;

describe('a sandbox killed with -9 while jobs are submitted', () => {
  let folder: string;
  let running: SandboxProcess;
  /** PandaIDs by the names of jobs that were answered. */
  const accepted = new Map<string, number>();
  const sent = new Set<string>();

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'desc-panda-recovery-'));
  });
  after(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
    await rm(folder, { recursive: true });
  });

  function post(connection: SandboxConnection, method: string, body: unknown) {
    return rawCall(connection.url, {
      method: 'POST',
      path: `/api/v1/${method}`,
      headers: {
        Authorization: `Bearer ${connection.token}`,
        Origin: 'lsst',
        Accept: 'application/json',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  }

  /** Submits without end, until the server is no more. */
  async function submitOn(connection: SandboxConnection, round: number, lane: number, onAnswer: () => void) {
    for (let call = 0; ; call++) {
      const names = Array.from(
        { length: JOBS_PER_CALL },
        (_item, index) => `${round}.${lane}.${call}.${index}`,
      );
      for (const name of names) sent.add(name);
      try {
        const answer = await post(connection, 'job/submit', {
          jobs: submissionText(names.map((jobName) => ({ jobName }))),
        });
        const { data } = JSON.parse(answer.text) as { data: [number][] };
        names.forEach((name, index) => accepted.set(name, data[index]![0]));
        onAnswer();
      } catch {
        return;
      }
    }
  }

  it('keeps every accepted job, once, and takes none by halves', async () => {
    let first: SandboxConnection | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      running = startProcess({ dataFolder: folder });
      const connection = await connectionOf(folder, running);
      first ??= connection;
      assert.deepEqual(
        [connection.url, connection.token],
        [first.url, first.token],
        'port and token are kept',
      );
      let answers = 0;
      const onAnswer = (): void => {
        // The others are under way at this moment: being read, written, or answered.
        if (++answers === ANSWERS_BEFORE_KILL + round) running.child.kill('SIGKILL');
      };
      const lanes = Array.from({ length: CALLS_AT_ONCE }, (_item, lane) =>
        submitOn(connection, round, lane, onAnswer),
      );
      await Promise.all(lanes);
      assert.equal(await running.ended, 'SIGKILL');
    }
    running = startProcess({ dataFolder: folder });
    const connection = await connectionOf(folder, running);
    assert.ok(accepted.size >= ROUNDS * ANSWERS_BEFORE_KILL * JOBS_PER_CALL);
    await checkAccepted(connection);
    await checkStored(connection);
  });

  async function checkAccepted(connection: SandboxConnection): Promise<void> {
    assert.equal(new Set(accepted.values()).size, accepted.size, 'no id is given twice');
    const ids = [...accepted.values()];
    const { data } = JSON.parse((await post(connection, 'job/get_description', { job_ids: ids })).text) as {
      data: ({ jobName: string } | null)[];
    };
    assert.deepEqual(
      data.map((job) => job?.jobName),
      [...accepted.keys()],
    );
  }

  /** Everything in the store was sent, nothing is there twice, and calls are there as a whole or not at all. */
  async function checkStored(connection: SandboxConnection): Promise<void> {
    const { text } = await rawCall(connection.url, {
      method: 'GET',
      path: '/jobs/?json&fields=jobname,jobstatus&user=tester',
      headers: { Authorization: `Bearer ${connection.token}`, Origin: 'lsst' },
    });
    const { jobs } = JSON.parse(text) as { jobs: { jobname: string }[] };
    const names = jobs.map(({ jobname }) => jobname);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.every((name) => sent.has(name)));
    const perCall = Map.groupBy(names, (name) => name.slice(0, name.lastIndexOf('.')));
    for (const [call, found] of perCall) assert.equal(found.length, JOBS_PER_CALL, `call ${call}`);
  }
});
