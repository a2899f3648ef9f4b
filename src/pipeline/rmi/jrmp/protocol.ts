import { SerialError } from '../serial/errors.ts';
import type { ByteQueue } from '../serial/byteQueue.ts';
import { encodeModifiedUtf8 } from '../serial/modifiedUtf8.ts';
import { need } from '../serial/reading.ts';
import type { Reading } from '../serial/reading.ts';
import type { Endpoint } from './remoteRef.ts';

/** "JRMI" and version 2: what a client begins with. */
const MAGIC = Buffer.from('4a524d490002', 'hex');

/** What a client wants of a connection. */
export const PROTOCOL = { stream: 0x4b, singleOp: 0x4c, multiplex: 0x4d } as const;
/** What a server says to it. */
export const ANSWER = { ack: 0x4e, notSupported: 0x4f } as const;
/** What messages begin with. */
export const MESSAGE = { call: 0x50, returnData: 0x51, ping: 0x52, pingAck: 0x53, dgcAck: 0x54 } as const;
/** What a return begins with. */
export const RETURN = { normal: 1, exceptional: 2 } as const;

export type ProtocolName = keyof typeof PROTOCOL;

/** The other side does not speak JRMP, or breaks its rules. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export function handshakeBytes(protocol: ProtocolName): Buffer {
  return Buffer.concat([MAGIC, Buffer.of(PROTOCOL[protocol])]);
}

export function* readHandshake(input: ByteQueue): Reading<ProtocolName> {
  yield* need(input, MAGIC.length + 1);
  if (!input.view(MAGIC.length).equals(MAGIC)) throw new ProtocolError('it does not begin as JRMP does');
  const code = input.u8();
  const found = Object.entries(PROTOCOL).find(([, value]) => value === code);
  if (found === undefined) throw new ProtocolError(`it asks for a protocol ${hex(code)}`);
  return found[0] as ProtocolName;
}

/** How sides tell each other where they see one, or see themselves. */
export function endpointBytes({ host, port }: Endpoint): Buffer {
  const name = encodeModifiedUtf8(host);
  const bytes = Buffer.alloc(2 + name.length + 4);
  bytes.writeUInt16BE(name.length, 0);
  name.copy(bytes, 2);
  bytes.writeInt32BE(port, 2 + name.length);
  return bytes;
}

export function* readEndpoint(input: ByteQueue): Reading<Endpoint> {
  yield* need(input, 2);
  const length = input.u16();
  yield* need(input, length + 4);
  return { host: input.text(length), port: input.i32() };
}

/** A server's answer to the handshake: the endpoint that it sees the client at. */
export function* readServerAck(input: ByteQueue): Reading<Endpoint> {
  yield* need(input, 1);
  const code = input.u8();
  if (code === ANSWER.ack) return yield* readEndpoint(input);
  throw new ProtocolError(
    code === ANSWER.notSupported
      ? 'it does not support the stream protocol'
      : `it answers the handshake by ${hex(code)}`,
  );
}

export function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}

/** Whether an error is the other side's doing. */
export function isProtocolFault(error: unknown): error is ProtocolError | SerialError {
  return error instanceof ProtocolError || error instanceof SerialError;
}
