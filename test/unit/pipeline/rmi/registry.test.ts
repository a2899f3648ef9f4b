import assert from 'node:assert/strict';
import { createRmiClient } from '../../../../src/pipeline/rmi/jrmp/client.ts';
import type { RmiClient } from '../../../../src/pipeline/rmi/jrmp/client.ts';
import { callBytes } from '../../../../src/pipeline/rmi/jrmp/calls.ts';
import { REGISTRY_ID, stableObjId } from '../../../../src/pipeline/rmi/jrmp/ids.ts';
import type { RemoteRef } from '../../../../src/pipeline/rmi/jrmp/remoteRef.ts';
import { stubOf } from '../../../../src/pipeline/rmi/jrmp/remoteRef.ts';
import type { RmiServer } from '../../../../src/pipeline/rmi/jrmp/server.ts';
import { createRegistryClient } from '../../../../src/pipeline/rmi/registry/registryClient.ts';
import type { RegistryClient } from '../../../../src/pipeline/rmi/registry/registryClient.ts';
import { REGISTRY, REGISTRY_METHODS } from '../../../../src/pipeline/rmi/registry/registryInterface.ts';
import { createRegistry } from '../../../../src/pipeline/rmi/registry/registryObject.ts';
import type { Registry, RegistryOptions } from '../../../../src/pipeline/rmi/registry/registryObject.ts';
import { JavaThrowable } from '../../../../src/pipeline/rmi/serial/javaThrowable.ts';
import type { JavaValue } from '../../../../src/pipeline/rmi/serial/model.ts';
import { throwableOf } from '../../../../src/pipeline/rmi/serial/throwables.ts';
import { javaString } from '../../../../src/pipeline/rmi/serial/values.ts';
import { echoObject, localServer } from './echo.ts';
import { RawPeer } from './rawPeer.ts';
import { javaDate } from './streams.ts';

/** An exception of this class and text, or of its cause. */
function thrown(className: string, detail: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof JavaThrowable, String(error));
    const found = error.className === className ? error : error.cause;
    assert.equal(found?.className, className, error.message);
    assert.match(found.detail ?? '', detail);
    return true;
  };
}

describe('a registry', () => {
  let server: RmiServer;
  let client: RmiClient;
  let registry: Registry;
  let calls: RegistryClient;
  let ref: RemoteRef;

  async function start(options: RegistryOptions = {}): Promise<void> {
    server = await localServer();
    registry = createRegistry(options);
    server.export(registry.object);
    ref = server.export(echoObject());
    client = createRmiClient();
    calls = createRegistryClient(client, { host: '127.0.0.1', port: server.port });
  }

  afterEach(async () => {
    client.close();
    await server.close();
  });

  it('has names of the service itself, which nobody else can take', async () => {
    await start();
    registry.bind('JobControlService-desc', ref);
    assert.deepEqual(await calls.list(), ['JobControlService-desc']);
    assert.deepEqual(await calls.lookup('JobControlService-desc'), ref);
    const refused = thrown(
      'java.rmi.AccessException',
      /disallowed; JobControlService-desc belongs to the service/,
    );
    await assert.rejects(calls.rebind('JobControlService-desc', ref), refused);
    await assert.rejects(calls.unbind('JobControlService-desc'), refused);
    registry.unbind('JobControlService-desc');
    assert.deepEqual(registry.names(), []);
  });

  it('binds for others of this machine', async () => {
    await start();
    await calls.bind('a', ref);
    await assert.rejects(calls.bind('a', ref), thrown('java.rmi.AlreadyBoundException', /^a$/));
    const other = { ...ref, interfaces: ['java.rmi.Remote', 'test.Other'], objId: stableObjId('other') };
    await calls.rebind('a', other);
    await calls.rebind('b', ref);
    assert.deepEqual(await calls.lookup('a'), other);
    assert.deepEqual([...(await calls.list())].sort(), ['a', 'b']);
    await calls.unbind('a');
    await assert.rejects(calls.unbind('a'), thrown('java.rmi.NotBoundException', /^a$/));
    await assert.rejects(calls.lookup('a'), thrown('java.rmi.NotBoundException', /^a$/));
  });

  it('binds for nobody else', async () => {
    await start({ isLocal: () => false });
    registry.bind('a', ref);
    const refused = (method: string) =>
      thrown(
        'java.rmi.AccessException',
        new RegExp(`^Registry\\.${method} disallowed; origin /127.0.0.1 is non-local`),
      );
    await assert.rejects(calls.bind('b', ref), refused('bind'));
    await assert.rejects(calls.rebind('b', ref), refused('rebind'));
    await assert.rejects(calls.unbind('a'), refused('unbind'));
    assert.deepEqual(await calls.lookup('a'), ref);
  });

  it('holds leases on what others bound, and none on its own', async () => {
    const held: string[] = [];
    await start({
      leases: {
        hold: ({ interfaces }) => {
          held.push(`hold ${interfaces.join()}`);
          return Promise.resolve();
        },
        release: ({ interfaces }) => held.push(`release ${interfaces.join()}`),
      },
    });
    registry.bind('own', ref);
    registry.bind('own', ref);
    await calls.bind('a', ref);
    await calls.rebind('a', { ...ref, interfaces: ['test.Other'] });
    await calls.unbind('a');
    registry.unbind('own');
    assert.deepEqual(held, ['hold test.Echo', 'release test.Echo', 'hold test.Other', 'release test.Other']);
  });

  it('takes nothing but stubs', async () => {
    await start();
    for (const [value, cause] of [
      [javaString('no stub'), 'java.lang.ClassCastException: what is bound is no java.rmi.Remote'],
      [javaDate(0), 'java.io.InvalidClassException: filter status: REJECTED'],
      [null, 'java.lang.ClassCastException: what is bound is no java.rmi.Remote'],
    ] as const) {
      const error = throwableOf(await exception('rebind', [javaString('a'), value]));
      assert.equal(error.cause?.message, 'java.rmi.UnmarshalException: error unmarshalling arguments');
      assert.equal(error.cause?.cause?.message, cause);
    }
    const error = throwableOf(await exception('lookup', [stubOf(ref, false)]));
    assert.match(error.cause?.cause?.message ?? '', /ClassCastException/);
    assert.equal(throwableOf(await exception('lookup', [null])).className, 'java.lang.NullPointerException');
  });

  it('is full at some time', async () => {
    await start();
    await assert.rejects(
      calls.bind('x'.repeat(1001), ref),
      thrown('java.rmi.AccessException', /too many or too long/),
    );
    for (let number = 0; number < 1000; number++) registry.bind(`n${number}`, ref);
    await assert.rejects(calls.bind('a', ref), thrown('java.rmi.AccessException', /too many or too long/));
    assert.equal((await calls.list()).length, 1000);
  });

  it('can be called by hashes of its methods, too', async () => {
    await start();
    registry.bind('a', ref);
    const byHash = REGISTRY_METHODS.find(({ name, operation }) => name === 'list' && operation < 0);
    assert.equal(byHash?.hash, 2571371476350237748n);
    const target = { host: '127.0.0.1', port: server.port, objId: REGISTRY_ID };
    assert.ok((await client.call(target, byHash, [])) !== null);
  });

  async function exception(name: keyof typeof REGISTRY, args: readonly JavaValue[]): Promise<JavaValue> {
    const { operation, hash, parameters } = REGISTRY[name];
    const peer = await RawPeer.greeted(server.port);
    peer.send(callBytes({ objId: REGISTRY_ID, operation, hash }, parameters, args));
    const { exceptional, value } = await peer.readReturn('V');
    assert.ok(exceptional);
    peer.destroy();
    return value as JavaValue;
  }
});
