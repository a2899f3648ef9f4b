import { createGunzip } from 'node:zlib';
import type { CallOptions, RmiClient } from '../jrmp/client.ts';
import { RmiError } from '../jrmp/errors.ts';
import type { RemoteRef } from '../jrmp/remoteRef.ts';
import { bytesOf } from '../serial/values.ts';
import { REMOTE_STREAM_METHODS } from './interface.ts';
import { through } from './through.ts';

/** How often a packet is asked for; the server gives the same one again. */
const TRIES = 3;

/**
 * The bytes of a remote stream, uncompressed, as they come. When they are read, or no more of them are wanted, the stream
 * is closed at the server. Rejects as `RmiClient.call`, or with zlib's error.
 */
export async function* readRemoteStream(
  client: RmiClient,
  ref: RemoteRef,
  options: CallOptions = {},
): AsyncGenerator<Buffer, void, void> {
  let whole = false;
  try {
    const gzip = await client.call(ref, REMOTE_STREAM_METHODS.usingGZIPCompression, [], options);
    const packets = readPackets(client, ref, options);
    yield* gzip === true ? through(packets, createGunzip) : packets;
    whole = true;
  } finally {
    await client
      .call(ref, REMOTE_STREAM_METHODS.close, [whole], { ...options, signal: new AbortController().signal })
      // The server closes it by itself after a while.
      .catch(() => undefined);
    client.release(ref);
  }
}

async function* readPackets(
  client: RmiClient,
  ref: RemoteRef,
  options: CallOptions,
): AsyncGenerator<Buffer, void, void> {
  for (let number = 0; ; number++) {
    const packet = await readPacket(client, ref, number, options);
    if (packet === null) return;
    yield packet;
  }
}

async function readPacket(
  client: RmiClient,
  ref: RemoteRef,
  number: number,
  options: CallOptions,
): Promise<Buffer | null> {
  for (let tries = 1; ; tries++) {
    try {
      const packet = await client.call(ref, REMOTE_STREAM_METHODS.readPacket, [number], options);
      return bytesOf(typeof packet === 'object' ? packet : null);
    } catch (error) {
      if (!(error instanceof RmiError) || error.kind === 'protocol' || tries === TRIES) throw error;
    }
  }
}
