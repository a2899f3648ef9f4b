import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { normalReturnBytes } from '../../../../../src/pipeline/rmi/jrmp/calls.ts';
import { createRmiClient } from '../../../../../src/pipeline/rmi/jrmp/client.ts';
import type { RmiClient, RmiClientOptions } from '../../../../../src/pipeline/rmi/jrmp/client.ts';
import { RmiError } from '../../../../../src/pipeline/rmi/jrmp/errors.ts';
import type { RmiErrorKind } from '../../../../../src/pipeline/rmi/jrmp/errors.ts';
import { stableObjId } from '../../../../../src/pipeline/rmi/jrmp/ids.ts';
import { remoteMethod } from '../../../../../src/pipeline/rmi/jrmp/methods.ts';
import { remoteRefOf, stubOf } from '../../../../../src/pipeline/rmi/jrmp/remoteRef.ts';
import type { RemoteRef } from '../../../../../src/pipeline/rmi/jrmp/remoteRef.ts';
import type { RmiServer, RmiServerOptions } from '../../../../../src/pipeline/rmi/jrmp/server.ts';
import type { ServerEvent } from '../../../../../src/pipeline/rmi/jrmp/serverConnection.ts';
import { JavaThrowable } from '../../../../../src/pipeline/rmi/serial/javaThrowable.ts';
import type { JavaValue } from '../../../../../src/pipeline/rmi/serial/model.ts';
import { javaString, stringOf } from '../../../../../src/pipeline/rmi/serial/values.ts';
import { until } from '../../../../support/until.ts';
import { FakeClock } from '../../../watch/fakeClock.ts';
import { ADD, ECHO, ECHO_ID, echoObject, localServer } from '../echo.ts';

const FIND = remoteMethod('find', '()Ltest/Echo;');
const FINDER_ID = stableObjId('finder');

function kind(wanted: RmiErrorKind, message?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof RmiError, String(error));
    assert.equal(error.kind, wanted, error.message);
    if (message !== undefined) assert.match(error.message, message);
    assert.ok(error.advice !== '' && !error.advice.endsWith('.'));
    return true;
  };
}

describe('an RMI client', () => {
  let server: RmiServer | undefined;
  let client: RmiClient;
  let events: ServerEvent[];
  let ref: RemoteRef;

  async function start(
    options: RmiClientOptions = {},
    serverOptions: Partial<RmiServerOptions> = {},
  ): Promise<void> {
    events = [];
    server = await localServer({ onEvent: (event) => events.push(event), ...serverOptions });
    ref = server.export(echoObject());
    client = createRmiClient(options);
  }
  const echo = async (text: string, signal?: AbortSignal): Promise<string | null> =>
    stringOf(
      (await client.call(ref, ECHO, [javaString(text)], signal === undefined ? {} : { signal })) as JavaValue,
    );
  const opened = (): number => events.filter((event) => event.kind === 'opened').length;
  const called = (name: string): number =>
    events.filter((event) => event.kind === 'call' && event.method === name).length;

  afterEach(async () => {
    client.close();
    await server?.close();
    server = undefined;
  });

  it('calls methods with objects and primitives, and uses a connection again', async () => {
    await start();
    for (const text of ['a', 'é😀\0', 'x'.repeat(100_000)]) assert.equal(await echo(text), text);
    assert.equal(await client.call(ref, ADD, [-1, 2n ** 40n, null, 7]), 2n ** 40n + 6n);
    assert.equal(opened(), 1);
  });

  it('opens as many connections as there are calls at a time', async () => {
    await start();
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    assert.deepEqual(await Promise.all(texts.map((text) => echo(text))), texts);
    assert.equal(opened(), 20);
    assert.deepEqual(await Promise.all(texts.map((text) => echo(text))), texts);
    assert.equal(opened(), 20);
  });

  it('throws what the object threw', async () => {
    await start();
    server?.withdraw(ECHO_ID);
    await assert.rejects(echo('a'), (error) => {
      assert.ok(error instanceof JavaThrowable && error.is('java.rmi.RemoteException'));
      assert.equal(error.className, 'java.rmi.NoSuchObjectException');
      return true;
    });
    await assert.rejects(client.call({ ...ref, objId: stableObjId('x') }, FIND, []), JavaThrowable);
  });

  it('closes connections that it does not use', async () => {
    const clock = new FakeClock();
    await start({ clock, times: { idleMs: 15_000 } });
    await echo('a');
    await clock.pass(14_000);
    assert.equal(server?.connections, 1);
    await echo('a');
    await clock.pass(15_000);
    await until('the connection to close', async () => server?.connections === 0);
    assert.equal(await echo('b'), 'b');
  });

  it('finds out by a ping that a connection is dead, and loses no call', async () => {
    await start();
    await echo('a');
    const { port } = ref;
    await server?.close();
    server = await localServer({ port, onEvent: (event) => events.push(event) });
    server.export(echoObject());
    assert.equal(await echo('b'), 'b');
  });

  it('says that it reached nobody, and that nothing was called', async () => {
    await start();
    await server?.close();
    server = undefined;
    await assert.rejects(
      echo('a'),
      kind('unreachable', /Could not connect to 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
    );
    const nobody = { ...ref, host: 'no-such-host.invalid' };
    await assert.rejects(client.call(nobody, ECHO, [null]), kind('unreachable', /no-such-host/));
  });

  it('waits for a connection only so long, and gives it up where its signal is aborted', async () => {
    const clock = new FakeClock();
    await start({ clock, dial: () => new Socket(), times: { connectMs: 2000 } });
    const refused = assert.rejects(echo('a'), kind('unreachable', /no answer within 2 s/));
    await clock.pass(2000);
    await refused;
    const ending = new AbortController();
    const broken = assert.rejects(echo('a', ending.signal), /enough/);
    ending.abort(new Error('enough'));
    await broken;
  });

  it('gives up a call whose signal is aborted', async () => {
    await start();
    await assert.rejects(echo('a', AbortSignal.abort(new Error('before'))), /before/);
    let asked = false;
    server?.withdraw(ECHO_ID);
    server?.export(
      echoObject((_text, { signal }) => {
        asked = true;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }),
    );
    const ending = new AbortController();
    const call = echo('a', ending.signal);
    const refused = assert.rejects(call, /enough/);
    await until('the call', async () => asked);
    ending.abort(new Error('enough'));
    await refused;
    await until('the connection to close', async () => server?.connections === 0);
  });

  it('breaks off its calls when it is closed', async () => {
    await start();
    let asked = false;
    server?.withdraw(ECHO_ID);
    server?.export(echoObject(() => new Promise(() => (asked = true))));
    const refused = assert.rejects(echo('a'), kind('lost'));
    await until('the call', async () => asked);
    client.close();
    await refused;
    await assert.rejects(echo('a'), /closed/);
  });

  it('waits for an answer only so long', async () => {
    const clock = new FakeClock();
    await start({ clock });
    let asked = false;
    server?.withdraw(ECHO_ID);
    server?.export(echoObject(() => new Promise(() => (asked = true))));
    const refused = assert.rejects(
      client.call(ref, ECHO, [null], { timeoutMs: 3000 }),
      kind('timeout', /Could not call echo at 127\.0\.0\.1:\d+: /),
    );
    await until('the call', async () => asked);
    await clock.pass(3000);
    await refused;
  });

  it('leases what a result refers to, confirms it, renews the lease and gives it up', async () => {
    const clock = new FakeClock();
    await start({ clock }, { times: { leaseMs: 4000 } });
    server?.export({
      objId: FINDER_ID,
      interfaces: [],
      methods: [FIND],
      invoke: () => Promise.resolve(stubOf(ref, true)),
    });
    const found = remoteRefOf((await client.call({ ...ref, objId: FINDER_ID }, FIND, [])) as JavaValue);
    assert.deepEqual(found, ref);
    assert.equal(called('dirty'), 1);
    // The confirmation came between, and disturbs nothing.
    assert.equal(await echo('a'), 'a');
    for (const count of [2, 3]) {
      await clock.pass(2000);
      await until('a renewal', async () => called('dirty') === count);
      await until('its timer', async () => clock.untilNext !== undefined && clock.untilNext <= 2000);
    }
    client.release(found);
    await until('the lease to be given up', async () => called('clean') === 1);
    await clock.pass(100_000);
    assert.equal(called('dirty'), 3);
  });

  it('holds a lease as often as it was asked to', async () => {
    await start();
    await client.hold(ref);
    await client.hold(ref);
    client.release(ref);
    await echo('a');
    assert.equal(called('clean'), 0);
    client.release(ref);
    await until('the lease to be given up', async () => called('clean') === 1);
    client.release(ref);
    assert.equal(called('dirty'), 1);
  });

  it('asks again for a lease that it did not get', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const { port } = ref;
    await server?.close();
    await client.hold(ref);
    server = await localServer({ port, onEvent: (event) => events.push(event) });
    assert.equal(called('dirty'), 0);
    await clock.pass(10_000);
    await until('a lease', async () => called('dirty') === 1);
  });
});

describe('an RMI client of something else', () => {
  let listener: Server;
  let client: RmiClient;
  const sockets: Socket[] = [];

  async function start(answer: (socket: Socket) => void): Promise<RemoteRef> {
    listener = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      answer(socket);
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    client = createRmiClient({ times: { connectMs: 5000 } });
    return { host: '127.0.0.1', port, objId: ECHO_ID, interfaces: [] };
  }
  /** Greets, then sends this for each piece that comes after the greeting. */
  function speaking(answer: (socket: Socket) => void) {
    return (socket: Socket): void => {
      const ack = Buffer.from('4e00093132372e302e302e310000cc84', 'hex');
      socket.once('data', () => socket.write(ack));
      let come = 0;
      socket.on('data', (bytes: Buffer) => {
        come += bytes.length;
        if (come > 7 + 2 + 9 + 4) answer(socket);
      });
    };
  }

  afterEach(() => {
    client.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    listener.close();
  });

  const wrong: Readonly<Record<string, readonly [(socket: Socket) => void, RmiErrorKind, RegExp]>> = {
    'closes at once': [(socket) => socket.destroy(), 'unreachable', /Could not connect/],
    'speaks HTTP': [
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'protocol',
      /handshake by 0x48/,
    ],
    'wants no stream': [(socket) => socket.end(Buffer.of(0x4f)), 'protocol', /does not support/],
    'closes after the call': [speaking((socket) => socket.destroy()), 'lost', /Could not call echo/],
    'closes within its answer': [
      speaking((socket) => socket.end(Buffer.from('51aced0005770f01', 'hex'))),
      'lost',
      /closed the connection/,
    ],
    'answers something else': [
      speaking((socket) => socket.write(Buffer.of(0x53))),
      'protocol',
      /answer that begins with 0x53/,
    ],
    'answers a broken stream': [
      speaking((socket) => socket.write(Buffer.from('51aced000578', 'hex'))),
      'protocol',
      /invalid type code/,
    ],
    'answers a return of no kind': [
      speaking((socket) => socket.write(Buffer.from(`51aced0005770f03${'00'.repeat(14)}`, 'hex'))),
      'protocol',
      /return of kind 3/,
    ],
    'throws what is no exception': [
      speaking((socket) =>
        socket.write(Buffer.from(`51aced0005770f02${'00'.repeat(14)}740001${'41'}`, 'hex')),
      ),
      'protocol',
      /java\.lang\.String is no exception/,
    ],
  };
  for (const [what, [answer, wanted, message]] of Object.entries(wrong)) {
    it(`that ${what}, says so`, async () => {
      const ref = await start(answer);
      await assert.rejects(client.call(ref, ECHO, [null]), kind(wanted, message));
      assert.equal(sockets.length, 1, 'it was called once');
    });
  }

  it('does not use a connection again on which more came than was asked for', async () => {
    const uid = { unique: 1, time: 2n, count: 3 };
    const twice = normalReturnBytes(uid, 'L', javaString('x'));
    const ref = await start(speaking((socket) => socket.write(Buffer.concat([twice, twice]))));
    assert.equal(stringOf((await client.call(ref, ECHO, [null])) as JavaValue), 'x');
    assert.equal(stringOf((await client.call(ref, ECHO, [null])) as JavaValue), 'x');
    assert.equal(sockets.length, 2);
  });
});
