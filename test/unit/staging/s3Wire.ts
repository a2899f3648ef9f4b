import type { IncomingMessage, ServerResponse } from 'node:http';

export interface S3Call {
  /** `PutObject`, `GetObject`, … */
  readonly operation: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** What goes wrong with one call. */
export type Fault =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly date?: Date;
    }
  /** The connection breaks when so many bytes of the request have come. */
  | { readonly kind: 'cutRequest'; readonly after: number }
  /** Everything is done, and nobody hears of it. */
  | { readonly kind: 'cutAnswer' }
  /** The answer breaks off after so many bytes of its body. */
  | { readonly kind: 'cutBody'; readonly after: number }
  /** The answer stands still after so many bytes of its body. */
  | { readonly kind: 'stallBody'; readonly after: number }
  /** What is stored, or sent, has a wrong byte. */
  | { readonly kind: 'corrupt' }
  /** What is stored lacks its last byte. */
  | { readonly kind: 'shorten' }
  /** What is stored is longer, as when an old server stores chunk headers. */
  | { readonly kind: 'lengthen' }
  /** A web page that says yes. */
  | { readonly kind: 'html' }
  /** No answer at all. */
  | { readonly kind: 'silence' };

/** What a call is answered: a body with its headers, or an error. */
export type Answer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
    }
  | Extract<Fault, { kind: 'error' }>;

export function failure(status: number, code: string): Answer {
  return { kind: 'error', status, code };
}

export function operationOf(method: string, key: string, query: URLSearchParams): string {
  if (key === '') {
    if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
    return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjectsV2';
  }
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    const names: Readonly<Record<string, string>> = {
      PUT: 'UploadPart',
      GET: 'ListParts',
      POST: 'CompleteMultipartUpload',
      DELETE: 'AbortMultipartUpload',
    };
    return names[method] ?? '';
  }
  const names: Readonly<Record<string, string>> = {
    PUT: 'PutObject',
    GET: 'GetObject',
    HEAD: 'HeadObject',
    DELETE: 'DeleteObject',
  };
  return names[method] ?? '';
}

export async function readBody(
  request: IncomingMessage,
  fault: Fault | undefined,
): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (fault?.kind === 'cutRequest' && size >= fault.after) {
        request.socket.destroy();
        return undefined;
      }
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces);
}

export function spoilt(bytes: Buffer, fault: Fault | undefined): Buffer {
  switch (fault?.kind) {
    case 'corrupt': {
      const other = Buffer.from(bytes);
      other[other.length >> 1] = (other[other.length >> 1] ?? 0) ^ 1;
      return other;
    }
    case 'shorten':
      return bytes.subarray(0, -1);
    case 'lengthen':
      return Buffer.concat([Buffer.from('400;chunk-signature=\r\n'), bytes]);
    default:
      return bytes;
  }
}

export async function send(
  response: ServerResponse,
  { status = 200, headers = {}, body = '' }: Exclude<Answer, Fault>,
  head: boolean,
  fault: Fault | undefined,
): Promise<void> {
  const bytes = Buffer.from(body);
  const type: Record<string, string> = typeof body === 'string' ? { 'Content-Type': 'application/xml' } : {};
  response.writeHead(status, { ...type, ...headers, 'Content-Length': String(bytes.length) });
  if (head) {
    response.end();
  } else if (fault?.kind === 'stallBody') {
    response.write(bytes.subarray(0, fault.after));
  } else if (fault?.kind === 'cutBody') {
    await new Promise((resolve) => response.write(bytes.subarray(0, fault.after), resolve));
    response.destroy();
  } else {
    response.end(bytes);
  }
}

export function sendError(
  response: ServerResponse,
  { status, code, message, date }: Extract<Fault, { kind: 'error' }>,
  head: boolean,
): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${escape(message ?? code)}</Message></Error>`;
  response.writeHead(status, {
    'Content-Type': 'application/xml',
    ...(date === undefined ? {} : { Date: date.toUTCString() }),
  });
  response.end(head ? undefined : body);
}

export function metadataOf(headers: IncomingMessage['headers']): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return Object.fromEntries(own.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]));
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export function unescape(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}
