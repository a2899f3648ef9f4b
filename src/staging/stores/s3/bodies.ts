import { Readable } from 'node:stream';
import type { PutOptions, StagingBody } from '../../api.ts';
import { StagingError } from '../../errors.ts';
import { bodyLength, bodyPieces } from '../body.ts';

/** The fields of a request that carry a body. */
export interface BodyFields {
  readonly Body: Uint8Array | Readable;
  readonly ContentLength: number;
}

/**
 * Sends a body. Trouble in reading the file ends the request, and is what it fails with: the SDK would wait for the rest
 * of the body for ever.
 */
export async function sendBody<Answer>(
  body: StagingBody,
  signal: AbortSignal | undefined,
  send: (fields: BodyFields, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const ContentLength = bodyLength(body);
  const ending = new AbortController();
  const end = (): void => ending.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  try {
    if (body instanceof Uint8Array) return await send({ Body: body, ContentLength }, ending.signal);
    // Empty streams confuse stores.
    if (ContentLength === 0) return await send({ Body: new Uint8Array(), ContentLength }, ending.signal);
    const stream = Readable.from(bodyPieces(body), { objectMode: false });
    let trouble: Error | undefined;
    stream.on('error', (error) => {
      trouble = error;
      ending.abort(error);
    });
    try {
      return await send({ Body: stream, ContentLength }, ending.signal);
    } catch (error) {
      throw trouble ?? error;
    } finally {
      stream.destroy();
    }
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** The body of an answer, its errors made ours. */
export async function* readBody(
  body: Readable,
  signal: AbortSignal | undefined,
  toError: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const end = (): void => {
    body.destroy();
  };
  signal?.addEventListener('abort', end, { once: true });
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) yield bytes;
    signal?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    throw toError(error);
  } finally {
    signal?.removeEventListener('abort', end);
    body.destroy();
  }
}

/** Bytes as they come, their errors made ours. */
export async function* withErrors(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  toError: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    signal?.throwIfAborted();
    throw toError(error);
  }
}

/** Up to `length` bytes of a body, whatever more would come. */
export async function collect(pieces: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of pieces) {
    taken.push(bytes);
    size += bytes.length;
    if (size >= length) break;
  }
  return new Uint8Array(Buffer.concat(taken, Math.min(size, length)));
}

/** Lets the store check what arrives, where we know what was sent. */
export function integrity({ md5 }: PutOptions): { readonly ContentMD5?: string } {
  return md5 === undefined ? {} : { ContentMD5: Buffer.from(md5, 'hex').toString('base64') };
}

export function metadata({ checksums }: PutOptions): { readonly Metadata?: Record<string, string> } {
  return checksums === undefined
    ? {}
    : { Metadata: { adler32: checksums.adler32, sha256: checksums.sha256 } };
}

/** The ETag is the MD5 of what is stored, unless it is encrypted with a key of the user's. */
export function md5OfEtag(etag: string, encryption: string | undefined): string | undefined {
  if (encryption !== undefined && encryption !== 'AES256') return undefined;
  return /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase();
}

export function otherPart(tried: string): StagingError {
  return new StagingError({
    kind: 'protocol',
    tried,
    cameBack: 'another part came than was asked for',
    advice: 'Check that the store knows ranges',
  });
}

/** What answered said yes, and nothing that S3 says with it: a proxy's page, or a web server. */
export function noStore(tried: string): StagingError {
  return new StagingError({
    kind: 'protocol',
    tried,
    cameBack: 'what answered is not an S3 store',
    advice:
      'Check the endpoint in the staging settings, and whether a web page asks for a sign-in on this network',
  });
}
