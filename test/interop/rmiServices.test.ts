import assert from 'node:assert/strict';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
  EMPTY_JOB,
  exportJobControl,
  JavaThrowable,
  startRmiServer,
} from '../../src/pipeline/rmi/index.ts';
import type {
  Job,
  JobControlHandlers,
  JobControlRemote,
  RemoteRef,
  RmiClient,
} from '../../src/pipeline/rmi/index.ts';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { compileJava, JavaProgram, startRmiRegistry } from './javaPrograms.ts';
import type { JavaPrograms } from './javaPrograms.ts';
import { jdk } from './programs/jdk.ts';
import { rmiio } from './programs/rmiio.ts';
import { usePrograms } from './usePrograms.ts';
import { FILE, ID, SERVICE, SHOWN, STATUS, inPieces, whole } from './rmiSamples.ts';
import { freePort } from '../support/freePort.ts';

describe('Java programs that serve us', () => {
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();
  let programs: JavaPrograms;
  let client: RmiClient;
  let service: JobControlRemote;
  let port: number;

  before(async () => {
    programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    const program = new JavaProgram(programs, 'interop.Service');
    later(() => program.end());
    port = Number((await program.line())[1]);
    client = createRmiClient();
    later(() => client.close());
    const registry = createRegistryClient(client, { host: '127.0.0.1', port });
    assert.deepEqual(await registry.list(), [SERVICE]);
    service = createJobControlClient(client, await registry.lookup(SERVICE));
  });

  const job = (command: string): Job => ({ ...EMPTY_JOB, command });
  const throws = async (
    call: Promise<unknown>,
    className: string,
    detail: string | null,
    cause?: string,
  ): Promise<JavaThrowable> => {
    const error: unknown = await call.then(
      () => assert.fail(`no ${className}`),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof JavaThrowable, String(error));
    assert.deepEqual([error.className, error.detail, error.cause?.className], [className, detail, cause]);
    return error;
  };

  it('take jobs', async () => {
    const full: Job = {
      ...EMPTY_JOB,
      command: 'bash pipeline_wrapper',
      name: 'é€😀\0',
      priority: 'LOWEST',
      maxCPU: 2 ** 31 - 1,
      workingDirectory: '/data',
      logFile: 'log.txt',
      env: new Map(Array.from({ length: 100 }, (_, index) => [`N${index}`, `${index}`])),
      files: new Map([
        ['a', 'x'.repeat(70_000)],
        ['b', ''],
      ]),
    };
    const [command, name, priority, maxCPU, folder, log, env, count, length] = (
      await service.submit(full)
    ).split('|');
    assert.deepEqual(
      [command, name, priority, maxCPU, folder, log, count, length],
      [full.command, full.name, 'LOWEST', '2147483647', '/data', 'log.txt', '2', '70000'],
    );
    assert.equal(env?.split(',').length, 100);
    assert.match(await service.submit(job('x')), /^x\|null\|NORMAL\|0\|null\|null\|\{\}\|0\|0$/);
  });

  it('tell statuses', async () => {
    const status = await service.status('1');
    assert.deepEqual(status, {
      id: '1',
      status: 'SUSPENDED',
      cpuUsed: 7,
      memoryUsed: 0,
      swapUsed: 0,
      host: null,
      queue: null,
      user: null,
      comment: 'é€😀\0',
      submitted: null,
      started: 1382356800123,
      ended: null,
    });
    assert.equal(await service.status('null'), null);
    assert.deepEqual(
      [...(await service.arrayStatus(['missing', '1']))],
      [
        ['missing', null],
        ['1', status],
      ],
    );
    await service.cancel('1');
    assert.equal(await service.getFile(FILE), '7:1 /data/desc/7/1 plain-100000');
  });

  it('throw', async () => {
    const SRS = 'org.srs.jobcontrol.';
    await throws(service.submit({ ...EMPTY_JOB }), `${SRS}JobSubmissionException`, 'Missing command');
    const control = await throws(
      service.submit(job('control')),
      `${SRS}JobControlException`,
      'control',
      'java.io.IOException',
    );
    assert.ok(control.frames.some(({ methodName }) => methodName === 'submit'));
    const { suppressed } = await throws(
      service.submit(job('suppressed')),
      `${SRS}JobControlException`,
      'suppressed',
    );
    assert.equal(suppressed[0]?.message, 'java.lang.IllegalStateException: inner');
    await throws(service.submit(job('security')), 'java.lang.SecurityException', null);
    await throws(
      service.submit(job('error')),
      'java.rmi.ServerError',
      'Error occurred in server thread',
      'java.lang.AssertionError',
    );
    await throws(service.status('missing'), `${SRS}NoSuchJobException`, 'Job id missing');
    await throws(
      service.cancel('remote'),
      'java.rmi.ServerException',
      'RemoteException occurred in server thread',
      'java.rmi.RemoteException',
    );
    await throws(service.getFile({ ...FILE, name: 'late' }), 'java.util.concurrent.TimeoutException', null);
    await throws(
      service.getFileStream({ ...FILE, name: 'missing' }),
      'java.io.FileNotFoundException',
      'missing',
    );
  });

  for (const name of ['plain-0', 'plain-100000', 'gzip-0', 'gzip-3000000']) {
    it(`stream a file: ${name}`, async () => {
      const bytes = await whole(await service.getFileStream({ ...FILE, name }));
      assert.equal(bytes.length, Number(name.split('-')[1]));
    });
  }

  it('are called two hundred times at once', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => String(index));
    const statuses = await Promise.all(ids.map((id) => service.status(id)));
    assert.deepEqual(
      statuses.map((status) => status?.id),
      ids,
    );
  });

  it('bind what we serve', async () => {
    const server = await startRmiServer({ host: '127.0.0.1', publicHost: '127.0.0.1' });
    later(() => server.close());
    const ref = exportJobControl(server, EMPTY_HANDLERS, { objId: ID });
    const registry = createRegistryClient(client, { host: '127.0.0.1', port });
    await registry.bind('Ours-desc', ref);
    await throws(registry.bind('Ours-desc', ref), 'java.rmi.AlreadyBoundException', 'Ours-desc');
    assert.deepEqual(await registry.lookup('Ours-desc'), ref);
    await registry.unbind('Ours-desc');
    await throws(registry.unbind('Ours-desc'), 'java.rmi.NotBoundException', 'Ours-desc');
  });
});

const EMPTY_HANDLERS: JobControlHandlers = {
  submit: () => Promise.resolve('1'),
  status: () => Promise.resolve(STATUS),
  arrayStatus: () => Promise.resolve(new Map()),
  cancel: () => Promise.resolve(),
  getFile: () => Promise.resolve(null),
  getFileStream: () => Promise.resolve(inPieces(Buffer.alloc(0))),
};

describe("Java's own registry", () => {
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();

  it('brings its callers to a service of ours', async () => {
    const programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    const port = await freePort();
    const rmiRegistry = startRmiRegistry(programs, port);
    later(() => rmiRegistry.end());
    const client = createRmiClient();
    later(() => client.close());
    const registry = createRegistryClient(client, { host: '127.0.0.1', port });
    await until('rmiregistry', () =>
      registry.list().then(
        () => true,
        () => false,
      ),
    );
    const leases: string[] = [];
    const server = await startRmiServer({
      host: '127.0.0.1',
      publicHost: '127.0.0.1',
      onEvent: (event) => {
        if (event.kind === 'call') leases.push(event.method);
      },
    });
    later(() => server.close());
    const ref: RemoteRef = exportJobControl(server, EMPTY_HANDLERS, { objId: ID });
    await registry.rebind(SERVICE, ref);
    assert.deepEqual(leases, ['dirty'], 'the registry asks for a lease before it answers');
    assert.deepEqual(await registry.list(), [SERVICE]);
    const caller = new JavaProgram(programs, 'interop.Caller', String(port));
    later(() => caller.end());
    assert.deepEqual(await caller.ask('lookup', SERVICE), ['ok', 'org.srs.jobcontrol.JobControl']);
    assert.deepEqual(await caller.ask('status', '1'), ['ok', SHOWN]);
    await registry.unbind(SERVICE);
    assert.deepEqual(await caller.ask('status', '1'), ['ok', SHOWN]);
  });
});
