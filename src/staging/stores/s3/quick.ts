import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';

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
}

/**
 * Whole small objects by plain requests: with the signer and the connections of the SDK, but without its layers, which
 * take three times the processor time of all the rest. It knows one answer, yes; where another comes this is undefined, and
 * the SDK is to do the same again, as it knows redirects, clocks and errors.
 */
export class QuickRequests {
  readonly #client: S3Client;
  readonly #presign: (key: string) => Promise<string>;
  #place: Promise<Place | undefined> | undefined;
  #refusals = 0;

  /** `presign` makes a URL for a GET of an object, which tells how the SDK addresses the bucket. */
  constructor(client: S3Client, presign: (key: string) => Promise<string>) {
    this.#client = client;
    this.#presign = presign;
  }

  /** `sha256` of the body, hexadecimal, is signed with the request: no store takes other bytes for it. */
  put(
    key: string,
    body: Uint8Array,
    sha256: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<QuickAnswer | undefined> {
    const all = { ...headers, 'content-length': String(body.length), 'x-amz-content-sha256': sha256 };
    return this.#send('PUT', key, all, body, signal);
  }

  get(key: string, signal: AbortSignal | undefined): Promise<QuickAnswer | undefined> {
    return this.#send('GET', key, { 'x-amz-content-sha256': NO_BODY }, undefined, signal);
  }

  async #send(
    method: 'GET' | 'PUT',
    key: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<QuickAnswer | undefined> {
    if (this.#refusals >= MOST_REFUSALS) return undefined;
    this.#place ??= this.#find().catch((error: unknown) => {
      // Credentials that were missing may be there the next time.
      this.#place = undefined;
      throw error;
    });
    const place = await this.#place;
    if (place === undefined) return undefined;
    const { url, signer } = place;
    const request = new HttpRequest({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: url.pathname + encodeKey(key),
      headers: { ...headers, host: url.host },
      body,
    });
    const signingDate = new Date(Date.now() + this.#client.config.systemClockOffset);
    const signed = new HttpRequest(await signer.sign(request, { signingDate }));
    const connections: Connections = this.#client.config.requestHandler;
    const { response } = await connections.handle(
      signed,
      signal === undefined ? {} : { abortSignal: signal },
    );
    return this.#judge(response);
  }

  #judge({ statusCode, headers, body }: Response): QuickAnswer | undefined {
    if (!(body instanceof Readable)) return undefined;
    if (statusCode === 200) {
      this.#refusals = 0;
      return { headers, body };
    }
    body.destroy();
    if (statusCode !== 404) this.#refusals += 1;
    return undefined;
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
    return { url: new URL(url.pathname.slice(0, -1), url), signer };
  }
}

function encodeKey(key: string): string {
  return key
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(
        /[!'()*]/g,
        (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
    )
    .join('/');
}
