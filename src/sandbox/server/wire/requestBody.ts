import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parseJson } from './jsonText.ts';
import type { Given } from './parameters.ts';
import { pythonBytes, pythonTypeName, utf8Problem } from './pythonText.ts';

const unzip = promisify(gunzip);

/** Larger bodies are not read; the same holds for what a compressed one becomes. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The arguments of a request, or the status and text it fails with before its method is asked. */
export type ReadArguments =
  | { readonly ok: true; readonly given: Given }
  | { readonly ok: false; readonly status: number; readonly text: string };

/** Reads arguments as the server does: of the body for POST and PUT, else of the query. */
export async function readArguments(
  request: IncomingMessage,
  query: URLSearchParams,
  method: string,
  maxBytes = MAX_BODY_BYTES,
): Promise<ReadArguments> {
  if (request.method !== 'POST' && request.method !== 'PUT') return { ok: true, given: collect(query) };
  const body = await readBody(request, maxBytes);
  if (typeof body === 'string') return failed(413, body);
  const bytes = request.headers['content-encoding'] === 'gzip' ? await expand(body, maxBytes) : body;
  if (typeof bytes === 'string') return failed(500, bytes);
  const type = request.headers['content-type'];
  if (type === 'application/json') return readJson(bytes, method);
  if (type !== 'application/x-www-form-urlencoded') return { ok: true, given: new Map() };
  return { ok: true, given: collect(new URLSearchParams(new TextDecoder().decode(bytes))) };
}

function failed(status: number, text: string): ReadArguments {
  return { ok: false, status, text };
}

function readJson(bytes: Uint8Array, method: string): ReadArguments {
  const problem = utf8Problem(bytes);
  if (problem !== undefined) return failed(500, problem);
  const parsed = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  if (!parsed.ok) return failed(500, `ERROR : received invalid JSON : ${parsed.message}`);
  const type = pythonTypeName(parsed.value);
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    return failed(500, `${method}() argument after ** must be a mapping, not ${type}`);
  }
  return { ok: true, given: new Map(Object.entries(parsed.value)) };
}

/** One text per key, or a list where the key is repeated. */
function collect(query: URLSearchParams): Given {
  return new Map(
    [...new Set(query.keys())].map((key) => {
      const values = query.getAll(key);
      return [key, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

/** The query of a request, without its mark. */
export function queryOf({ url = '' }: IncomingMessage): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | string> {
  const tooLarge = `ERROR : the request body is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB`;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  // A body that is left off is read away by the server, so that the answer arrives.
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) return tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function expand(body: Uint8Array, maxBytes: number): Promise<Uint8Array | string> {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return `Not a gzipped file (${pythonBytes(body.subarray(0, 2))})`;
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    return error instanceof RangeError
      ? `ERROR : the request body is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB`
      : 'Compressed file ended before the end-of-stream marker was reached';
  }
}
