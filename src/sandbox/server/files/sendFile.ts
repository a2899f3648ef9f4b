import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { contentType, isSafeName } from './fileNames.ts';

/**
 * Sends one file of a folder, or the part that `Range` asks for, as large as it is at this moment: a log that grows is
 * read by asking again from where the last answer ended. False when there is no such file.
 */
export async function sendFile(
  folder: string,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!isSafeName(name)) return false;
  let file: FileHandle;
  try {
    // A link, which a payload may have left, leads out of the folder: it is not followed.
    file = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return false;
    await send(file, stat.size, { name, request, response });
    return true;
  } finally {
    await file.close();
  }
}

/** No such file, or not a file one may read. */
function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'EACCES'].includes(String(code));
}

interface Exchange {
  readonly name: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function send(file: FileHandle, size: number, { name, request, response }: Exchange): Promise<void> {
  const range = parseRange(request.headers.range, size);
  const common = {
    'Content-Type': contentType(name),
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
  if (range === 'beyond') {
    response.writeHead(416, { ...common, 'Content-Range': `bytes */${size}` }).end();
    return;
  }
  const [from, to] = range ?? [0, size - 1];
  const partial = range === undefined ? {} : { 'Content-Range': `bytes ${from}-${to}/${size}` };
  response.writeHead(range === undefined ? 200 : 206, {
    ...common,
    ...partial,
    'Content-Length': to - from + 1,
  });
  if (request.method === 'HEAD' || to < from) {
    response.end();
    return;
  }
  await pipeline(file.createReadStream({ start: from, end: to, autoClose: false }), response);
}

/** First and last byte; undefined for the whole file, `beyond` where nothing of it is there. */
export function parseRange(
  header: string | undefined,
  size: number,
): readonly [number, number] | 'beyond' | undefined {
  const found = /^bytes=(\d*)-(\d*)$/u.exec(header ?? '');
  if (found === null || (found[1] === '' && found[2] === '')) return undefined;
  const [, first = '', last = ''] = found;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'beyond' : [size - length, size - 1];
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from >= size) return 'beyond';
  return from > to ? undefined : [from, to];
}
