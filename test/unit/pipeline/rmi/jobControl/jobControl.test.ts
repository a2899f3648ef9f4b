import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  createJobControlClient,
  createRmiClient,
  EMPTY_JOB,
  exportJobControl,
  fileNotFoundException,
  jobControlException,
  JavaThrowable,
  jobSubmissionException,
  RmiError,
  securityException,
  stableObjId,
  timeoutException,
} from '../../../../../src/pipeline/rmi/index.ts';
import type {
  CallContext,
  JobControlHandlers,
  JobControlRemote,
  RemoteRef,
  RmiClient,
  RmiServer,
  ServerEvent,
} from '../../../../../src/pipeline/rmi/index.ts';
import { JOB_CONTROL_METHODS } from '../../../../../src/pipeline/rmi/jobControl/interface.ts';
import { writeJobStatus } from '../../../../../src/pipeline/rmi/jobControl/jobStatus.ts';
import { javaArrayList, javaString } from '../../../../../src/pipeline/rmi/serial/values.ts';
import { until } from '../../../../support/until.ts';
import { FakeClock } from '../../../watch/fakeClock.ts';
import { localServer } from '../echo.ts';
import { javaDate, written } from '../streams.ts';
import { logLines, oneJob, PHOSIM, RUNNING } from './handlers.ts';

const FILE = { spId: '7:12345678', workingDirectory: '/data/desc/7/12345678', name: 'logfile.txt' };

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Text that does not become small by being compressed. */
async function* chunks(): AsyncGenerator<Buffer, void, void> {
  for (let chunk = 0; chunk < 500; chunk++) {
    yield Promise.resolve(createHash('sha512').update(String(chunk)).digest());
  }
}

describe('a job control service', () => {
  let server: RmiServer;
  let client: RmiClient;
  let ref: RemoteRef;
  let service: JobControlRemote;
  let asked: unknown[];
  let events: ServerEvent[];

  async function start(
    more: Partial<JobControlHandlers> = {},
    { clock, callMs }: { readonly clock?: FakeClock; readonly callMs?: number } = {},
  ): Promise<void> {
    asked = [];
    events = [];
    server = await localServer({
      onEvent: (event) => events.push(event),
      ...(clock === undefined ? {} : { clock }),
    });
    ref = exportJobControl(server, oneJob(asked, more), {
      objId: stableObjId('JobControlService-desc'),
      ...(callMs === undefined ? {} : { callMs }),
    });
    client = createRmiClient();
    service = createJobControlClient(client, ref);
  }
  const called = (name: string): number =>
    events.filter((event) => event.kind === 'call' && event.method === name).length;

  afterEach(async () => {
    client.close();
    await server.close();
  });

  it('gets jobs as they were sent', async () => {
    await start();
    const nothing = { ...EMPTY_JOB, priority: null };
    for (const job of [PHOSIM, EMPTY_JOB, nothing]) assert.equal(await service.submit(job), '1');
    assert.deepEqual(asked, [PHOSIM, EMPTY_JOB, nothing]);
  });

  it('tells what becomes of them', async () => {
    await start();
    assert.deepEqual(await service.status('1'), RUNNING);
    const statuses = await service.arrayStatus(['9', '1', '8', '1']);
    assert.deepEqual(
      [...statuses],
      [
        ['9', null],
        ['1', RUNNING],
        ['8', null],
      ],
    );
    assert.deepEqual(await service.arrayStatus([]), new Map());
  });

  it('tells statuses of thousands at once', async () => {
    await start({
      arrayStatus: (ids) => Promise.resolve(new Map(ids.map((id) => [id, { ...RUNNING, id }]))),
    });
    const ids = Array.from({ length: 2000 }, (_, index) => String(index));
    const statuses = await service.arrayStatus(ids);
    assert.deepEqual([...statuses.keys()], ids);
    assert.equal(statuses.get('1999')?.id, '1999');
  });

  it('may know nothing of a job', async () => {
    await start({ status: () => Promise.resolve(null) });
    assert.equal(await service.status('1'), null);
  });

  it('sends numbers that Java has', async () => {
    await start({
      status: () => Promise.resolve({ ...RUNNING, cpuUsed: 1e12, memoryUsed: 0.6, swapUsed: -1e12 }),
    });
    const { cpuUsed, memoryUsed, swapUsed } = (await service.status('1')) ?? RUNNING;
    assert.deepEqual([cpuUsed, memoryUsed, swapUsed], [2 ** 31 - 1, 1, -(2 ** 31)]);
    assert.throws(() => written((writer) => writeJobStatus(writer, { ...RUNNING, cpuUsed: NaN })), TypeError);
  });

  it('cancels, and reads files', async () => {
    await start();
    await service.cancel('1');
    assert.equal(await service.getFile(FILE), 'summary\n');
    const nothing = { spId: null, workingDirectory: null, name: null };
    assert.equal(await service.getFile(nothing), 'summary\n');
    assert.deepEqual(asked, ['1', FILE, nothing]);
  });

  it('streams files of any size, and lets go of them', async () => {
    let closed = 0;
    async function* source(): AsyncGenerator<Buffer, void, void> {
      try {
        yield* chunks();
      } finally {
        closed += 1;
      }
    }
    await start({ getFileStream: () => Promise.resolve(source()) });
    const text = await textOf(await service.getFileStream(FILE));
    assert.equal(text, await textOf(chunks()));
    assert.equal(closed, 1);
    assert.ok(called('readPacket') > 3, `${called('readPacket')} packets`);
    assert.equal(called('close'), 1);
    await until('the lease to be given up', async () => called('clean') === 1);
    // Whoever wants no more of it has it closed, too.
    for await (const piece of await service.getFileStream(FILE)) {
      assert.ok(piece.length > 0);
      break;
    }
    await until('the source to be closed', async () => closed === 2);
  });

  it('tells when a file cannot be read on', async () => {
    async function* source(): AsyncGenerator<Buffer, void, void> {
      yield* logLines(2000);
      throw new Error('EIO of /secret');
    }
    await start({ getFileStream: () => Promise.resolve(source()) });
    await assert.rejects(
      async () => textOf(await service.getFileStream(FILE)),
      (error) => {
        assert.ok(error instanceof JavaThrowable && error.className === 'java.io.IOException', String(error));
        assert.ok(!error.message.includes('secret'));
        return true;
      },
    );
    assert.equal(called('close'), 1);
  });

  it('lets go of files that nobody reads', async () => {
    const clock = new FakeClock();
    let closed = false;
    async function* source(): AsyncGenerator<Buffer, void, void> {
      try {
        yield* logLines(1_000_000);
      } finally {
        closed = true;
      }
    }
    await start({ getFileStream: () => Promise.resolve(source()) }, { clock });
    const stream = (await service.getFileStream(FILE))[Symbol.asyncIterator]();
    await stream.next();
    client.close();
    await until('the source to be closed', async () => {
      // A last call may still be on its way.
      await clock.pass(700_000);
      return closed;
    });
  });

  it('has only so many files open', async () => {
    await start();
    const open = [];
    for (let count = 0; count < 100; count++) open.push(await service.getFileStream(FILE));
    await assert.rejects(service.getFileStream(FILE), /JobControlException: 100 files are being read/);
    await textOf(open[0]!);
    await service.getFileStream(FILE);
  });

  it('throws the exceptions that each method declares, as they are', async () => {
    const io = new JavaThrowable('java.io.IOException', 'x');
    const cases: readonly (readonly [keyof JobControlHandlers, JavaThrowable, string])[] = [
      ['submit', jobSubmissionException('Missing command'), 'JobSubmissionException: Missing command'],
      ['submit', jobControlException('x', io), 'JobControlException: x'],
      ['submit', securityException(), 'SecurityException'],
      ['getFile', fileNotFoundException('f'), 'FileNotFoundException: f'],
      ['getFile', timeoutException(), 'TimeoutException'],
      ['getFileStream', fileNotFoundException('f'), 'FileNotFoundException: f'],
      ['getFileStream', io, 'IOException: x'],
      ['arrayStatus', jobControlException('x'), 'JobControlException: x'],
      // Others a client would take for a failed connection, and submit once more.
      ['submit', new JavaThrowable('java.rmi.RemoteException', 'x'), 'JobControlException: x'],
      ['submit', io, 'JobControlException: x'],
      ['submit', new JavaThrowable('java.lang.Error', null), 'JobControlException: java.lang.Error'],
      ['status', fileNotFoundException('f'), 'JobControlException: f'],
      ['getFileStream', new JavaThrowable('java.rmi.ServerException', 'x'), 'JobControlException: x'],
    ];
    for (const [method, thrown, expected] of cases) {
      await start({ [method]: () => Promise.reject(thrown) });
      const calls = {
        submit: () => service.submit(EMPTY_JOB),
        status: () => service.status('1'),
        arrayStatus: () => service.arrayStatus(['1']),
        cancel: () => service.cancel('1'),
        getFile: () => service.getFile(FILE),
        getFileStream: () => service.getFileStream(FILE),
      };
      await assert.rejects(calls[method](), (error) => {
        assert.ok(error instanceof JavaThrowable && error.message.endsWith(expected), String(error));
        return true;
      });
      if (method === 'submit' && thrown.cause === io)
        assert.equal(thrown.cause.className, 'java.io.IOException');
      client.close();
      await server.close();
    }
    await start();
    await assert.rejects(service.status('2'), /NoSuchJobException: Job id 2/);
  });

  it('tells an error of its own as a JobControlException without its words', async () => {
    await start({ submit: () => Promise.reject(new Error('token abc')) });
    await assert.rejects(service.submit(EMPTY_JOB), {
      message:
        'org.srs.jobcontrol.JobControlException: submit failed in the job control service; its log says why',
    });
    const [call] = events.filter((event) => event.kind === 'call');
    assert.ok(call?.error instanceof Error && call.error.message === 'token abc');
  });

  it('breaks off what takes too long, so that nothing is submitted twice', async () => {
    const clock = new FakeClock();
    const contexts: CallContext[] = [];
    const hang = (_job: unknown, context: CallContext): Promise<string> => {
      contexts.push(context);
      return new Promise(() => undefined);
    };
    await start({ submit: hang }, { clock, callMs: 7000 });
    const refused = assert.rejects(service.submit(EMPTY_JOB), (error) => {
      assert.ok(error instanceof JavaThrowable && !error.is('java.rmi.RemoteException'));
      assert.match(error.message, /JobControlException: submit was broken off: submit took longer than 7 s/);
      return true;
    });
    await until('the call', async () => contexts.length === 1);
    assert.equal(contexts[0]?.caller.address, '127.0.0.1');
    await clock.pass(7000);
    await refused;
    assert.ok(contexts[0]?.signal.aborted);
  });

  it('understands no other arguments', async () => {
    await start();
    const call = (method: keyof typeof JOB_CONTROL_METHODS, ...args: Parameters<RmiClient['call']>[2]) =>
      client.call(ref, JOB_CONTROL_METHODS[method], args);
    await assert.rejects(call('submit', null), /JobSubmissionException: There is no job to be submitted$/);
    for (const wrong of [
      () => call('submit', javaDate(0)),
      () => call('status', javaDate(0)),
      () => call('arrayStatus', javaString('1')),
      () => call('getFile', null, javaString('/'), null),
    ]) {
      await assert.rejects(wrong, (error) => {
        assert.ok(error instanceof JavaThrowable && error.className === 'java.rmi.ServerException');
        assert.equal(error.cause?.message, 'java.rmi.UnmarshalException: error unmarshalling arguments');
        return true;
      });
    }
    for (const empty of [
      () => call('status', null),
      () => call('cancel', null),
      () => call('arrayStatus', null),
    ]) {
      await assert.rejects(empty, /NullPointerException/);
    }
    assert.ok(await call('arrayStatus', javaArrayList([null, javaString('1')])));
    assert.deepEqual(asked, []);
  });

  it('is not understood where it answers something else', async () => {
    await start();
    server.withdraw(ref.objId);
    server.export({
      objId: ref.objId,
      interfaces: [],
      methods: Object.values(JOB_CONTROL_METHODS),
      invoke: ({ result }) => Promise.resolve(result === 'V' ? undefined : javaDate(0)),
    });
    for (const call of [
      () => service.submit(EMPTY_JOB),
      () => service.status('1'),
      () => service.arrayStatus(['1']),
      () => service.getFile(FILE),
      () => service.getFileStream(FILE),
    ]) {
      await assert.rejects(call, (error) => error instanceof RmiError && error.kind === 'protocol');
    }
  });

  it('is where it was after a restart', async () => {
    await start();
    assert.deepEqual(await service.status('1'), RUNNING);
    await server.close();
    server = await localServer({ port: ref.port });
    exportJobControl(server, oneJob(asked), { objId: stableObjId('JobControlService-desc') });
    assert.deepEqual(await service.status('1'), RUNNING);
  });
});
