import { createWriteStream } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The pilot's connections to its server and to where transformations come from. */
export interface Http {
  /** Posts JSON and returns status and text of the answer; rejects when there is none within the limits. */
  post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<HttpAnswer>;
  /** Fetches a public file into `target` (made new, 0600); rejects with `DownloadError`. No header of ours goes along. */
  download(url: string, target: string, signal?: AbortSignal): Promise<void>;
  dispose(): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** True when the other side says that there is no such file. */
  readonly absent: boolean;

  constructor(message: string, absent = false) {
    super(message);
    this.absent = absent;
  }
}

const CALL_TIMEOUT_MS = 60_000;
const DOWNLOAD_TIMEOUT_MS = 120_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_DOWNLOAD_BYTES = 100 * 1024 * 1024;
const MAX_REDIRECTS = 3;

interface Agents {
  readonly 'http:': HttpAgent;
  readonly 'https:': HttpsAgent;
}

export function createHttp(limits = { maxDownloadBytes: MAX_DOWNLOAD_BYTES }): Http {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true }),
  };
  return {
    post: (address, headers, body) => post(agents, address, headers, body),

    download: async (address, target, signal) => {
      const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
      const limit = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
      try {
        const answer = await get(agents, address, limit);
        const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
        await pipeline(answer, stopAfter(limits.maxDownloadBytes), file, { signal: limit });
      } catch (error) {
        if (error instanceof DownloadError) throw error;
        if (timeout.aborted) throw new DownloadError(`not complete after ${DOWNLOAD_TIMEOUT_MS / 1000} s`);
        throw new DownloadError(error instanceof Error ? error.message : String(error));
      }
    },

    dispose: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

async function get(
  agents: Agents,
  address: string,
  signal: AbortSignal,
  redirects = 0,
): Promise<IncomingMessage> {
  const url = parseWebUrl(address);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = requestFor(url)(url, { agent: agents[url.protocol], signal }, resolve);
    request.on('error', reject);
    request.end();
  });
  const status = answer.statusCode ?? 0;
  if (status === 200) return answer;
  answer.resume();
  const next = answer.headers.location;
  if (status >= 300 && status < 400 && next !== undefined && redirects < MAX_REDIRECTS) {
    return get(agents, new URL(next, url).href, signal, redirects + 1);
  }
  throw new DownloadError(`${url.host} answered ${status}`, status === 404 || status === 410);
}

function post(
  agents: Agents,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const url = parseWebUrl(address);
    const bytes = Buffer.from(JSON.stringify(body));
    const options = {
      method: 'POST',
      agent: agents[url.protocol],
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: {
        ...headers,
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'Content-Length': bytes.length,
      },
    };
    const request = requestFor(url)(url, options, (answer) => {
      readText(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject);
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

type WebUrl = URL & { readonly protocol: 'http:' | 'https:' };

function parseWebUrl(address: string): WebUrl {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isWebUrl(url)) throw new DownloadError('not an http or https URL', true);
  return url;
}

function isWebUrl(url: URL): url is WebUrl {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function requestFor(url: WebUrl): typeof httpRequest {
  return url.protocol === 'http:' ? httpRequest : httpsRequest;
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`answer larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function stopAfter(limit: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) done(new DownloadError(`larger than ${limit} bytes`));
      else done(null, chunk);
    },
  });
}
