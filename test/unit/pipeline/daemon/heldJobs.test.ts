import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { HealthServer } from '../../../../src/pipeline/daemon/health.ts';
import {
  announcedDaemons,
  announcedFile,
  CONNECTION_FILE,
  readDaemonConnection,
  writeConnection,
} from '../../../../src/pipeline/daemon/jobs/connectionFile.ts';
import { createDaemonClient, DaemonCallError } from '../../../../src/pipeline/daemon/jobs/daemonClient.ts';
import type { DaemonClient, DaemonTrouble } from '../../../../src/pipeline/daemon/jobs/daemonClient.ts';
import { heldJobs, heldStreams, heldTasks } from '../../../../src/pipeline/daemon/jobs/queries.ts';
import { openLocalServer } from '../../../../src/pipeline/daemon/localServer.ts';
import { openLedger } from '../../../../src/pipeline/mail/ledger.ts';
import type { MailLedger } from '../../../../src/pipeline/mail/ledger.ts';
import { identityOf, placeOf } from '../../../../src/pipeline/service/identity.ts';
import type { Job } from '../../../../src/pipeline/rmi/index.ts';
import { jobOf, openServiceWorld } from '../service/serviceWorld.ts';
import type { ServiceWorld } from '../service/serviceWorld.ts';

/** A job as the emulator asks for it. */
function placed(instance: number, stream: string, process: string, more: Partial<Job> = {}): Job {
  const env = new Map([
    ['PIPELINE_STREAM', stream.split('.').at(-1) ?? ''],
    ['PIPELINE_STREAMPATH', stream],
    ['PIPELINE_TASK', stream.includes('.') ? 'sensor' : 'visit'],
    ['PIPELINE_TASKPATH', stream.includes('.') ? 'visit.sensor' : 'visit'],
    ['PIPELINE_PROCESS', process],
    ...(more.env ?? []),
  ]);
  return jobOf(instance, { ...more, env });
}

const PAGE = { offset: 0, limit: 200 };
const STREAM_1 = { user: 'glast', task: 'visit', stream: 1 };

describe('what a running daemon tells of its jobs', () => {
  let world: ServiceWorld;
  let ledger: MailLedger;
  let announceIn: string;
  let server: HealthServer;
  let client: DaemonClient;
  let status: string;

  const open = (): Promise<HealthServer> =>
    openLocalServer({
      port: 0,
      state: world.folder,
      announceIn,
      journal: world.journal,
      ledger,
      services: [world.service],
      startTime: 1000,
      status: () => status,
      mails: () => ledger.counts(),
      figures: () => {
        throw new Error('nobody asks for them');
      },
      tell: (_level, event) => world.events.push(event),
    });

  beforeEach(async () => {
    world = await openServiceWorld();
    ledger = openLedger(world.journal.database);
    announceIn = join(world.folder, 'daemons');
    status = 'OK';
    server = await open();
    client = createDaemonClient(join(world.folder, CONNECTION_FILE));
  });
  afterEach(async () => {
    await server.close();
    await world.dispose();
  });

  const submit = async (...jobs: readonly Job[]): Promise<readonly number[]> => {
    const ids: number[] = [];
    for (const job of jobs) ids.push(Number(await world.service.submitter.submit(job)));
    return ids;
  };
  const troubleOf = async (work: Promise<unknown>): Promise<DaemonTrouble> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DaemonCallError, String(error));
    assert.notEqual(error.advice, '');
    return error.trouble;
  };

  it('is grouped by task and stream, with substreams in their stream', async () => {
    assert.deepEqual((await client.tasks()).tasks, []);
    await submit(
      placed(11, '10', 'setup'),
      placed(12, '2', 'setup'),
      placed(13, '2.7', 'phoSim'),
      jobOf(14), // A pipeline that tells no more than it must.
    );
    const { tasks, mails, startTime } = await client.tasks();
    assert.deepEqual({ mails, startTime }, { mails: { sending: 0, waiting: 0, sent: 0 }, startTime: 1000 });
    assert.deepEqual(tasks, [
      { user: 'glast', task: 'phosim', counts: { PENDING: 1 } },
      { user: 'glast', task: 'visit', counts: { PENDING: 3 } },
    ]);
    assert.deepEqual(await client.streams({ user: 'glast', task: 'visit' }, PAGE), {
      total: 2,
      streams: [
        { stream: 2, counts: { PENDING: 2 } },
        { stream: 10, counts: { PENDING: 1 } },
      ],
    });
    const { total, jobs } = await client.jobs({ user: 'glast', task: 'visit', stream: 2 }, PAGE);
    assert.equal(total, 2);
    assert.deepEqual(
      jobs.map(({ instance, process, streamPath, status: word }) => [instance, process, streamPath, word]),
      [
        ['12', 'setup', '2', 'PENDING'],
        ['13', 'sensor.phoSim', '2.7', 'PENDING'],
      ],
    );
    const second = { offset: 1, limit: 1 };
    assert.equal(
      (await client.jobs({ user: 'glast', task: 'visit', stream: 2 }, second)).jobs[0]?.instance,
      '13',
    );
    assert.equal((await client.streams({ user: 'glast', task: 'visit' }, second)).streams[0]?.stream, 10);
    assert.equal(
      (await client.jobs({ user: 'glast', task: 'phosim', stream: 1 }, PAGE)).jobs[0]?.process,
      '',
    );
  });

  it('has both words for a state, and what went wrong', async () => {
    const [running = 0, failed = 0] = await submit(placed(1, '1', 'a'), placed(2, '1', 'b'));
    world.panda.describeJob = (id) =>
      id === running ? { jobStatus: 'holding' } : { jobStatus: 'failed', transExitCode: '3' };
    await world.service.poll.current();
    const { jobs } = await client.jobs(STREAM_1, PAGE);
    assert.deepEqual(
      jobs.map(({ pandaId, status: word, state, exitCode }) => [pandaId, word, state, exitCode]),
      [
        [running, 'RUNNING', 'holding', null],
        [failed, 'FAILED', 'failed', 3],
      ],
    );
    assert.deepEqual((await client.tasks()).tasks[0]?.counts, { RUNNING: 1, FAILED: 1 });
  });

  it('comes as the same object while nothing has changed', async () => {
    const before = await client.tasks();
    assert.equal(await client.tasks(), before);
    await submit(placed(1, '1', 'a'));
    const after = await client.tasks();
    assert.notEqual(after, before);
    assert.equal(await client.tasks(), after);
    status = 'Bad no connection';
    assert.equal((await client.tasks()).status, 'Bad no connection');
  });

  it('cancels one job, or all of a stream, and says what became of it', async () => {
    const [first = 0, second = 0] = await submit(
      placed(1, '1', 'a'),
      placed(2, '1', 'b'),
      placed(3, '2', 'a'),
    );
    const { jobs } = await client.jobs(STREAM_1, PAGE);
    const one = await client.cancel({ user: 'glast', number: jobs[0]?.number ?? 0 });
    assert.deepEqual(one, { asked: 1, over: 0, refused: [] });
    assert.equal((await client.jobs(STREAM_1, PAGE)).jobs[0]?.cancelRequested, true);
    world.panda.describeJob = (id) => ({ jobStatus: id === first ? 'cancelled' : 'running' });
    await world.service.poll.current();
    assert.deepEqual(await client.cancel(STREAM_1), { asked: 1, over: 0, refused: [] });
    assert.deepEqual(world.panda.killed, [first, second]);
    assert.equal(await troubleOf(client.cancel({ user: 'glast' })), 'refused');
    assert.equal(await troubleOf(client.cancel({ user: 'nobody', task: 'visit' })), 'refused');
  });

  it('has the mails of a job, sent or not, with their text', async () => {
    await submit(placed(1, '1', 'a'));
    const [job] = (await client.jobs(STREAM_1, PAGE)).jobs;
    assert.deepEqual(
      (await client.mails(job?.number ?? 0)).map(({ kind, step, text }) => [kind, step, text]),
      [
        ['start', null, null],
        ['end', null, null],
      ],
    );
    world.panda.describeJob = () => ({ jobStatus: 'running', startTime: '2026-08-01 10:00:00' });
    await world.service.poll.current();
    const noted = { job: job?.number ?? 0, kind: 'start', messageId: 'x@y', sender: 'daemon' } as const;
    ledger.put({ ...noted, step: 'waiting', tries: 2, nextTry: 5000, problem: 'The mail server is away' });
    const [start, end] = await client.mails(job?.number ?? 0);
    assert.match(start?.text ?? '', /^ProcessInstance: 1\n(.+\n)*Status: Started$/m);
    assert.deepEqual(
      [start?.subject, start?.step, start?.nextTry, start?.sent, start?.tries, start?.problem],
      ['1', 'waiting', 5000, null, 2, 'The mail server is away'],
    );
    assert.equal(end?.text, null);
    assert.deepEqual((await client.jobs(STREAM_1, PAGE)).jobs[0]?.mails, { start: 'waiting', end: null });
    ledger.put({ ...noted, step: 'sent', tries: 3, nextTry: 6000, problem: null });
    const [sent] = await client.mails(job?.number ?? 0);
    assert.deepEqual([sent?.step, sent?.nextTry, sent?.sent], ['sent', null, 6000]);
    assert.equal(await troubleOf(client.mails(999)), 'refused');
  });

  it('is told to nobody without its token, and to no page', async () => {
    const ask = async (
      path: string,
      headers: Readonly<Record<string, string>>,
      method = 'GET',
      body = '',
    ) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
      request({ host: '127.0.0.1', port: server.port, path, headers, method }, (response) => {
        void readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on('error', reject)
        .end(body);
      return (await promise).status;
    };
    const connection = await readDaemonConnection(join(world.folder, CONNECTION_FILE));
    const Authorization = `Bearer ${connection?.token ?? ''}`;
    assert.equal(await ask('/jobs', {}), 401);
    assert.equal(await ask('/jobs', { Authorization: `${Authorization}x` }), 401);
    assert.equal(await ask('/jobs/cancel', {}, 'POST', '{"user":"glast","task":"visit"}'), 401);
    assert.equal(await ask('/jobs', { Authorization, Host: 'evil.example:80' }), 403);
    assert.equal(await ask('/jobs', { Authorization, Origin: 'https://evil.example' }), 403);
    assert.equal(await ask('/jobs', { Authorization }), 200);
    for (const wrong of [
      '?',
      '?user=glast&task=visit&offset=0&limit=1001',
      '?user=glast&task=visit&offset=-1&limit=9',
    ]) {
      assert.equal(await ask(`/jobs/streams${wrong}`, { Authorization }), 400, wrong);
    }
    assert.equal(await ask('/jobs/other', { Authorization }), 404);
    assert.equal(await ask('/jobs', { Authorization }, 'POST'), 405);
    assert.equal(await ask('/jobs/cancel', { Authorization }), 405);
    assert.equal(await ask('/jobs/cancel', { Authorization }, 'POST', 'no JSON'), 400);
    assert.equal(await ask('/jobs/cancel', { Authorization }, 'POST', ' '.repeat(70_000)), 413);
  });

  it('is found by its file, which only its owner reads, and which goes with it', async () => {
    const file = join(world.folder, CONNECTION_FILE);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await announcedDaemons(announceIn, hostname()), [file]);
    assert.deepEqual(await announcedDaemons(announceIn, 'elsewhere'), []);
    const connection = await readDaemonConnection(file);
    assert.ok(connection !== undefined);
    await writeConnection(announcedFile(announceIn, world.folder), { ...connection, pid: 2 ** 22 + 1 });
    assert.deepEqual(await announcedDaemons(announceIn, hostname()), []);
    await server.close();
    assert.equal(await troubleOf(client.tasks()), 'absent');
    server = await open();
    assert.deepEqual((await client.tasks()).tasks, []);
  });

  it('says in words why it cannot be asked', async () => {
    const file = join(world.folder, CONNECTION_FILE);
    const connection = await readDaemonConnection(file);
    assert.ok(connection !== undefined);
    await writeConnection(file, { ...connection, token: 'another' });
    assert.equal(await troubleOf(client.tasks()), 'denied');
    await writeConnection(file, { ...connection, url: 'http://127.0.0.1:1' });
    assert.equal(await troubleOf(client.tasks()), 'notRunning');
    for (const text of [
      '',
      'null',
      '{"url":"http://evil.example:80","token":"x","pid":9,"host":"h","state":"/s"}',
    ]) {
      await writeFile(file, text);
      assert.equal(await troubleOf(client.tasks()), 'absent', text);
    }
    if (process.getuid?.() !== 0) {
      await chmod(file, 0);
      assert.equal(await troubleOf(client.tasks()), 'unreadable');
    }
  });
});

describe('counts of 100,000 jobs', function () {
  this.timeout(60_000);

  it('come from an index', async () => {
    const { openJournal } = await import('../../../../src/pipeline/service/journal.ts');
    const folder = await mkdtemp(join(tmpdir(), 'held-jobs-'));
    const journal = openJournal(join(folder, 'journal.sqlite'));
    try {
      openLedger(journal.database);
      const job = placed(1, '1', 'a');
      const facts = { digest: '', directory: '/d', workingDirectory: null, logFile: 'l' };
      const identity = identityOf(job);
      journal.receive('glast', { identity, place: placeOf(job, identity), ...facts }, 0);
      journal.database.run(
        `WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
         INSERT INTO jobs (user, task, instance, stream, execution, digest, step, received, directory, logFile,
           topTask, topStream, streamPath, process, state)
         SELECT 'glast', 'visit', n, n / 100, '1', '', 'accepted', 0, '/d', 'l', 'visit', n / 100, n / 100, 'a', 'finished' FROM numbers`,
      );
      const plan = journal.database.rows(
        'EXPLAIN QUERY PLAN SELECT user, topTask, step, state, count(*) FROM jobs GROUP BY user, topTask, step, state',
      );
      // And are not sorted, either.
      assert.deepEqual(
        plan.map(({ detail }) => detail),
        ['SCAN jobs USING COVERING INDEX byTask'],
      );
      const [task] = heldTasks(journal.database);
      assert.deepEqual(task?.counts, { SUBMITTING: 1, DONE: 99_999 });
      const choice = { user: 'glast', task: 'visit' };
      const { total, streams } = heldStreams(journal.database, choice, { offset: 200, limit: 2 });
      assert.equal(total, 1001);
      assert.deepEqual(
        streams,
        [200, 201].map((stream) => ({ stream, counts: { DONE: 100 } })),
      );
      assert.equal(heldJobs(journal.database, { ...choice, stream: 7 }, PAGE).total, 100);
    } finally {
      journal.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
