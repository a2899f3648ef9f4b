import { remoteMethod } from '../jrmp/methods.ts';

/** What stubs of a remote stream say, in this order. */
export const REMOTE_STREAM_INTERFACES = [
  'java.rmi.Remote',
  'com.healthmarketscience.rmiio.RemoteInputStream',
];

/** The methods of rmiio's RemoteInputStream. */
export const REMOTE_STREAM_METHODS = {
  usingGZIPCompression: remoteMethod('usingGZIPCompression', '()Z'),
  readPacket: remoteMethod('readPacket', '(I)[B'),
  available: remoteMethod('available', '()I'),
  skip: remoteMethod('skip', '(JI)J'),
  close: remoteMethod('close', '(Z)V'),
} as const;

export type RemoteStreamMethodName = keyof typeof REMOTE_STREAM_METHODS;

/** Bytes that go in one packet. */
export const PACKET_BYTES = 7 * 1024;
