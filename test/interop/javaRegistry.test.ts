import assert from 'node:assert/strict';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
  EMPTY_JOB,
  JavaThrowable,
} from '../../src/pipeline/rmi/index.ts';
import type { JobControlRemote, RegistryClient, RmiClient } from '../../src/pipeline/rmi/index.ts';
import { freePort } from '../support/freePort.ts';
import { until } from '../support/until.ts';
import { doAfter, temporaryFolder } from './doAfter.ts';
import { compileJava, JavaProgram, startRmiRegistry } from './javaPrograms.ts';
import { jdk } from './programs/jdk.ts';
import { rmiio } from './programs/rmiio.ts';
import { usePrograms } from './usePrograms.ts';

const SERVICE = 'JobControlService-desc';

describe("A job control service in Java, found by our client in Java's own registry", () => {
  const pathOf = usePrograms(jdk, rmiio);
  const later = doAfter();
  let client: RmiClient;
  let registry: RegistryClient;
  let program: JavaProgram;
  let service: JobControlRemote;

  before(async () => {
    const programs = await compileJava(pathOf(jdk), pathOf(rmiio), await temporaryFolder(later));
    const port = await freePort();
    const rmiRegistry = startRmiRegistry(programs, port);
    later(() => rmiRegistry.end());
    client = createRmiClient();
    later(() => client.close());
    registry = createRegistryClient(client, { host: '127.0.0.1', port });
    await until('rmiregistry', () =>
      registry.list().then(
        (names) => names.length === 0,
        () => false,
      ),
    );
    program = new JavaProgram(programs, 'interop.MapService', SERVICE, String(port));
    later(() => program.end());
    assert.deepEqual(await program.line(), ['ready', String(port)]);
    service = createJobControlClient(client, await registry.lookup(SERVICE));
  });

  const className = (thrown: unknown): string => {
    assert.ok(thrown instanceof JavaThrowable, String(thrown));
    return thrown.className;
  };

  it('takes a job, tells of it and cancels it', async () => {
    const id = await service.submit({ ...EMPTY_JOB, command: 'bash pipeline_wrapper' });
    assert.equal((await service.status(id))?.status, 'WAITING');
    await service.cancel(id);
    assert.deepEqual(
      [...(await service.arrayStatus([id, '1']))].map(([key, status]) => [key, status?.status]),
      [
        [id, 'FAILED'],
        ['1', undefined],
      ],
    );
  });

  it('throws what it declares', async () => {
    const SRS = 'org.srs.jobcontrol.';
    const file = { spId: '7:1', workingDirectory: '/data/desc/7/1', name: 'pipeline_summary' };
    assert.equal(await service.submit(EMPTY_JOB).catch(className), `${SRS}JobSubmissionException`);
    assert.equal(await service.status('1').catch(className), `${SRS}NoSuchJobException`);
    assert.equal(await service.cancel('1').catch(className), `${SRS}NoSuchJobException`);
    assert.equal(await service.getFile(file).catch(className), 'java.io.FileNotFoundException');
    assert.equal(await service.getFileStream(file).catch(className), 'java.io.FileNotFoundException');
  });

  it('takes jobs of many callers at a time, each once', async () => {
    const job = { ...EMPTY_JOB, command: 'true' };
    const ids = await Promise.all(Array.from({ length: 200 }, () => service.submit(job)));
    assert.equal(new Set(ids).size, 200);
    const statuses = await service.arrayStatus(ids);
    assert.deepEqual([...statuses.keys()], ids);
    assert.ok([...statuses.values()].every((status) => status?.status === 'WAITING'));
  });

  it('is missed when it has died, though the registry still names it', async () => {
    await program.end();
    assert.deepEqual(await registry.list(), [SERVICE]);
    const stale = createJobControlClient(client, await registry.lookup(SERVICE));
    await assert.rejects(stale.status('1'), { name: 'RmiError' });
  });
});
