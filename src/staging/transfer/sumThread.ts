/** The thread that sums files, so that one processor sums while another sends. */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Checksums } from '../api.ts';
import { createSummer } from '../checksums.ts';
import { systemCode } from '../errors.ts';
import type { SumAnswer, SumRequest } from './sumThreads.ts';

interface Sums {
  add(bytes: Uint8Array): void;
  end(): Checksums | string;
}

const port = parentPort;
if (port === null) throw new Error('This is a worker thread, not a program.');

const buffer = Buffer.allocUnsafe(1024 * 1024);
const underway = new Map<number, Sums>();

port.on('message', (request: SumRequest) => {
  try {
    port.postMessage(answer(request));
  } catch (error) {
    underway.delete(request.stream);
    const message = error instanceof Error ? error.message : String(error);
    const failed = { message, code: systemCode(error) };
    port.postMessage({ id: request.id, read: 0, error: failed } satisfies SumAnswer);
  }
});

function answer({ id, stream, kind, fd, from, length, last }: SumRequest): SumAnswer {
  const sums = underway.get(stream) ?? begin(kind);
  underway.set(stream, sums);
  let read = 0;
  while (read < length) {
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, length - read), from + read);
    if (count === 0) break;
    sums.add(buffer.subarray(0, count));
    read += count;
  }
  if (!last) return { id, read };
  underway.delete(stream);
  return { id, read, result: sums.end() };
}

function begin(kind: SumRequest['kind']): Sums {
  if (kind === 'checksums') {
    const summer = createSummer();
    return { add: (bytes) => summer.add(bytes), end: () => summer.checksums() };
  }
  const md5 = createHash('md5');
  return { add: (bytes) => md5.update(bytes), end: () => md5.digest('hex') };
}
