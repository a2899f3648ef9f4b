import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { createPandaClient } from '../../../../src/panda/index.ts';
import type { JobRequest, PandaClient, Profile } from '../../../../src/panda/index.ts';
import { sandboxLayout, sandboxProfile, startSandboxServer } from '../../../../src/sandbox/index.ts';
import type { SandboxServer } from '../../../../src/sandbox/index.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import {
  createSubmissionJournal,
  resumeSubmission,
  submitJobs,
  systemClock,
} from '../../../../src/watch/index.ts';
import type { SubmitJobsDeps, SubmitProgress } from '../../../../src/watch/index.ts';
import { until } from '../../../support/until.ts';
import { request } from './plans.ts';

const JOBS = 10_000;
const CHILD = fileURLToPath(new URL('./manyChild.ts', import.meta.url));

describe('a submission of 10,000 jobs, on the sandbox', () => {
  let folder: string;
  let server: SandboxServer;
  let profile: Profile;
  let client: PandaClient;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'many-'));
    server = await startSandboxServer({
      dataFolder: join(folder, 'sandbox'),
      owner: 'panda',
      runsBackground: false,
    });
    profile = sandboxProfile({ url: server.url, token: server.token, pid: 1, startedAt: 0 }, 'panda');
    client = createPandaClient(profile);
  });
  afterEach(async () => {
    client.dispose();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const deps = (): SubmitJobsDeps => ({
    client,
    profile,
    journal: createSubmissionJournal(join(folder, 'journal')),
    clock: systemClock,
    random: Math.random,
    stores: createStagingStores(),
    uploadsFolder: join(folder, 'uploads'),
  });
  /** Jobs that the server has, and how many different names. */
  const stored = (): { jobs: number; names: number } => {
    const database = new DatabaseSync(sandboxLayout(join(folder, 'sandbox')).database, { readOnly: true });
    try {
      const row = database
        .prepare('SELECT count(*) AS jobs, count(DISTINCT jobName) AS names FROM jobs')
        .get();
      return { jobs: Number(row?.jobs), names: Number(row?.names) };
    } finally {
      database.close();
    }
  };

  it('goes through, with progress, making requests when they are wanted', async () => {
    let made = 0;
    const requests = {
      length: JOBS,
      *[Symbol.iterator](): Generator<JobRequest> {
        for (let index = 0; index < JOBS; index += 1) {
          made += 1;
          yield request({ arguments: [String(index)] });
        }
      },
    };
    let ahead = 0;
    const progress: SubmitProgress[] = [];
    const result = await submitJobs({ name: 'many', requests }, deps(), {
      onProgress: (step) => {
        progress.push(step);
        // They were made once to be checked and once for the journal before the first was sent.
        if (step.phase === 'submitting') ahead = Math.max(ahead, made - 2 * JOBS - step.done);
      },
    });
    assert.deepEqual(new Set(result.outcomes.map(({ kind }) => kind)), new Set(['accepted']));
    assert.deepEqual(stored(), { jobs: JOBS, names: JOBS });
    const sent = progress.flatMap((step) => (step.phase === 'submitting' ? [step.done] : []));
    assert.ok(sent.length >= 40, String(sent.length));
    assert.deepEqual(
      sent,
      sent.toSorted((one, other) => one - other),
    );
    assert.equal(sent.at(-1), JOBS);
    assert.equal(made, 3 * JOBS);
    assert.ok(ahead < 1000, `${ahead} requests were made before they were wanted`);
  });

  it('stops when it is told to, and goes on where it stopped', async () => {
    const stop = new AbortController();
    const plan = { name: 'many', requests: Array.from({ length: JOBS }, () => request()) };
    const half = await submitJobs(plan, deps(), {
      signal: stop.signal,
      onProgress: (step) => {
        if (step.phase === 'submitting' && step.done >= JOBS / 2) stop.abort();
      },
    });
    const { jobs } = stored();
    assert.ok(jobs >= JOBS / 2 && jobs < JOBS, String(jobs));
    assert.ok(half.outcomes.some(({ kind }) => kind === 'notSent'));
    const whole = await resumeSubmission(half.id, deps(), { settledAfter: 1000 });
    assert.ok(whole.outcomes.every(({ kind }) => kind === 'accepted'));
    assert.deepEqual(stored(), { jobs: JOBS, names: JOBS });
  });

  /** Submits in a process of its own, kills it half way, and goes on here. */
  const killHalfWayAndResume = async (
    words: readonly string[],
    change: Partial<SubmitJobsDeps>,
  ): Promise<void> => {
    const child = spawn(
      process.execPath,
      [CHILD, server.url, join(folder, 'journal'), String(JOBS), ...words],
      {
        stdio: ['pipe', 'ignore', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    child.stdin.end(server.token);
    await until('half of the jobs to be stored', () => Promise.resolve(stored().jobs >= JOBS / 2), {
      timeoutMs: 120_000,
    });
    child.kill('SIGKILL');
    await ended;
    const before = stored().jobs;
    assert.ok(before < JOBS, 'the submission was over before it could be killed');
    const all = { ...deps(), ...change };
    const { entries } = await all.journal.list('sandbox');
    const [entry] = entries;
    assert.equal(entries.length, 1);
    assert.equal(entry?.status, 'interrupted');
    const whole = await resumeSubmission(entry.submission.id, all, { settledAfter: 2000 });
    assert.deepEqual(new Set(whole.outcomes.map(({ kind }) => kind)), new Set(['accepted']));
    assert.equal(whole.outcomes.length, JOBS);
    assert.deepEqual(stored(), { jobs: JOBS, names: JOBS });
    // Once more changes nothing.
    await resumeSubmission(entry.submission.id, all, { settledAfter: 2000 });
    assert.deepEqual(stored(), { jobs: JOBS, names: JOBS });
  };

  it('is whole after a kill half way and a resume, none lost and none twice', () =>
    killHalfWayAndResume([], {}));

  it('is whole, too, where its files are staged, and each job finds them', async () => {
    const path = join(folder, 'catalog.txt');
    await writeFile(path, 'a catalog');
    const dataFolder = join(folder, 'sandbox');
    const inputs = [{ name: 'catalog.txt', path, size: 9 }];
    const connection = { url: server.url, token: server.token, pid: 1, startedAt: 0 };
    const staged = sandboxProfile(connection, 'panda', dataFolder);
    await killHalfWayAndResume([dataFolder, JSON.stringify(inputs)], { profile: staged });
    const at = sandboxLayout(dataFolder).stagingFolder;
    const found: string[] = [];
    for await (const name of glob('**/{manifests,catalog.txt}', { cwd: at })) found.push(name);
    assert.deepEqual(found.map((name) => basename(name)).sort(), ['catalog.txt', 'manifests']);
    const manifests = await readFile(
      join(at, found.find((name) => name.endsWith('/manifests')) ?? ''),
      'utf8',
    );
    assert.equal(manifests.match(/^get\tcatalog\.txt\t9\t/gm)?.length, JOBS);
    assert.equal(new Set(manifests.match(/^put\timage\.fits\t.*$/gm)).size, JOBS);
  });
});
