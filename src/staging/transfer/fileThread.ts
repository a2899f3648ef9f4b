/** A thread that sums and writes files, so that one processor does it while another sends or fetches. */
import { createHash, randomUUID } from 'node:crypto';
import { readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { Checksums } from '../api.ts';
import { createSumCheck, createSummer } from '../checksums.ts';
import { systemCode } from '../errors.ts';
import type { FileAnswer, FileRequest, SaveRequest, SumRequest } from './fileThreads.ts';

interface Sums {
  add(bytes: Uint8Array): void;
  end(): Checksums | string;
}

const port = parentPort;
if (port === null) throw new Error('This is a worker thread, not a program.');

const buffer = Buffer.allocUnsafe(128 * 1024);
const underway = new Map<number, Sums>();

port.on('message', (requests: readonly FileRequest[]) => port.postMessage(requests.map(answer)));

function answer(request: FileRequest): FileAnswer {
  try {
    return request.kind === 'save' ? save(request) : sum(request);
  } catch (error) {
    if (request.kind !== 'save') underway.delete(request.stream);
    const message = error instanceof Error ? error.message : String(error);
    return { id: request.id, read: 0, error: { message, code: systemCode(error) } };
  }
}

function sum(request: SumRequest): FileAnswer {
  const { id, stream, fd, from, length, last } = request;
  const sums = underway.get(stream) ?? begin(request);
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

function begin({ kind, expected = {} }: SumRequest): Sums {
  if (kind === 'checksums') {
    const summer = createSummer();
    return { add: (bytes) => summer.add(bytes), end: () => summer.checksums() };
  }
  if (kind === 'check') {
    const check = createSumCheck(expected);
    return { add: (bytes) => check.add(bytes), end: () => check.trouble() ?? '' };
  }
  const md5 = createHash('md5');
  return { add: (bytes) => md5.update(bytes), end: () => md5.digest('hex') };
}

/** The file has its name only when it is whole and right. */
function save({ id, path, bytes, expected }: SaveRequest): FileAnswer {
  const check = createSumCheck(expected);
  check.add(bytes);
  const trouble = check.trouble();
  if (trouble !== undefined) return { id, read: 0, result: trouble };
  const part = join(dirname(path), `.${randomUUID()}.part`);
  try {
    writeFileSync(part, bytes, { flag: 'wx' });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  return { id, read: 0, result: '' };
}
