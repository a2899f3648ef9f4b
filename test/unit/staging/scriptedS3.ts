import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { s3Store } from '../../../src/staging/index.ts';
import type { S3Config, StagingStore } from '../../../src/staging/index.ts';
import {
  escape,
  failure,
  metadataOf,
  operationOf,
  readBody,
  send,
  sendError,
  spoilt,
  unescape,
} from './s3Wire.ts';
import type { Answer, Fault, S3Call } from './s3Wire.ts';

interface Stored {
  readonly bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modified: Date;
  readonly etag: string;
}

interface Upload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

/** An S3 server in memory, one bucket `desc`, that does as badly as it is told. */
export class ScriptedS3 {
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, Upload>();
  readonly calls: S3Call[] = [];
  /** Asked for each call. */
  fault: (call: S3Call) => Fault | undefined = () => undefined;
  /** Whether it compares Content-MD5, as S3 does. */
  checksMd5 = true;
  /** Whether ETags are MD5 sums. */
  tagsAreMd5 = true;
  readonly pageSize = 3;
  readonly #server: Server;
  #uploadsBegun = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A store on it, quick to give up. */
  store(config: Partial<S3Config> = {}): StagingStore {
    const credentials = { kind: 'keys' as const, accessKeyId: 'AKIDTEST', secretAccessKey: 'verysecret' };
    return s3Store(
      {
        bucket: 'desc',
        prefix: '',
        endpoint: this.endpoint,
        region: undefined,
        pathStyle: undefined,
        caFile: undefined,
        checksums: undefined,
        credentials,
        ...config,
      },
      { attempts: 1, connectMs: 10_000, idleMs: 3000 },
    );
  }

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const url = new URL(request.url ?? '/', 'http://s3');
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const call: S3Call = {
      operation: operationOf(request.method ?? '', rest.join('/'), url.searchParams),
      key: rest.join('/'),
      query: url.searchParams,
      headers: request.headers,
    };
    this.calls.push(call);
    const fault = this.fault(call);
    const body = await readBody(request, fault);
    if (body === undefined || fault?.kind === 'silence') return;
    if (fault?.kind === 'error') return sendError(response, fault, request.method === 'HEAD');
    if (fault?.kind === 'html') {
      response
        .writeHead(200, { 'Content-Type': 'text/html' })
        .end('<!DOCTYPE html><title>Sign in</title><p>Hello');
      return;
    }
    if (bucket !== 'desc') {
      return sendError(
        response,
        { kind: 'error', status: 404, code: 'NoSuchBucket' },
        request.method === 'HEAD',
      );
    }
    const answer = this.#answer(call, body, fault);
    if (fault?.kind === 'cutAnswer') {
      request.socket.destroy();
      return;
    }
    if ('code' in answer) return sendError(response, answer, request.method === 'HEAD');
    await send(response, answer, request.method === 'HEAD', fault);
  }

  #answer(call: S3Call, body: Buffer, fault: Fault | undefined): Answer {
    const md5 = call.headers['content-md5'];
    const handlers: Readonly<Record<string, () => Answer>> = {
      PutObject: () => {
        const bytes = spoilt(body, fault);
        if (this.#refuses(md5, bytes)) return failure(400, 'BadDigest');
        const stored = this.#keep(call.key, bytes, metadataOf(call.headers));
        return { headers: { ETag: stored.etag } };
      },
      GetObject: () => this.#get(call, fault),
      HeadObject: () => this.#get(call, undefined),
      DeleteObject: () => {
        this.objects.delete(call.key);
        return { status: 204 };
      },
      DeleteObjects: () => {
        for (const [, key = ''] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g))
          this.objects.delete(unescape(key));
        return { body: '<DeleteResult></DeleteResult>' };
      },
      ListObjectsV2: () => this.#list(call.query),
      CreateMultipartUpload: () => {
        const id = `upload-${(this.#uploadsBegun += 1)}`;
        this.uploads.set(id, { key: call.key, metadata: metadataOf(call.headers), parts: new Map() });
        return {
          body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
        };
      },
      UploadPart: () => {
        const upload = this.uploads.get(call.query.get('uploadId') ?? '');
        if (upload === undefined) return failure(404, 'NoSuchUpload');
        const bytes = spoilt(body, fault);
        if (this.#refuses(md5, bytes)) return failure(400, 'BadDigest');
        upload.parts.set(Number(call.query.get('partNumber')), bytes);
        return { headers: { ETag: this.#tagOf(bytes) } };
      },
      ListParts: () => this.#listParts(call.query),
      CompleteMultipartUpload: () => this.#complete(call, body, fault),
      AbortMultipartUpload: () =>
        this.uploads.delete(call.query.get('uploadId') ?? '')
          ? { status: 204 }
          : failure(404, 'NoSuchUpload'),
      ListMultipartUploads: () => {
        const uploads = [...this.uploads].map(
          ([id, { key }]) =>
            `<Upload><Key>${escape(key)}</Key><UploadId>${id}</UploadId><Initiated>2026-11-01T00:00:00.000Z</Initiated></Upload>`,
        );
        return {
          body: `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`,
        };
      },
    };
    return handlers[call.operation]?.() ?? failure(501, 'NotImplemented');
  }

  #refuses(md5: string | string[] | undefined, bytes: Buffer): boolean {
    return this.checksMd5 && md5 !== undefined && md5 !== createHash('md5').update(bytes).digest('base64');
  }

  #tagOf(bytes: Buffer): string {
    return `"${createHash('md5')
      .update(bytes)
      .update(this.tagsAreMd5 ? '' : 'salt')
      .digest('hex')}"`;
  }

  #keep(
    key: string,
    bytes: Buffer,
    metadata: Readonly<Record<string, string>>,
    etag = this.#tagOf(bytes),
  ): Stored {
    const stored = { bytes, metadata, modified: new Date(), etag };
    this.objects.set(key, stored);
    return stored;
  }

  #get({ key, headers }: S3Call, fault: Fault | undefined): Answer {
    const stored = this.objects.get(key);
    if (stored === undefined) return failure(404, 'NoSuchKey');
    if (headers['if-match'] !== undefined && headers['if-match'] !== stored.etag)
      return failure(412, 'PreconditionFailed');
    const bytes = fault?.kind === 'corrupt' ? spoilt(stored.bytes, fault) : stored.bytes;
    const own = Object.fromEntries(
      Object.entries(stored.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    );
    const facts = { ...own, ETag: stored.etag, 'Last-Modified': stored.modified.toUTCString() };
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
    if (range === null) return { headers: facts, body: bytes };
    const from = Number(range[1]);
    if (from >= bytes.length) return failure(416, 'InvalidRange');
    const part = bytes.subarray(from, Number(range[2]) + 1);
    return {
      status: 206,
      headers: { ...facts, 'Content-Range': `bytes ${from}-${from + part.length - 1}/${bytes.length}` },
      body: part,
    };
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, this.pageSize);
    const contents = page.map((key) => {
      const { bytes, modified, etag } = this.objects.get(key)!;
      return `<Contents><Key>${escape(key)}</Key><Size>${bytes.length}</Size><LastModified>${modified.toISOString()}</LastModified><ETag>${escape(etag)}</ETag></Contents>`;
    });
    const more = keys.length > page.length;
    const token = more ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken>` : '';
    return {
      body: `<ListBucketResult><Name>desc</Name><IsTruncated>${more}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`,
    };
  }

  #listParts(query: URLSearchParams): Answer {
    const upload = this.uploads.get(query.get('uploadId') ?? '');
    if (upload === undefined) return failure(404, 'NoSuchUpload');
    const after = Number(query.get('part-number-marker') ?? 0);
    const numbers = [...upload.parts.keys()].filter((number) => number > after).sort((a, b) => a - b);
    const page = numbers.slice(0, this.pageSize);
    const parts = page.map((number) => {
      const bytes = upload.parts.get(number)!;
      return `<Part><PartNumber>${number}</PartNumber><Size>${bytes.length}</Size><ETag>${escape(this.#tagOf(bytes))}</ETag></Part>`;
    });
    const more = numbers.length > page.length;
    return {
      body: `<ListPartsResult><IsTruncated>${more}</IsTruncated><NextPartNumberMarker>${page.at(-1) ?? 0}</NextPartNumberMarker>${parts.join('')}</ListPartsResult>`,
    };
  }

  #complete({ key, query }: S3Call, body: Buffer, fault: Fault | undefined): Answer {
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (upload === undefined) return failure(404, 'NoSuchUpload');
    const pieces: Buffer[] = [];
    for (const [, part = ''] of body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)) {
      const bytes = upload.parts.get(Number(/<PartNumber>(\d+)/.exec(part)?.[1]));
      const etag = unescape(/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? '');
      if (bytes === undefined || this.#tagOf(bytes) !== etag) return failure(400, 'InvalidPart');
      pieces.push(bytes);
    }
    this.uploads.delete(id);
    const bytes = spoilt(Buffer.concat(pieces), fault);
    const { etag } = this.#keep(key, bytes, upload.metadata, `"${'0'.repeat(32)}-${pieces.length}"`);
    return {
      body: `<CompleteMultipartUploadResult><ETag>${escape(etag)}</ETag></CompleteMultipartUploadResult>`,
    };
  }
}
