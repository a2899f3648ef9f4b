import assert from 'node:assert/strict';
import { once } from 'node:events';
import { DIRTY, leaseOf, objIdArray, vmidValue } from '../../../../../src/pipeline/rmi/jrmp/dgcObject.ts';
import { callBytes, dgcAckBytes } from '../../../../../src/pipeline/rmi/jrmp/calls.ts';
import { DGC_ID, REGISTRY_ID, stableObjId } from '../../../../../src/pipeline/rmi/jrmp/ids.ts';
import { CallAborted } from '../../../../../src/pipeline/rmi/jrmp/remoteObject.ts';
import type { RmiServer, RmiServerOptions } from '../../../../../src/pipeline/rmi/jrmp/server.ts';
import type { ServerEvent } from '../../../../../src/pipeline/rmi/jrmp/serverConnection.ts';
import type { JavaValue } from '../../../../../src/pipeline/rmi/serial/model.ts';
import { throwableOf } from '../../../../../src/pipeline/rmi/serial/throwables.ts';
import { javaArrayList, javaString, stringOf } from '../../../../../src/pipeline/rmi/serial/values.ts';
import { until } from '../../../../support/until.ts';
import { FakeClock, settle } from '../../../watch/fakeClock.ts';
import { ADD, ECHO_ID, echoCall, echoObject, localServer } from '../echo.ts';
import { CLIENT_ENDPOINT, HANDSHAKE, RawPeer } from '../rawPeer.ts';

const PING = Buffer.of(0x52);
const PING_ACK = 0x53;

describe('an RMI server', () => {
  let server: RmiServer;
  let events: ServerEvent[];
  const peers: RawPeer[] = [];

  async function start(options: Partial<RmiServerOptions> = {}): Promise<void> {
    events = [];
    server = await localServer({ onEvent: (event) => events.push(event), ...options });
  }
  async function greeted(): Promise<RawPeer> {
    const peer = await RawPeer.greeted(server.port);
    peers.push(peer);
    return peer;
  }
  /** What an exceptional answer says. */
  async function thrown(peer: RawPeer): Promise<readonly string[]> {
    const { exceptional, value } = await peer.readReturn('V');
    assert.ok(exceptional);
    const error = throwableOf(value as JavaValue);
    return [error.message, ...(error.cause === undefined ? [] : [error.cause.message])];
  }
  const kinds = (): string[] => events.map(({ kind }) => kind);

  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.destroy();
    await server.close();
  });

  it('answers calls and pings on one connection, and takes confirmations', async () => {
    await start();
    server.export(echoObject());
    const peer = await greeted();
    peer.send(echoCall('a'));
    const { uid, value } = await peer.readReturn('L');
    assert.equal(stringOf(value as JavaValue), 'a');
    peer.send(Buffer.concat([dgcAckBytes(uid), PING]));
    assert.equal(await peer.readByte(), PING_ACK);
    const header = { objId: ECHO_ID, operation: -1, hash: ADD.hash };
    peer.send(callBytes(header, ADD.parameters, [-1, 2n ** 40n, javaString('x'), 7]));
    assert.equal((await peer.readReturn('J')).value, 2n ** 40n + 6n);
    assert.deepEqual(
      events.filter((event) => event.kind === 'call').map(({ method }) => method),
      ['echo', 'add'],
    );
  });

  it('numbers its answers, each otherwise', async () => {
    await start();
    server.export(echoObject());
    const peer = await greeted();
    const uids = new Set<string>();
    for (let call = 0; call < 5; call++) {
      peer.send(echoCall('a'));
      uids.add(JSON.stringify((await peer.readReturn('L')).uid, (_key, one: unknown) => String(one)));
      uids.add(String(server.newObjId().uid.count));
    }
    assert.equal(uids.size, 6);
  });

  it('serves a client that asks for an object it knows of, but is gone', async () => {
    await start();
    server.export(echoObject());
    const peer = await greeted();
    peer.send(echoCall('a', stableObjId('another')));
    assert.deepEqual(await thrown(peer), ['java.rmi.NoSuchObjectException: no such object in table']);
    peer.send(echoCall('b'));
    assert.equal(stringOf((await peer.readReturn('L')).value as JavaValue), 'b');
    server.withdraw(ECHO_ID);
    peer.send(echoCall('c'));
    assert.deepEqual(await thrown(peer), ['java.rmi.NoSuchObjectException: no such object in table']);
  });

  it('answers in single bytes sent, and calls that come together one after the other', async () => {
    await start();
    server.export(echoObject());
    const peer = await RawPeer.connect(server.port);
    peers.push(peer);
    for (const byte of HANDSHAKE) peer.send(Buffer.of(byte));
    await until('the acknowledgement', async () => (peer.socket.bytesRead >= 16 ? true : undefined));
    await peer.read(function* (input) {
      while (input.left < 16) yield 1;
      input.view(input.left);
    });
    peer.send(Buffer.concat([CLIENT_ENDPOINT, echoCall('1'), PING, echoCall('2')]));
    assert.equal(stringOf((await peer.readReturn('L')).value as JavaValue), '1');
    assert.equal(await peer.readByte(), PING_ACK);
    assert.equal(stringOf((await peer.readReturn('L')).value as JavaValue), '2');
  });

  it('tells nothing of a failure of its own', async () => {
    await start();
    server.export(echoObject(() => Promise.reject(new Error('the password is x'))));
    const peer = await greeted();
    peer.send(echoCall('a'));
    assert.deepEqual(await thrown(peer), [
      'java.rmi.ServerException: RemoteException occurred in server thread',
      'java.rmi.RemoteException: the server failed',
    ]);
    const call = events.find((event) => event.kind === 'call');
    assert.ok(call?.error instanceof Error && call.error.message.includes('password'));
    peer.send(PING);
    assert.equal(await peer.readByte(), PING_ACK);
  });

  it('answers a call that takes too long, and tells it so', async () => {
    const clock = new FakeClock();
    await start({ clock, times: { callMs: 5000 } });
    const signals: AbortSignal[] = [];
    server.export(
      echoObject((text, { signal, deadline }) => {
        assert.equal(deadline, clock.now() + 5000);
        signals.push(signal);
        return new Promise(() => text);
      }),
    );
    const peer = await greeted();
    peer.send(echoCall('a'));
    await until('the call', async () => signals.length > 0);
    await clock.pass(5000);
    assert.match((await thrown(peer))[0] ?? '', /ServerException/);
    const reason: unknown = signals[0]?.reason;
    assert.ok(reason instanceof CallAborted && reason.why === 'deadline', String(reason));
  });

  it('tells a call that its caller is gone', async () => {
    await start();
    const signals: AbortSignal[] = [];
    server.export(
      echoObject((_text, { signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        );
      }),
    );
    const peer = await greeted();
    peer.send(echoCall('a'));
    await until('the call', async () => signals.length > 0);
    peer.destroy();
    await until('the end of the call', async () => signals[0]?.aborted === true);
    assert.equal((signals[0]?.reason as CallAborted).why, 'callerGone');
    await until('the connection to close', async () => server.connections === 0);
  });

  it('lets calls end when it closes, for a while', async () => {
    await start();
    let finish = (): void => undefined;
    let why = '';
    server.export(
      echoObject((text, { signal }) => {
        signal.addEventListener('abort', () => (why = (signal.reason as CallAborted).why));
        return new Promise((resolve) => (finish = () => resolve(text)));
      }),
    );
    const idle = await greeted();
    const peer = await greeted();
    peer.send(echoCall('a'));
    await until(
      'the call',
      async () => finish.length === 0 && kinds().length >= 2 && server.connections === 2,
    );
    await settle();
    const closed = server.close(10_000);
    await idle.closed();
    assert.equal(why, 'closing');
    finish();
    assert.equal(stringOf((await peer.readReturn('L')).value as JavaValue), 'a');
    await peer.closed();
    await closed;
  });

  it('breaks calls off when it closes, in the end', async () => {
    await start();
    let called = false;
    server.export(echoObject(() => new Promise(() => (called = true))));
    const peer = await greeted();
    peer.send(echoCall('a'));
    await until('the call', async () => called);
    await server.close(10);
    await peer.closed();
  });

  it('waits for slow clients, but not for ever', async () => {
    const clock = new FakeClock();
    const times = { handshakeMs: 1000, idleMs: 100_000, messageMs: 2000, lingerMs: 1 };
    await start({ clock, times });
    server.export(echoObject());
    const silent = await RawPeer.connect(server.port);
    const slow = await greeted();
    const patient = await greeted();
    peers.push(silent);
    await until('the connections', async () => server.connections === 3);
    slow.send(echoCall('a').subarray(0, 20));
    await settle();
    await clock.pass(1000);
    await silent.closed();
    await until(
      'the part of a message',
      async () => clock.untilNext !== undefined && clock.untilNext <= 2000,
    );
    await clock.pass(2000);
    await slow.closed();
    await clock.pass(90_000);
    patient.send(PING);
    assert.equal(await patient.readByte(), PING_ACK);
    await settle();
    await clock.pass(100_000);
    await patient.closed();
    assert.equal(
      events.filter((event) => event.kind === 'fault' && event.reason.includes('too little')).length,
      3,
    );
  });

  it('takes connections of allowed networks only, and not more than it may', async () => {
    await start({ allow: ['192.0.2.0/24', '2001:db8::/32'] });
    server.export(echoObject());
    const stranger = await greeted();
    stranger.send(echoCall('a'));
    assert.deepEqual(await thrown(stranger), [
      'java.lang.SecurityException: 127.0.0.1 may not call: its network is not allowed',
    ]);
    await stranger.closed();
    assert.deepEqual(events, [
      { kind: 'refused', address: '127.0.0.1', reason: 'its network is not allowed' },
    ]);
    for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from('4a524d4900024d', 'hex')]) {
      const other = await RawPeer.connect(server.port);
      other.send(bytes);
      await other.closed();
    }
    const silent = await RawPeer.connect(server.port);
    await Promise.all([server.close(), silent.closed()]);

    await start({ allow: ['127.0.0.0/8'], maxConnections: 2 });
    await greeted();
    await greeted();
    await (await RawPeer.connect(server.port)).closed();
    await server.close();

    await start({ maxConnectionsPerAddress: 1 });
    const first = await greeted();
    await (await RawPeer.connect(server.port)).closed();
    first.destroy();
    await until('the first to be gone', async () => server.connections === 0);
    await greeted();
  });

  it('refuses what is no call of its, and goes on with the others', async () => {
    await start();
    server.export(echoObject());
    const good = await greeted();
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.concat([HANDSHAKE, CLIENT_ENDPOINT, Buffer.from('50aced0006', 'hex')]),
      Buffer.concat([HANDSHAKE, CLIENT_ENDPOINT, Buffer.from('50aced000578', 'hex')]),
      Buffer.concat([HANDSHAKE, CLIENT_ENDPOINT, Buffer.from('50aced00057400', 'hex'), Buffer.alloc(300)]),
      Buffer.concat([HANDSHAKE, CLIENT_ENDPOINT, Buffer.alloc(1000, 0x52)]),
    ]) {
      const peer = await RawPeer.connect(server.port);
      peer.send(bytes);
      peer.socket.resume();
      peer.socket.end();
      await once(peer.socket, 'close');
    }
    good.send(echoCall('a'));
    assert.equal((await good.readReturn('L')).exceptional, false);
    await until('the others to be gone', async () => server.connections === 1);
  });

  it('refuses messages that are too large, and says why', async () => {
    await start();
    server.export(echoObject());
    const peer = await greeted();
    const call = echoCall('x'.repeat(70_000));
    // 16 MiB, as its length says; none of them need come.
    call.writeBigInt64BE(16n * 1024n * 1024n, call.length - 70_000 - 8);
    peer.send(call.subarray(0, 100));
    assert.deepEqual(await thrown(peer), [
      'java.rmi.ServerException: RemoteException occurred in server thread',
      'java.rmi.UnmarshalException: error unmarshalling arguments',
    ]);
    await peer.closed();
    assert.ok(
      events.some((event) => event.kind === 'fault' && event.reason.includes('more than 16777216 bytes')),
    );
  });

  it('takes no more large messages at a time than there is memory for', async () => {
    await start({ memory: 3_000_000 });
    server.export(echoObject());
    const large = echoCall('x'.repeat(2_000_000));
    const first = await greeted();
    first.send(large.subarray(0, -1));
    await until('the first message', async () => first.socket.writableLength === 0);
    const second = await greeted();
    second.send(large.subarray(0, -1));
    assert.match((await thrown(second))[1] ?? '', /error unmarshalling/);
    const small = await greeted();
    small.send(echoCall('x'.repeat(100_000)));
    assert.equal((await small.readReturn('L')).exceptional, false);
    first.send(large.subarray(-1));
    assert.equal((await first.readReturn('L')).exceptional, false);
    small.send(large);
    assert.equal((await small.readReturn('L')).exceptional, false);
  });

  it('lets its lease keeper take nothing but leases', async () => {
    await start();
    const header = { objId: DGC_ID, operation: DIRTY.operation, hash: DIRTY.hash };
    const vmid = vmidValue(Buffer.alloc(8), { unique: 1, time: 2n, count: 3 });
    const dirty = (ids: JavaValue, lease: JavaValue): Buffer =>
      callBytes(header, DIRTY.parameters, [ids, 1n, lease]);
    const peer = await greeted();
    peer.send(dirty(objIdArray([ECHO_ID]), leaseOf(1, vmid)));
    assert.equal((await peer.readReturn('L')).exceptional, false);
    for (const bytes of [
      dirty(objIdArray([ECHO_ID]), javaArrayList([])),
      dirty(objIdArray(Array<typeof ECHO_ID>(10_001).fill(ECHO_ID)), leaseOf(1, vmid)),
    ]) {
      const stranger = await greeted();
      stranger.send(bytes);
      const { value } = await stranger.readReturn('L');
      const error = throwableOf(value as JavaValue);
      assert.equal(error.cause?.cause?.message, 'java.io.InvalidClassException: filter status: REJECTED');
    }
  });

  it('says where it is for others', async () => {
    await start({ publicHost: 'jobs.example.org', publicPort: 4711 });
    const { host, port, objId, interfaces } = server.export(echoObject());
    assert.deepEqual(
      { host, port, objId, interfaces },
      {
        host: 'jobs.example.org',
        port: 4711,
        objId: ECHO_ID,
        interfaces: ['test.Echo'],
      },
    );
    assert.throws(() => server.export(echoObject()), /is here already/);
    assert.throws(() => server.export({ ...echoObject(), objId: DGC_ID }), /is here already/);
    assert.notDeepEqual(server.newObjId().objNum, REGISTRY_ID.objNum);
  });

  it('does not start where its port is taken', async () => {
    await start();
    await assert.rejects(localServer({ port: server.port }), { code: 'EADDRINUSE' });
  });
});
