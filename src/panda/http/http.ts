import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import type { AxiosInstance } from 'axios';
import { createAgents } from './agents.ts';
import { failureOf } from './failure.ts';
import { HttpFailure } from './types.ts';
import type { Http, HttpAnswer, HttpRequest } from './types.ts';
import type { Profile } from '../profiles/profile.ts';
import { tlsSource } from './tlsOptions.ts';
import type { TlsOptions } from './tlsOptions.ts';

/**
 * HTTP for one profile: axios on Node's own modules, loaded at the first request. Certificates, keys and authorities go
 * on each request, because VS Code drops the `httpsAgent` option in its default proxy mode.
 */
export function createHttp(profile: Profile, now: () => number = Date.now): Http {
  const agents = createAgents(profile);
  const tlsOptions = tlsSource(profile, now);
  let axios: Promise<AxiosInstance> | undefined;
  return {
    async send(request) {
      request.signal?.throwIfAborted();
      axios ??= import('axios').then((library) => library.default.create());
      const [instance, tls] = await Promise.all([axios, tlsOptions()]);
      const agent = await agents.agentFor(request.url, request.freshConnection ?? false);
      return exchange(instance, request, tls, agent);
    },
    dispose: () => agents.dispose(),
  };
}

type Agent = http.Agent | false;

async function exchange(
  axios: AxiosInstance,
  request: HttpRequest,
  tls: TlsOptions,
  agent: Agent,
): Promise<HttpAnswer> {
  const watch = new SendWatch();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), request.timeoutMs);
  const onAbort = (): void => stop.abort();
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await axios.request<unknown>({
      adapter: 'http',
      proxy: false,
      method: request.method,
      url: request.url,
      headers: { ...request.headers },
      data: request.body === undefined ? undefined : asBuffer(request.body),
      timeout: request.timeoutMs,
      signal: stop.signal,
      responseType: 'arraybuffer',
      maxRedirects: 0,
      maxContentLength: request.maxBytes,
      maxBodyLength: Infinity,
      validateStatus: () => true,
      transformRequest: [],
      transformResponse: [],
      transport: transport(tls, agent, watch),
    });
    watch.throwIfRefused(answer.status);
    if (!Buffer.isBuffer(answer.data)) {
      throw new HttpFailure('broken', 'NO_BODY', true);
    }
    return { status: answer.status, headers: plainHeaders(answer.headers), body: answer.data };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (stop.signal.aborted) {
      throw new HttpFailure('timeout', 'ETIMEDOUT', watch.maySent);
    }
    watch.throwIfRefused();
    throw failureOf(error, watch.maySent);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

/** What axios calls instead of `http.request`: adds the TLS options and notices when the request begins to leave. */
function transport(tls: TlsOptions, agent: Agent, watch: SendWatch): { request: typeof http.request } {
  const request = (
    options: http.RequestOptions,
    onAnswer: (answer: http.IncomingMessage) => void,
  ): http.ClientRequest => {
    const outgoing =
      options.protocol === 'https:'
        ? https.request({ ...options, ...tls, agent }, onAnswer)
        : http.request({ ...options, agent }, onAnswer);
    watch.watchProxy(outgoing);
    outgoing.once('socket', (socket) => watch.see(outgoing, socket));
    return outgoing;
  };
  return { request: request as typeof http.request };
}

/** No server answers so, only a proxy on the way to it. */
const PROXY_AUTHENTICATION = 407;

/** Whether bytes of a request may have reached the server: not while its own connection is still being opened. */
class SendWatch {
  #socket: Socket | undefined;
  #open = false;
  /** HTTP status of a proxy that does not connect. */
  #refusal: number | undefined;

  /** The agent hands out a proxy's refusal to connect as if the server had answered; the request itself never left. */
  watchProxy(request: http.ClientRequest): void {
    request.once('proxyConnect', ({ statusCode = 200 }: { readonly statusCode?: number }) => {
      if (statusCode !== 200) this.#refusal = statusCode;
    });
  }

  /** Throws HttpFailure where it was a proxy that answered, with the status of the answer if there is one. */
  throwIfRefused(status?: number): void {
    const refusal = this.#refusal ?? (status === PROXY_AUTHENTICATION ? status : undefined);
    if (refusal === undefined) return;
    const reason = refusal === PROXY_AUTHENTICATION ? 'proxyAuthentication' : 'proxy';
    throw new HttpFailure(reason, `HTTP ${refusal}`, false);
  }

  see(request: http.ClientRequest, socket: Socket): void {
    this.#socket = socket;
    this.#open = request.reusedSocket || !(socket.connecting || socket instanceof TLSSocket);
    if (!this.#open) {
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
        this.#open = true;
      });
    }
  }

  get maySent(): boolean {
    return this.#socket !== undefined && this.#open;
  }
}

/** The same bytes, not a copy: an upload may be hundreds of megabytes. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function plainHeaders(headers: object): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') {
      plain[name.toLowerCase()] = value;
    }
  }
  return plain;
}
