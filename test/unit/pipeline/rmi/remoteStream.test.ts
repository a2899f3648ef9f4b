import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRmiClient } from '../../../../src/pipeline/rmi/jrmp/client.ts';
import type { RmiClient } from '../../../../src/pipeline/rmi/jrmp/client.ts';
import { RmiError } from '../../../../src/pipeline/rmi/jrmp/errors.ts';
import { stableObjId } from '../../../../src/pipeline/rmi/jrmp/ids.ts';
import type { Argument, RemoteMethod } from '../../../../src/pipeline/rmi/jrmp/methods.ts';
import { REMOTE_STREAM_METHODS } from '../../../../src/pipeline/rmi/remoteStream/interface.ts';
import { readRemoteStream } from '../../../../src/pipeline/rmi/remoteStream/streamClient.ts';
import { StreamObject } from '../../../../src/pipeline/rmi/remoteStream/streamObject.ts';
import type { JavaValue } from '../../../../src/pipeline/rmi/serial/model.ts';
import { bytesOf, javaBytes } from '../../../../src/pipeline/rmi/serial/values.ts';
import { localServer } from './echo.ts';

const { usingGZIPCompression, readPacket, available, skip, close } = REMOTE_STREAM_METHODS;
const PACKET = 7168;
const ID = stableObjId('stream');

async function* bytes(count: number, piece = 1000): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < count; at += piece) {
    yield Promise.resolve(
      Buffer.from(Array.from({ length: Math.min(piece, count - at) }, (_, n) => (at + n) * 7)),
    );
  }
}

async function whole(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a remote stream', () => {
  let closed: number;
  let stream: StreamObject;
  const make = (source: AsyncIterable<Uint8Array>, gzip = false): void => {
    closed = 0;
    stream = new StreamObject({ objId: ID, source, gzip, onClose: () => (closed += 1) });
  };
  const packet = async (number: number): Promise<Buffer | null> =>
    bytesOf((await stream.invoke(readPacket, [number])) as JavaValue);

  it('comes in packets, the last one again where it is asked for again', async () => {
    make(bytes(20_000));
    const all = await whole(bytes(20_000));
    const first = await packet(0);
    assert.deepEqual(first, all.subarray(0, PACKET));
    assert.deepEqual(await packet(0), first);
    // Numbers go up, whatever lies between: clients number their skips with the same.
    assert.deepEqual(await packet(5), all.subarray(PACKET, 2 * PACKET));
    assert.deepEqual(await packet(6), all.subarray(2 * PACKET));
    assert.equal(await packet(7), null);
    assert.equal(await packet(7), null);
    assert.equal(await packet(8), null);
    await assert.rejects(packet(6), /IllegalArgumentException: packetId must increase/);
    await assert.rejects(packet(-1), /IllegalArgumentException: packetId must be >= 0/);
  });

  it('is read in order where requests overlap', async () => {
    make(bytes(20_000));
    const all = await whole(bytes(20_000));
    const [first, again, second] = await Promise.all([packet(0), packet(0), packet(1)]);
    assert.deepEqual(first, again);
    assert.deepEqual(Buffer.concat([first!, second!]), all.subarray(0, 2 * PACKET));
  });

  it('is one gzip file where it is compressed', async () => {
    make(bytes(100_000), true);
    assert.equal(await stream.invoke(usingGZIPCompression, []), true);
    const packets: Buffer[] = [];
    for (let number = 0; ; number++) {
      const next = await packet(number);
      if (next === null) break;
      assert.ok(next.length <= PACKET);
      packets.push(next);
    }
    assert.deepEqual(gunzipSync(Buffer.concat(packets)), await whole(bytes(100_000)));
    await assert.rejects(stream.invoke(skip, [1n, 0]), /IOException/);
  });

  it('is skipped in where it is not', async () => {
    make(bytes(20_000));
    const all = await whole(bytes(20_000));
    assert.equal(await stream.invoke(usingGZIPCompression, []), false);
    assert.equal(await stream.invoke(skip, [100n, 0]), 100n);
    assert.equal(await stream.invoke(skip, [100n, 0]), 100n);
    assert.equal(await stream.invoke(available, []), 900);
    assert.deepEqual(await packet(1), all.subarray(100, 100 + PACKET));
    assert.equal(await stream.invoke(skip, [10n ** 18n, 2]), BigInt(20_000 - 100 - PACKET));
    assert.equal(await packet(3), null);
  });

  it('lets go of its source when it is closed', async () => {
    let ended = false;
    async function* source(): AsyncGenerator<Buffer, void, void> {
      try {
        yield* bytes(1e6);
      } finally {
        ended = true;
      }
    }
    for (const gzip of [false, true]) {
      ended = false;
      make(source(), gzip);
      await packet(0);
      await stream.invoke(close, [true]);
      assert.deepEqual([closed, ended], [1, true]);
    }
  });

  it('tells that its source fails, and lets go of one that nobody read', async () => {
    async function* source(): AsyncGenerator<Buffer, void, void> {
      await Promise.resolve();
      throw new Error('no disk');
    }
    for (const gzip of [false, true]) {
      make(source(), gzip);
      await assert.rejects(packet(0), /no disk/);
      await stream.dispose();
      const file = createReadStream(import.meta.filename);
      make(file, gzip);
      await stream.dispose();
      assert.ok(file.destroyed);
    }
  });
});

describe('reading a remote stream', () => {
  const ref = { host: '127.0.0.1', port: 1, objId: ID, interfaces: [] };

  /** A client whose calls are answered by a stream, and lost now and then. */
  function clientOf(
    stream: StreamObject,
    lose: (method: RemoteMethod, count: number) => boolean,
  ): {
    readonly client: RmiClient;
    readonly calls: string[];
  } {
    const calls: string[] = [];
    const client: RmiClient = {
      async call(_target, method, args: readonly Argument[]) {
        calls.push(`${method.name}(${args.map((arg) => JSON.stringify(arg)).join()})`);
        const result = await stream.invoke(method, args);
        if (lose(method, calls.length)) throw new RmiError('lost', `call ${method.name}`, 'it broke');
        return result;
      },
      hold: () => Promise.resolve(),
      release: () => calls.push('release'),
      close: () => undefined,
    };
    return { client, calls };
  }
  const streamOf = (gzip: boolean): StreamObject =>
    new StreamObject({ objId: ID, source: bytes(20_000), gzip, onClose: () => undefined });

  for (const gzip of [false, true]) {
    it(`gives its bytes${gzip ? ', uncompressed' : ''}, though answers are lost`, async () => {
      const { client, calls } = clientOf(
        streamOf(gzip),
        ({ name }, count) => name === 'readPacket' && count % 2 === 0,
      );
      assert.deepEqual(await whole(readRemoteStream(client, ref)), await whole(bytes(20_000)));
      assert.deepEqual(calls.slice(-2), ['close(true)', 'release']);
      assert.equal(calls[0], 'usingGZIPCompression()');
      assert.deepEqual(calls.slice(1, 4), ['readPacket(0)', 'readPacket(0)', 'readPacket(1)']);
    });
  }

  it('ends where answers are lost again and again', async () => {
    const { client, calls } = clientOf(streamOf(false), ({ name }) => name === 'readPacket');
    await assert.rejects(whole(readRemoteStream(client, ref)), { kind: 'lost' });
    assert.deepEqual(calls.slice(1), [...Array<string>(3).fill('readPacket(0)'), 'close(false)', 'release']);
  });

  it('ends where what comes is not compressed as it should be', async () => {
    const server = await localServer();
    const broken = server.export({
      objId: ID,
      interfaces: [],
      methods: Object.values(REMOTE_STREAM_METHODS),
      invoke: ({ name }) =>
        Promise.resolve(
          name === 'close' ? undefined : name === 'readPacket' ? javaBytes(Buffer.from('plain')) : true,
        ),
    });
    const client = createRmiClient();
    await assert.rejects(whole(readRemoteStream(client, broken)), { code: 'Z_DATA_ERROR' });
    client.close();
    await server.close();
  });
});
