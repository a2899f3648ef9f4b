import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import {
  createRegistry,
  EMPTY_JOB,
  exportJobControl,
  fileNotFoundException,
  jobControlException,
  JavaThrowable,
  jobSubmissionException,
  noSuchJobException,
  securityException,
  startRmiServer,
  timeoutException,
} from '../../src/pipeline/rmi/index.ts';
import type {
  Job,
  JobControlHandlers,
  RmiServer,
  RmiServerOptions,
  ServerEvent,
} from '../../src/pipeline/rmi/index.ts';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { compileJava, JavaProgram } from './javaPrograms.ts';
import type { JavaPrograms } from './javaPrograms.ts';
import { jdk } from './programs/jdk.ts';
import { rmiio } from './programs/rmiio.ts';
import { usePrograms } from './usePrograms.ts';
import { ID, SERVICE, SHOWN, STATUS, fileBytes, inPieces } from './rmiSamples.ts';

describe('Java programs that call a job control service of ours', () => {
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();
  let programs: JavaPrograms;
  let server: RmiServer;
  let caller: JavaProgram;
  let jobs: Job[];
  let events: ServerEvent[];
  let openStreams = 0;

  before(async () => {
    programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    await start();
    later(() => server.close());
    caller = new JavaProgram(programs, 'interop.Caller', String(server.port));
    later(() => caller.end());
    assert.deepEqual(await caller.ask('lookup', SERVICE), ['ok', 'org.srs.jobcontrol.JobControl']);
  });

  async function start(options: Partial<RmiServerOptions> = {}): Promise<void> {
    events = [];
    server = await startRmiServer({
      host: '127.0.0.1',
      publicHost: '127.0.0.1',
      onEvent: (event) => events.push(event),
      ...options,
    });
    const registry = createRegistry();
    server.export(registry.object);
    jobs = [];
    registry.bind(SERVICE, exportJobControl(server, handlers, { objId: ID }));
  }

  async function* tracked(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
    openStreams += 1;
    try {
      yield* inPieces(bytes);
    } finally {
      openStreams -= 1;
    }
  }

  const handlers: JobControlHandlers = {
    submit: (job) => {
      jobs.push(job);
      if (job.command === null) return Promise.reject(jobSubmissionException('Missing command'));
      return Promise.resolve(String(6_900_000_000 + jobs.length));
    },
    status: (id) => {
      const cause = new JavaThrowable('java.io.IOException', 'no answer');
      const thrown: Readonly<Record<string, JavaThrowable>> = {
        missing: noSuchJobException('Job id missing'),
        control: jobControlException('PanDA does not answer', cause),
        security: securityException(),
        remote: new JavaThrowable('java.rmi.RemoteException', 'x'),
      };
      if (id === 'broken') return Promise.reject(new Error('a secret'));
      return thrown[id] === undefined
        ? Promise.resolve(id === 'null' ? null : STATUS)
        : Promise.reject(thrown[id]);
    },
    arrayStatus: (ids) =>
      Promise.resolve(new Map(ids.filter((id) => id !== '9').map((id) => [id, { ...STATUS, id }]))),
    cancel: (id) =>
      id === '9' ? Promise.reject(noSuchJobException('No such job, id=9')) : Promise.resolve(),
    getFile: ({ spId, workingDirectory, name }) => {
      if (name === 'missing') return Promise.reject(fileNotFoundException('Summary file does not exist.'));
      if (name === 'late') return Promise.reject(timeoutException());
      return Promise.resolve(name === 'large' ? 'é\n'.repeat(50_000) : `${spId} ${workingDirectory} ${name}`);
    },
    getFileStream: ({ name }) =>
      name === 'missing'
        ? Promise.reject(fileNotFoundException('missing'))
        : Promise.resolve(tracked(fileBytes(Number(name)))),
  };
  const called = (name: string): number =>
    events.filter((event) => event.kind === 'call' && event.method === name).length;

  for (const kind of [
    'HashMap',
    'LinkedHashMap',
    'TreeMap',
    'Hashtable',
    'ConcurrentHashMap',
    'unmodifiable',
    'synchronized',
    'wrapped',
    'Map.of',
  ]) {
    it(`send jobs with a map of kind ${kind}`, async () => {
      assert.equal((await caller.ask('submit', kind))[0], 'ok');
      const { env, ...job } = jobs.at(-1)!;
      assert.deepEqual(Object.fromEntries(env), { PIPELINE_TASK: 'DESC-phosim', PIPELINE_STREAM: '7' });
      const asked = { command: 'bash pipeline_wrapper', name: 'é€😀\0', maxCPU: 3600, priority: 'HIGH' };
      assert.deepEqual({ ...job, env: EMPTY_JOB.env }, { ...EMPTY_JOB, ...asked });
    });
  }

  it('send jobs with little, nothing and much in them', async () => {
    await caller.ask('submit', 'singleton');
    assert.deepEqual([...jobs.at(-1)!.env], [['PIPELINE_STREAM', '7']]);
    await caller.ask('submit', 'empty');
    assert.equal(jobs.at(-1)!.env.size, 0);
    await caller.ask('submit', 'null');
    const { env, files, priority } = jobs.at(-1)!;
    assert.deepEqual([env.size, files.size, priority], [0, 0, null]);
    assert.equal((await caller.ask('submit', 'large'))[0], 'ok');
    assert.equal(jobs.at(-1)!.files.get('large'), 'é'.repeat(1_000_000));
    assert.equal(jobs.at(-1)!.files.size, 1001);
  });

  it('are told where a job cannot be understood, before anything is submitted', async () => {
    const before = jobs.length;
    for (const kind of ['stranger', 'TreeMapReverse']) {
      const [answer, first, , second, text] = await caller.ask('submit', kind);
      if (answer === 'ok') continue;
      assert.deepEqual([first, second], ['java.rmi.ServerException', 'java.rmi.UnmarshalException']);
      assert.match(text ?? '', /error unmarshalling arguments/);
    }
    // A map in another order is a map; one of a class of their own is none.
    assert.equal(jobs.length, before + 1);
  });

  it('get ids, statuses and files', async () => {
    assert.match((await caller.ask('submit', 'HashMap'))[1] ?? '', /^69\d{8}$/);
    assert.deepEqual(await caller.ask('status', '1'), ['ok', SHOWN]);
    assert.deepEqual(await caller.ask('status', 'null'), ['ok', 'null']);
    assert.deepEqual(await caller.ask('cancel', '1'), ['ok', '']);
    assert.deepEqual(await caller.ask('getFile', '7:1', '/data/x', 'f'), ['ok', '7:1 /data/x f']);
    const [, large] = await caller.ask('getFile', '7:1', '/data/x', 'large');
    assert.equal(large, 'é|'.repeat(50_000));
  });

  it('send lists of every kind, and get statuses in their order', async () => {
    for (const kind of [
      'asList',
      'ArrayList',
      'LinkedList',
      'Vector',
      'List.of',
      'unmodifiable',
      'synchronized',
    ]) {
      const [, shown] = await caller.ask('arrayStatus', kind, '9,1');
      assert.equal(shown, `9=null 1=${SHOWN}`, kind);
    }
    assert.deepEqual(await caller.ask('arrayStatus', 'singleton', '1'), ['ok', `1=${SHOWN}`]);
    assert.deepEqual(await caller.ask('arrayStatus', 'empty', '1'), ['ok', '']);
  });

  it('catch the exceptions that are thrown', async () => {
    const SRS = 'org.srs.jobcontrol.';
    assert.deepEqual(await caller.ask('submit', 'no-command'), [
      'thrown',
      `${SRS}JobSubmissionException`,
      'Missing command',
    ]);
    assert.deepEqual(await caller.ask('status', 'missing'), [
      'thrown',
      `${SRS}NoSuchJobException`,
      'Job id missing',
    ]);
    assert.deepEqual(await caller.ask('status', 'control'), [
      'thrown',
      `${SRS}JobControlException`,
      'PanDA does not answer',
      'java.io.IOException',
      'no answer',
    ]);
    assert.deepEqual(await caller.ask('status', 'security'), [
      'thrown',
      'java.lang.SecurityException',
      'null',
    ]);
    assert.deepEqual((await caller.ask('status', 'remote')).slice(0, 3), [
      'thrown',
      `${SRS}JobControlException`,
      'x',
    ]);
    assert.deepEqual(await caller.ask('status', 'broken'), [
      'thrown',
      `${SRS}JobControlException`,
      'status failed in the job control service; its log says why',
    ]);
    assert.deepEqual(await caller.ask('cancel', '9'), [
      'thrown',
      `${SRS}NoSuchJobException`,
      'No such job, id=9',
    ]);
    assert.deepEqual(await caller.ask('getFile', '', '/', 'missing'), [
      'thrown',
      'java.io.FileNotFoundException',
      'Summary file does not exist.',
    ]);
    assert.deepEqual(await caller.ask('getFile', '', '/', 'late'), [
      'thrown',
      'java.util.concurrent.TimeoutException',
      'null',
    ]);
    assert.deepEqual(await caller.ask('getFileStream', '', '/', 'missing'), [
      'thrown',
      'java.io.FileNotFoundException',
      'missing',
    ]);
  });

  for (const length of [0, 1, 7168, 3_000_000]) {
    it(`read a file of ${length} bytes by rmiio`, async () => {
      const sum = createHash('sha256').update(fileBytes(length)).digest('hex');
      assert.deepEqual(await caller.ask('getFileStream', '7:1', '/x', String(length)), [
        'ok',
        `${length},${sum}`,
      ]);
      assert.equal(openStreams, 0);
    });
  }

  it('read a part of a file, and close it', async () => {
    const [answer, read] = await caller.ask('getFileStream', '7:1', '/x', '1000000', 'part');
    assert.equal(answer, 'ok');
    assert.ok(Number(read?.split(',')[0]) < 1_000_000);
    await until('the file to be closed', async () => openStreams === 0);
  });

  it('ask the registry', async () => {
    assert.deepEqual(await caller.ask('list'), ['ok', SERVICE]);
    assert.deepEqual(await caller.ask('lookup-other', 'nobody'), [
      'thrown',
      'java.rmi.NotBoundException',
      'nobody',
    ]);
    assert.deepEqual(await caller.ask('rebind', 'Copy-desc'), ['ok', '']);
    assert.deepEqual(await caller.ask('list'), ['ok', `Copy-desc,${SERVICE}`]);
    assert.equal((await caller.ask('lookup-other', 'Copy-desc'))[0], 'ok');
    assert.deepEqual(await caller.ask('unbind', 'Copy-desc'), ['ok', '']);
    const [answer, thrown, , cause] = await caller.ask('unbind', SERVICE);
    assert.deepEqual(
      [answer, thrown, cause],
      ['thrown', 'java.rmi.ServerException', 'java.rmi.AccessException'],
    );
  });

  it('call from twenty threads at a time', async () => {
    const before = jobs.length;
    assert.deepEqual(await caller.ask('parallel', SERVICE, '20', '25'), ['ok', '500']);
    assert.equal(jobs.length, before + 500);
  });

  it('go on after an idle time in which they close their connections', async () => {
    await caller.ask('status', '1');
    assert.ok(server.connections > 0);
    await until('Java to close its connections', async () => server.connections === 0, { timeoutMs: 60_000 });
    assert.deepEqual(await caller.ask('status', '1'), ['ok', SHOWN]);
    const opened = events.filter((event) => event.kind === 'opened').length;
    // Long enough for it to be pinged first.
    await wait(1000);
    assert.deepEqual(await caller.ask('status', '1'), ['ok', SHOWN]);
    assert.equal(
      events.filter((event) => event.kind === 'opened').length,
      opened,
      'the connection is used again',
    );
  });

  it('do not notice that the service was restarted', async () => {
    const { port } = server;
    await caller.ask('status', '1');
    await server.close();
    await start({ port });
    // Within twice the time of its last ping, Java would use the connection without another one, and tell of its end.
    await wait(2000);
    assert.deepEqual(await caller.ask('status', '1'), ['ok', SHOWN]);
    assert.deepEqual(await caller.ask('cancel', '1'), ['ok', '']);
  });

  it('hold leases: renewed at half of their time, given up with the reference', async () => {
    await server.close();
    await start({ times: { leaseMs: 4000 } });
    const holder = new JavaProgram(programs, 'interop.Caller', String(server.port));
    later(() => holder.end());
    const begun = performance.now();
    assert.equal((await holder.ask('lookup', SERVICE))[0], 'ok');
    await until('three leases', async () => called('dirty') >= 3);
    const took = performance.now() - begun;
    assert.ok(took > 3500, `${took} ms`);
    await until('the lease to be given up', async () => {
      await holder.ask('forget');
      return called('clean') > 0;
    });
  });
});
