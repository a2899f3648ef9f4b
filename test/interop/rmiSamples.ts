import { createHash } from 'node:crypto';
import { stableObjId } from '../../src/pipeline/rmi/index.ts';
import type { JobStatus } from '../../src/pipeline/rmi/index.ts';

export const SERVICE = 'JobControlService-desc';
export const ID = stableObjId(SERVICE);
export const FILE = { spId: '7:1', workingDirectory: '/data/desc/7/1', name: 'plain-100000' };

export const STATUS: JobStatus = {
  id: '1',
  status: 'RUNNING',
  cpuUsed: 61,
  memoryUsed: 204_800,
  swapUsed: 0,
  host: 'wn0001',
  queue: 'SLAC',
  user: 'desc',
  comment: 'é€😀',
  submitted: 1382356800123,
  started: 1382356801000,
  ended: null,
};
export const SHOWN = '1,RUNNING,61,204800,wn0001,SLAC,desc,é€😀,1382356800123,1382356801000,null';

export function fileBytes(length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update('file').digest();
}

export async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < bytes.length; at += 65_536) yield Promise.resolve(bytes.subarray(at, at + 65_536));
}

export async function whole(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}
