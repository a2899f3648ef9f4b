import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { isSafeName } from './fileNames.ts';

export interface ReceivedFile {
  readonly name: string;
  readonly size: number;
  /** CRC from the last bytes of a gzip file, as decimal text; null for a file too short to have one. */
  readonly checksum: string | null;
}

export type Reception =
  | { readonly kind: 'stored'; readonly file: ReceivedFile }
  | { readonly kind: 'noFile' }
  | { readonly kind: 'unexpected'; readonly field: string }
  | { readonly kind: 'exists'; readonly name: string }
  | { readonly kind: 'tooLarge'; readonly name: string; readonly size: number }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ReceptionRules {
  readonly folder: string;
  /** Largest size in bytes of a file of this name. */
  limit(name: string): number;
  /** Whether a file of this name may take the place of one that is there. */
  mayReplace(name: string): boolean;
  /** Where it is written until it is whole. */
  readonly temporaryName: string;
}

/**
 * Takes the part `file` of a multipart body: written aside as it streams in, and put in its place when it is whole, so
 * that nobody ever reads half of it.
 */
export async function receiveFile(request: IncomingMessage, rules: ReceptionRules): Promise<Reception> {
  const contentType = request.headers['content-type'] ?? '';
  const outcomes: Promise<Reception>[] = [];
  let parser: ReturnType<typeof Busboy>;
  try {
    parser = Busboy({
      headers: { ...request.headers, 'content-type': contentType },
      limits: { files: 2, fields: 20, parts: 22, fieldSize: 64 * 1024, headerPairs: 50 },
    });
  } catch {
    return { kind: 'noFile' };
  }
  parser.on('file', (field, stream, name) => {
    if (field === 'file' && outcomes.length === 0) {
      outcomes.push(store(stream, name, rules));
    } else {
      stream.resume();
      if (field !== 'file') outcomes.push(Promise.resolve(unexpected(field, outcomes.length)));
    }
  });
  parser.on('field', (field) => outcomes.push(Promise.resolve(unexpected(field, outcomes.length))));
  try {
    await pipeline(request, parser);
    const all = await Promise.all(outcomes);
    return all.find(({ kind }) => kind === 'unexpected') ?? all[0] ?? { kind: 'noFile' };
  } catch (error) {
    await Promise.allSettled(outcomes);
    await rm(join(rules.folder, rules.temporaryName), { force: true });
    return { kind: 'failed', reason: plainReason(error) };
  }
}

/** Without a file the missing argument is named, as the method binds that one first. */
function unexpected(field: string, before: number): Reception {
  return before === 0 ? { kind: 'noFile' } : { kind: 'unexpected', field };
}

async function store(stream: BusboyFileStream, name: string, rules: ReceptionRules): Promise<Reception> {
  const place = join(rules.folder, name);
  const isOccupied = (): boolean => existsSync(place) && !rules.mayReplace(name);
  const drain = async (): Promise<number> => {
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) size += chunk.length;
    return size;
  };
  if (!isSafeName(name)) {
    await drain();
    return { kind: 'failed', reason: 'the name of the file is not one that can be stored' };
  }
  if (isOccupied()) {
    await drain();
    return { kind: 'exists', name };
  }
  const temporary = join(rules.folder, rules.temporaryName);
  const meter = createMeter(rules.limit(name));
  try {
    await pipeline(stream, meter.stream, createWriteStream(temporary, { mode: 0o600, flush: true }));
    if (meter.size > rules.limit(name)) return { kind: 'tooLarge', name, size: meter.size };
    if (isOccupied()) return { kind: 'exists', name };
    renameSync(temporary, place);
    return { kind: 'stored', file: { name, size: meter.size, checksum: meter.checksum() } };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Counts all bytes, keeps the last eight, and passes on no more than the limit. */
function createMeter(limit: number) {
  let size = 0;
  let tail: Buffer = Buffer.alloc(0);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      tail = Buffer.concat([tail, chunk.subarray(-8)]).subarray(-8);
      done(null, size > limit ? undefined : chunk);
    },
  });
  return {
    stream,
    get size() {
      return size;
    },
    checksum: () => (tail.length < 8 ? null : String(tail.readUInt32LE(0))),
  };
}

/** What went wrong with a file, without paths or codes. */
function plainReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'no space is left on the disk';
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') return 'the upload broke off';
  return code === 'EACCES' || code === 'EROFS'
    ? 'its folder may not be written'
    : 'the upload cannot be read';
}
