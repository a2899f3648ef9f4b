/** With its neighbours, all that knows the AWS SDK; loaded when a bucket is first used. */
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type {
  PartUploads,
  PresignedUrl,
  PutOptions,
  PutResult,
  ReadOptions,
  StagedContent,
  StagedDetails,
  StagedObject,
  StagingBody,
  StagingOptions,
  StagingStore,
} from '../../api.ts';
import { StagingError } from '../../errors.ts';
import { checkKey, checkPrefix } from '../../keys.ts';
import {
  collect,
  integrity,
  md5OfEtag,
  metadata,
  noStore,
  otherPart,
  readBody,
  sendBody,
  withErrors,
} from './bodies.ts';
import { clientConfig, readAuthorities } from './clientConfig.ts';
import { describeS3, isAws } from './config.ts';
import type { S3Config, S3Patience } from './config.ts';
import { s3Error } from './errors.ts';
import { S3PartUploads, withSignal } from './parts.ts';
import { QuickRequests } from './quick.ts';

/** S3's own limit. */
const LONGEST_EXPIRY = 7 * 86_400;
const DELETED_AT_A_TIME = 1000;

/** Reads the CA file, and makes the clients; the first request connects. */
export async function openS3(config: S3Config, patience: S3Patience): Promise<StagingStore> {
  const secureContext = config.caFile === undefined ? undefined : await readAuthorities(config.caFile);
  const shared = clientConfig(config, patience, secureContext);
  const calculation =
    (config.checksums ?? (isAws(config) ? 'whenSupported' : 'whenRequired')) === 'whenSupported'
      ? 'WHEN_SUPPORTED'
      : 'WHEN_REQUIRED';
  const client = new S3Client({
    ...shared,
    requestChecksumCalculation: calculation,
    responseChecksumValidation: calculation,
  });
  // Else each URL for a PUT would hold the checksum of an empty body, and nothing but that could be put.
  const signer = new S3Client({ ...shared, requestChecksumCalculation: 'WHEN_REQUIRED' });
  const { connectMs, idleMs } = patience;
  const quick = new QuickRequests(client, { secureContext, connectMs, idleMs }, (Key) => {
    const command = new GetObjectCommand({ Bucket: config.bucket, Key });
    return getSignedUrl(signer, command, { expiresIn: 60 });
  });
  return new S3Store(config, { client, signer, quick, comparesSums: calculation === 'WHEN_SUPPORTED' });
}

interface Clients {
  readonly client: S3Client;
  readonly signer: S3Client;
  readonly quick: QuickRequests;
  /** Whether requests and answers carry S3's own checksums. */
  readonly comparesSums: boolean;
}

class S3Store implements StagingStore {
  readonly parts: PartUploads;
  readonly #config: S3Config;
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #quick: QuickRequests;
  readonly #comparesSums: boolean;
  readonly #prefix: string;

  constructor(config: S3Config, { client, signer, quick, comparesSums }: Clients) {
    this.#config = config;
    this.#client = client;
    this.#signer = signer;
    this.#quick = quick;
    this.#comparesSums = comparesSums;
    this.#prefix = config.prefix === '' || config.prefix.endsWith('/') ? config.prefix : `${config.prefix}/`;
    this.parts = new S3PartUploads({
      client,
      bucket: config.bucket,
      prefix: this.#prefix,
      describe: () => this.describe(),
      at: (key) => this.#at(key),
      attempt: (tried, signal, work) => this.#attempt(tried, signal, work),
    });
  }

  describe(): string {
    return describeS3(this.#config);
  }

  async put(key: string, body: StagingBody, options: PutOptions = {}): Promise<PutResult> {
    const to = this.#at(key);
    const tried = `put ${key} into ${this.describe()}`;
    return this.#attempt(tried, options.signal, async () => {
      const quick = await this.#putQuickly(to.Key, body, options);
      if (quick !== undefined) return quick;
      const { ETag, ServerSideEncryption } = await sendBody(body, options.signal, (content, abortSignal) =>
        this.#client.send(
          new PutObjectCommand({ ...to, ...content, ...integrity(options), ...metadata(options) }),
          { abortSignal },
        ),
      );
      if (ETag === undefined) throw noStore(tried);
      return { md5: md5OfEtag(ETag, ServerSideEncryption) };
    });
  }

  async get(key: string, options: ReadOptions = {}): Promise<StagedContent> {
    const { range, etag, signal } = options;
    const tried = `read ${key} of ${this.describe()}`;
    return this.#attempt(tried, signal, async () => {
      const quick = await this.#getQuickly(key, tried, options);
      if (quick !== undefined) return quick;
      const answer = await this.#client.send(
        new GetObjectCommand({
          ...this.#at(key),
          ...(range === undefined ? {} : { Range: `bytes=${range.from}-${range.from + range.length - 1}` }),
          ...(etag === undefined ? {} : { IfMatch: etag }),
        }),
        withSignal({ signal }),
      );
      if (!(answer.Body instanceof Readable) || answer.ContentLength === undefined) throw noStore(tried);
      if (range !== undefined && answer.ContentLength !== range.length) {
        answer.Body.destroy();
        throw otherPart(tried);
      }
      const bytes = readBody(answer.Body, signal, (error) => s3Error(error, tried));
      const { adler32, sha256 } = answer.Metadata ?? {};
      return { length: answer.ContentLength, etag: answer.ETag, adler32, sha256, bytes };
    });
  }

  async readRange(
    key: string,
    from: number,
    length: number,
    options: StagingOptions = {},
  ): Promise<{ bytes: Uint8Array; size: number }> {
    const tried = `read ${key} of ${this.describe()}`;
    return this.#attempt(tried, options.signal, async () => {
      try {
        const answer = await this.#client.send(
          new GetObjectCommand({ ...this.#at(key), Range: `bytes=${from}-${from + length - 1}` }),
          withSignal(options),
        );
        if (!(answer.Body instanceof Readable)) throw noStore(tried);
        const size = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? answer.ContentLength;
        // A store that knows no ranges sends the beginning.
        if (size === undefined || (answer.ContentRange === undefined && from > 0)) throw noStore(tried);
        const pieces = readBody(answer.Body, options.signal, (error) => s3Error(error, tried));
        return { bytes: await collect(pieces, length), size: Number(size) };
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'InvalidRange') throw error;
        const known = await this.head(key, options);
        return { bytes: new Uint8Array(), size: known?.size ?? from };
      }
    });
  }

  async head(key: string, options: StagingOptions = {}): Promise<StagedDetails | undefined> {
    const tried = `look at ${key} of ${this.describe()}`;
    try {
      return await this.#attempt(tried, options.signal, async () => {
        const answer = await this.#client.send(new HeadObjectCommand(this.#at(key)), withSignal(options));
        if (answer.ContentLength === undefined) throw noStore(tried);
        return {
          key,
          size: answer.ContentLength,
          modified: answer.LastModified?.getTime() ?? 0,
          etag: answer.ETag,
          adler32: answer.Metadata?.adler32,
          sha256: answer.Metadata?.sha256,
        };
      });
    } catch (error) {
      if (error instanceof StagingError && error.kind === 'notFound') return undefined;
      throw error;
    }
  }

  async *list(prefix: string, options: StagingOptions = {}): AsyncGenerator<StagedObject> {
    checkPrefix(prefix);
    const tried = `list ${this.describe()}`;
    for (let token: string | undefined; ;) {
      const page = await this.#attempt(tried, options.signal, async () => {
        const answer = await this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#config.bucket,
            Prefix: this.#prefix + prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          withSignal(options),
        );
        if (answer.Name === undefined && answer.IsTruncated === undefined) throw noStore(tried);
        return answer;
      });
      for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
        if (Key?.startsWith(this.#prefix) !== true || Key.endsWith('/')) continue;
        const key = Key.slice(this.#prefix.length);
        yield { key, size: Size ?? 0, modified: LastModified?.getTime() ?? 0, etag: ETag };
      }
      const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      if (next === undefined || next === token) return;
      token = next;
    }
  }

  async remove(keys: readonly string[], options: StagingOptions = {}): Promise<void> {
    for (let start = 0; start < keys.length; start += DELETED_AT_A_TIME) {
      const some = keys.slice(start, start + DELETED_AT_A_TIME);
      const tried = `remove ${some.length} files of ${this.describe()}`;
      await this.#attempt(tried, options.signal, async () => {
        try {
          await this.#removeAtOnce(some, options.signal);
        } catch (error) {
          if (!isWithoutBulkDelete(error)) throw error;
          for (const key of some) {
            await this.#client.send(new DeleteObjectCommand(this.#at(key)), withSignal(options));
          }
        }
      });
    }
  }

  async presign(
    method: 'GET' | 'PUT',
    key: string,
    seconds: number,
    options: StagingOptions = {},
  ): Promise<PresignedUrl> {
    if (seconds < 1 || seconds > LONGEST_EXPIRY) throw new RangeError(`URLs cannot live ${seconds} seconds`);
    return this.#attempt(`sign a URL for ${key} of ${this.describe()}`, options.signal, async () => {
      const to = this.#at(key);
      // What the first requests learnt of the store's clock.
      const signingDate = new Date(Date.now() + this.#client.config.systemClockOffset);
      const { expiration } = await this.#signer.config.credentials();
      const quick = await this.#quick.presign(method, to.Key, seconds, signingDate);
      const url = quick ?? (await this.#presignByCommand(method, to, seconds, signingDate));
      const end = Date.now() + seconds * 1000;
      return { url, expiresAt: Math.min(end, expiration?.getTime() ?? end) };
    });
  }

  dispose(): void {
    this.#quick.dispose();
    this.#client.destroy();
    this.#signer.destroy();
  }

  #at(key: string): { Bucket: string; Key: string } {
    checkKey(key, Buffer.byteLength(this.#prefix));
    return { Bucket: this.#config.bucket, Key: this.#prefix + key };
  }

  async #attempt<T>(tried: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw s3Error(error, tried);
    }
  }

  async #putQuickly(key: string, body: StagingBody, options: PutOptions): Promise<PutResult | undefined> {
    const { checksums, signal } = options;
    if (checksums === undefined || !(body instanceof Uint8Array)) return undefined;
    const { adler32, sha256 } = checksums;
    const { ContentMD5 } = integrity(options);
    const headers = {
      ...(ContentMD5 === undefined ? {} : { 'content-md5': ContentMD5 }),
      ...(this.#comparesSums
        ? { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') }
        : {}),
      'x-amz-meta-adler32': adler32,
      'x-amz-meta-sha256': sha256,
    };
    const answer = await this.#quick.put(key, body, sha256, headers, signal);
    if (answer === undefined) return undefined;
    answer.body.resume();
    const { etag, 'x-amz-server-side-encryption': encryption } = answer.headers;
    return etag === undefined ? undefined : { md5: md5OfEtag(etag, encryption) };
  }

  async #getQuickly(key: string, tried: string, options: ReadOptions): Promise<StagedContent | undefined> {
    const { range, signal } = options;
    // S3's own checksums the SDK alone compares.
    if (this.#comparesSums) return undefined;
    const answer = await this.#quick.get(this.#at(key).Key, options, signal);
    if (answer === undefined) return undefined;
    const { length, headers } = answer;
    if (range !== undefined && length !== range.length) {
      answer.discard();
      throw otherPart(tried);
    }
    const bytes = withErrors(answer.bytes, signal, (error) => s3Error(error, tried));
    const [adler32, sha256] = [headers.get('x-amz-meta-adler32'), headers.get('x-amz-meta-sha256')];
    return { length, etag: headers.get('etag'), adler32, sha256, bytes };
  }

  /** For addresses and signatures that only the SDK knows. */
  #presignByCommand(
    method: 'GET' | 'PUT',
    to: { Bucket: string; Key: string },
    seconds: number,
    signingDate: Date,
  ): Promise<string> {
    const command = method === 'GET' ? new GetObjectCommand(to) : new PutObjectCommand(to);
    return getSignedUrl(this.#signer, command, { expiresIn: seconds, signingDate });
  }

  async #removeAtOnce(keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const { Errors = [] } = await this.#client.send(
      new DeleteObjectsCommand({
        Bucket: this.#config.bucket,
        Delete: { Objects: keys.map((key) => ({ Key: this.#at(key).Key })), Quiet: true },
      }),
      withSignal({ signal }),
    );
    const [first] = Errors;
    if (first === undefined) return;
    const error = new Error(
      `${Errors.length} of ${keys.length} stay, among them ${first.Key}: ${first.Message}`,
    );
    error.name = first.Code ?? 'Error';
    throw error;
  }
}

/** Older stores know no removal of many at once, or ask for a checksum of another kind. */
function isWithoutBulkDelete(error: unknown): boolean {
  const codes = [
    'NotImplemented',
    'MissingContentMD5',
    'InvalidRequest',
    'MethodNotAllowed',
    'InvalidDigest',
  ];
  return error instanceof Error && codes.includes(error.name);
}
