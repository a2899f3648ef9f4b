import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { AxiosInstance } from 'axios';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** A longer answer is cut off, bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** No whole answer came. Carries nothing of the request: its headers hold secrets. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  /** `timeout`, `tooLarge`, `proxy`, `proxyAuthentication`, or the code of Node or OpenSSL. */
  readonly code: string;
  /** False only when it is certain that no byte of the request reached the server. */
  readonly sent: boolean;

  constructor(code: string, sent: boolean) {
    super(code);
    this.code = code;
    this.sent = sent;
  }
}

/** How a catalog is reached, beside its address. */
export interface Connection {
  /** Authorities and whether certificates are checked. */
  readonly tls?: () => Promise<{
    readonly secureContext?: SecureContext;
    readonly rejectUnauthorized: boolean;
  }>;
  /** `http://[name:password@]host:port`, or undefined for a direct connection; asked when it is used. */
  readonly proxy?: () => string | undefined;
}

export interface Http {
  /** Resolves with whatever answer came, whole; rejects with HttpFailure or the signal's reason. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  dispose(): void;
}

const CONNECTIONS = 4;

/** HTTP on axios, which is loaded at the first request. VS Code drops an agent that is given to axios, so the transport sets it. */
export function createHttp({ tls, proxy }: Connection): Http {
  let axios: Promise<AxiosInstance> | undefined;
  const agents = new Map<string, Promise<http.Agent>>();
  const agentFor = (protocol: string): Promise<http.Agent> => {
    const agent = agents.get(protocol) ?? makeAgent(protocol, proxy?.());
    agents.set(protocol, agent);
    return agent;
  };
  return {
    async send(request) {
      request.signal?.throwIfAborted();
      axios ??= import('axios').then((library) => library.default.create());
      const { protocol } = new URL(request.url);
      const [instance, options, agent] = await Promise.all([axios, tls?.(), agentFor(protocol)]);
      return exchange(instance, request, { ...options, agent });
    },
    dispose() {
      for (const agent of agents.values()) {
        agent.then(
          (one) => one.destroy(),
          () => undefined,
        );
      }
      agents.clear();
    },
  };
}

async function makeAgent(protocol: string, proxy: string | undefined): Promise<http.Agent> {
  const options = { keepAlive: true, maxSockets: CONNECTIONS };
  if (protocol === 'http:') {
    if (proxy === undefined) return new http.Agent(options);
    const { HttpProxyAgent } = await import('http-proxy-agent');
    return new HttpProxyAgent(proxy, options);
  }
  if (proxy === undefined) return new https.Agent(options);
  const { HttpsProxyAgent } = await import('https-proxy-agent');
  return new HttpsProxyAgent(proxy, options);
}

async function exchange(
  axios: AxiosInstance,
  request: HttpRequest,
  options: https.RequestOptions,
): Promise<HttpAnswer> {
  const { method, url, headers, body, timeoutMs, maxBytes, signal } = request;
  let connected = false;
  let refusal: number | undefined;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await axios.request<unknown>({
      adapter: 'http',
      proxy: false,
      method,
      url,
      headers: { ...headers },
      data: body,
      signal: stop.signal,
      responseType: 'arraybuffer',
      maxRedirects: 0,
      maxContentLength: maxBytes,
      maxBodyLength: Infinity,
      validateStatus: () => true,
      transformRequest: [],
      transformResponse: [],
      transport: transport(
        options,
        () => (connected = true),
        (status) => (refusal = status),
      ),
    });
    throwIfRefused(refusal ?? (answer.status === PROXY_AUTHENTICATION ? answer.status : undefined));
    if (!Buffer.isBuffer(answer.data)) throw new HttpFailure('NO_BODY', true);
    return { status: answer.status, headers: { ...answer.headers }, text: answer.data.toString('utf8') };
  } catch (error) {
    signal?.throwIfAborted();
    if (stop.signal.aborted) throw new HttpFailure('timeout', connected);
    throwIfRefused(refusal);
    throw error instanceof HttpFailure ? error : new HttpFailure(codeOf(error), connected);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** No catalog answers so, only a proxy on the way to it. */
const PROXY_AUTHENTICATION = 407;

/** Throws where a proxy answered in the catalog's place: the request never left. */
function throwIfRefused(status: number | undefined): void {
  if (status === undefined) return;
  throw new HttpFailure(status === PROXY_AUTHENTICATION ? 'proxyAuthentication' : 'proxy', false);
}

/** What axios calls instead of `http.request`; tells when bytes of the request may leave, and what a proxy refused with. */
function transport(
  added: https.RequestOptions,
  onConnected: () => void,
  onRefused: (status: number) => void,
): { readonly request: typeof http.request } {
  const request = (
    options: http.RequestOptions,
    onAnswer: (answer: http.IncomingMessage) => void,
  ): http.ClientRequest => {
    const { request: open } = options.protocol === 'https:' ? https : http;
    const outgoing = open({ ...options, ...added }, onAnswer);
    // The agent hands out a proxy's refusal to connect as if the catalog had answered.
    outgoing.once('proxyConnect', ({ statusCode = 200 }: { readonly statusCode?: number }) => {
      if (statusCode !== 200) onRefused(statusCode);
    });
    outgoing.once('socket', (socket) => {
      const isOpen = outgoing.reusedSocket || !(socket.connecting || socket instanceof TLSSocket);
      if (isOpen) onConnected();
      else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', onConnected);
    });
    return outgoing;
  };
  return { request: request as typeof http.request };
}

/** The innermost code: a list of tried addresses wraps the one that says something. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'UNKNOWN';
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (error instanceof Error && error.message.includes('maxContentLength')) return 'tooLarge';
  if ('cause' in error && typeof error.cause === 'object' && error.cause !== null && 'code' in error.cause) {
    return codeOf(error.cause);
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}
