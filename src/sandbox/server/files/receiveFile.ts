import { existsSync, renameSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { explainTrouble } from '../trouble.ts';
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

const LIMITS = { files: 4, fields: 20, parts: 24, fieldSize: 64 * 1024, headerPairs: 50 };

/**
 * Takes the part `file` of a multipart body: written aside as it streams in, and put in its place when it is whole, so
 * that nobody ever reads half of it. Whatever goes wrong, the body is read to its end, so that the answer arrives.
 */
export async function receiveFile(request: IncomingMessage, rules: ReceptionRules): Promise<Reception> {
  let reception: Promise<Reception> | undefined;
  let otherField: string | undefined;
  const complaint = await parse(request, {
    file: (field, stream, name) => {
      if (field === 'file' && reception === undefined) {
        reception = store(stream, name, rules);
      } else {
        otherField ??= field;
        stream.resume();
      }
    },
    field: (field) => {
      otherField ??= field;
    },
  });
  const received = await reception;
  if (complaint !== undefined) return { kind: 'failed', reason: complaint };
  if (received === undefined) return { kind: 'noFile' };
  return otherField === undefined ? received : { kind: 'unexpected', field: otherField };
}

interface Parts {
  readonly file: (field: string, stream: BusboyFileStream, name: string) => void;
  readonly field: (field: string) => void;
}

/** Parses a multipart body to its end. Returns what is wrong with it, undefined for nothing. */
function parse(request: IncomingMessage, parts: Parts): Promise<string | undefined> {
  return new Promise((resolve) => {
    const streams: BusboyFileStream[] = [];
    const giveUp = (complaint: string): void => {
      request.unpipe();
      request.resume();
      for (const stream of streams) stream.destroy(new Error(complaint));
      resolve(complaint);
    };
    const notWhole = (): void => giveUp('the upload is not a whole multipart body');
    let parser: ReturnType<typeof Busboy>;
    try {
      const contentType = request.headers['content-type'] ?? '';
      parser = Busboy({ headers: { ...request.headers, 'content-type': contentType }, limits: LIMITS });
    } catch {
      giveUp('the upload has no multipart boundary');
      return;
    }
    parser.on('file', (field, stream, name) => {
      streams.push(stream);
      // A part that breaks off complains once itself, and again when it is destroyed for that.
      stream.on('error', () => {
        if (!stream.destroyed) notWhole();
      });
      parts.file(field, stream, name);
    });
    parser.on('field', parts.field);
    parser.once('finish', () => resolve(undefined));
    parser.on('error', notWhole);
    request.once('close', () => {
      if (!request.complete) giveUp('the upload broke off');
    });
    request.pipe(parser);
  });
}

async function store(stream: BusboyFileStream, name: string, rules: ReceptionRules): Promise<Reception> {
  const temporary = join(rules.folder, rules.temporaryName);
  try {
    return await write(stream, name, rules, temporary);
  } catch (error) {
    return { kind: 'failed', reason: explainTrouble(error) };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function write(
  stream: BusboyFileStream,
  name: string,
  rules: ReceptionRules,
  temporary: string,
): Promise<Reception> {
  const place = join(rules.folder, name);
  const isSafe = isSafeName(name);
  const isOccupied = (): boolean => existsSync(place) && !rules.mayReplace(name);
  const limit = !isSafe || isOccupied() ? -1 : rules.limit(name);
  const { size, tail, trouble } = await copy(stream, temporary, limit);
  if (!isSafe) return { kind: 'failed', reason: 'the name of the file is not one that can be stored' };
  if (limit < 0 || isOccupied()) return { kind: 'exists', name };
  if (trouble !== undefined) return { kind: 'failed', reason: explainTrouble(trouble) };
  if (size > limit) return { kind: 'tooLarge', name, size };
  renameSync(temporary, place);
  const checksum = tail.length < 8 ? null : String(tail.readUInt32LE(0));
  return { kind: 'stored', file: { name, size, checksum } };
}

interface Copied {
  readonly size: number;
  /** The last eight bytes. */
  readonly tail: Buffer;
  readonly trouble: unknown;
}

/** Writes a stream to a file as long as it is within the limit and the disk takes it, and reads all of it. */
async function copy(stream: BusboyFileStream, path: string, limit: number): Promise<Copied> {
  const file = limit < 0 ? undefined : await open(path, 'wx', 0o600).catch(asTrouble);
  let trouble: unknown = file instanceof Trouble ? file.cause : undefined;
  const target = file instanceof Trouble ? undefined : file;
  let size = 0;
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      tail = Buffer.concat([tail, chunk.subarray(-8)]).subarray(-8);
      if (target === undefined || size > limit || trouble !== undefined) continue;
      const failed = await target.write(chunk).then(() => undefined, asTrouble);
      trouble = failed?.cause;
    }
    await target?.sync();
  } finally {
    await target?.close();
  }
  return { size, tail, trouble };
}

/** An error that is kept for later, as the rest of the body is read first. */
class Trouble {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

function asTrouble(cause: unknown): Trouble {
  return new Trouble(cause);
}
