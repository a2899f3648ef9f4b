import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { buildQueryString, escapeUri, HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { PlainServer } from './plainConnection.ts';
import { PlainGets } from './plainGets.ts';
import type { PlainAnswer } from './plainGets.ts';

/** Refusals in a row after which the SDK does everything: it finds out why. */
const MOST_REFUSALS = 3;
/** The sha256 of nothing. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** What a store said yes with. */
export interface QuickAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** What we use of the SDK's connections. */
interface Connections {
  handle(
    request: HttpRequest,
    options: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly response: Response }>;
}

interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface Place {
  readonly url: URL;
  readonly signer: SignatureV4;
  readonly gets: PlainGets;
}

/** What is asked for of an object. */
export interface QuickRead {
  readonly range?: { readonly from: number; readonly length: number } | undefined;
  readonly etag?: string | undefined;
}

/**
 * Objects by plain requests, and URLs: with the signer of the SDK, but without its layers, which take many times the
 * processor time of all the rest. It knows one answer, yes; where another comes this is undefined, and the SDK is to do
 * the same again, as it knows redirects, clocks and errors.
 */
export class QuickRequests {
  readonly #client: S3Client;
  readonly #server: Omit<PlainServer, 'url'>;
  readonly #presign: (key: string) => Promise<string>;
  #place: Promise<Place | undefined> | undefined;
  #refusals = 0;

  /** `presign` makes a URL for a GET of an object, which tells how the SDK addresses the bucket. */
  constructor(client: S3Client, server: Omit<PlainServer, 'url'>, presign: (key: string) => Promise<string>) {
    this.#client = client;
    this.#server = server;
    this.#presign = presign;
  }

  /** `sha256` of the body, hexadecimal, is signed with the request: no store takes other bytes for it. */
  async put(
    key: string,
    body: Uint8Array,
    sha256: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<QuickAnswer | undefined> {
    const all = { ...headers, 'content-length': String(body.length), 'x-amz-content-sha256': sha256 };
    const signed = await this.#sign('PUT', key, all, body);
    if (signed === undefined) return undefined;
    const connections: Connections = this.#client.config.requestHandler;
    const { response } = await connections.handle(
      new HttpRequest(signed.request),
      signal === undefined ? {} : { abortSignal: signal },
    );
    if (!(response.body instanceof Readable)) return undefined;
    if (!this.#accepts(response.statusCode, 200)) {
      response.body.destroy();
      return undefined;
    }
    return { headers: response.headers, body: response.body };
  }

  /** With a range, exactly that part; with an ETag, only of that content. */
  async get(
    key: string,
    { range, etag }: QuickRead,
    signal: AbortSignal | undefined,
  ): Promise<PlainAnswer | undefined> {
    const headers = {
      'x-amz-content-sha256': NO_BODY,
      ...(range === undefined ? {} : { range: `bytes=${range.from}-${range.from + range.length - 1}` }),
      ...(etag === undefined ? {} : { 'if-match': etag }),
    };
    const signed = await this.#sign('GET', key, headers, undefined);
    if (signed === undefined) return undefined;
    const { request, place } = signed;
    const { status, answer } = await place.gets.get(request.path, request.headers, signal);
    if (this.#accepts(status, range === undefined ? 200 : 206)) return answer;
    answer?.discard();
    return undefined;
  }

  /** A URL as the SDK makes it; undefined where only the SDK can. */
  async presign(
    method: 'GET' | 'PUT',
    key: string,
    seconds: number,
    signingDate: Date,
  ): Promise<string | undefined> {
    const place = await this.#placed();
    if (place === undefined) return undefined;
    const request = requestFor(place.url, method, key, { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' });
    const { path, query = {} } = await place.signer.presign(request, { expiresIn: seconds, signingDate });
    return `${place.url.origin}${path}?${buildQueryString(query)}`;
  }

  dispose(): void {
    void this.#place?.then(
      (place) => place?.gets.dispose(),
      () => undefined,
    );
  }

  async #sign(
    method: 'GET' | 'PUT',
    key: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
  ): Promise<{ readonly request: SignedRequest; readonly place: Place } | undefined> {
    if (this.#refusals >= MOST_REFUSALS) return undefined;
    const place = await this.#placed();
    if (place === undefined) return undefined;
    const signingDate = new Date(Date.now() + this.#client.config.systemClockOffset);
    const request = requestFor(place.url, method, key, headers, body);
    return { request: await place.signer.sign(request, { signingDate }), place };
  }

  #accepts(status: number | undefined, wanted: number): boolean {
    if (status === wanted) this.#refusals = 0;
    else if (status !== 404 && status !== 412) this.#refusals += 1;
    return status === wanted;
  }

  async #placed(): Promise<Place | undefined> {
    this.#place ??= this.#find().catch((error: unknown) => {
      // Credentials that were missing may be there the next time.
      this.#place = undefined;
      throw error;
    });
    return this.#place;
  }

  async #find(): Promise<Place | undefined> {
    const url = new URL(await this.#presign('x'));
    const scope = url.searchParams.get('X-Amz-Credential')?.split('/') ?? [];
    const [service, region] = [scope.at(-2), scope.at(-3)];
    // Other services of S3's kind (directories, access points of objects) sign otherwise.
    if (service !== 's3' || region === undefined) return undefined;
    if (url.searchParams.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return undefined;
    const { credentials, sha256 } = this.#client.config;
    const signer = new SignatureV4({ service, region, credentials, sha256, uriEscapePath: false });
    const base = new URL(url.pathname.slice(0, -1), url);
    return { url: base, signer, gets: new PlainGets({ ...this.#server, url: base }) };
  }
}

type SignedRequest = Awaited<ReturnType<SignatureV4['sign']>>;

function requestFor(
  url: URL,
  method: 'GET' | 'PUT',
  key: string,
  headers: Readonly<Record<string, string>>,
  body?: Uint8Array,
): HttpRequest {
  return new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname + key.split('/').map(escapeUri).join('/'),
    headers: { ...headers, host: url.host },
    body,
  });
}
