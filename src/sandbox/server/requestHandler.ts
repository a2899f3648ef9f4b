import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ServerContext } from './context.ts';
import { sendFile } from './files/sendFile.ts';
import type { Authenticate, Identity } from './identity.ts';
import { forbiddenMethod, refusedCall, type Caller, type Method, type MethodTable } from './method.ts';
import { monitorAnswer } from './monitor/monitor.ts';
import { plainText, type Answer } from './wire/answer.ts';
import { htmlPage, HTML_TYPE, type PageStatus } from './wire/htmlPage.ts';
import { asciiJson, encodeBody } from './wire/jsonText.ts';
import { readArguments } from './wire/requestBody.ts';

export interface HandlerParts {
  readonly context: ServerContext;
  readonly methods: MethodTable;
  readonly authenticate: Authenticate;
  /** Told of what went wrong inside; what it was told never holds a secret. */
  readonly onError: (what: string, error: unknown) => void;
  /** What a person is told of a trouble inside, in one sentence. */
  readonly explain: (error: unknown) => string;
}

/** Longest request line, as the recorded web server takes it. */
const MAX_REQUEST_LINE = 8190;
const ANONYMOUS: Identity = { dn: '', fqans: [], production: false, ownsEverything: false };

/** Answers every request; an error inside becomes a 500 with one sentence, and the server goes on. */
export function createRequestHandler(parts: HandlerParts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    handle(parts, request, response).catch((error: unknown) => {
      if (response.headersSent || request.socket.destroyed) {
        response.destroy();
      } else {
        parts.onError(`${request.method} ${pathOf(request)}`, error);
        send(response, plainText(500, `ERROR : ${parts.explain(error)}`), request);
      }
    });
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?')[0] ?? '';
}

async function handle(
  parts: HandlerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const stranger = whyStrange(request);
  if (stranger !== undefined) return send(response, plainText(403, stranger), request);
  const { method = '', url = '' } = request;
  if (`${method} ${url} HTTP/1.1`.length > MAX_REQUEST_LINE) return sendPage(response, 414);
  if (method === 'TRACE') return sendPage(response, 403);
  const authentication = parts.authenticate(request);
  if (authentication.kind === 'refused') {
    const text = `ERROR : Token authentication failed. ${authentication.reason}`;
    return send(response, plainText(403, text), request);
  }
  const identity = authentication.kind === 'known' ? authentication.identity : undefined;
  const path = pathOf(request);
  if (/^\/(?:api|server\/panda)\//u.test(path)) {
    return send(response, await callMethod(parts, path, request, identity), request);
  }
  return sendOther(parts, path, request, response, identity);
}

/**
 * A page in a browser must not reach the sandbox: its requests carry the Origin of the page, and those that were led
 * here by a name of the page's own carry that name as Host.
 */
function whyStrange({ headers, socket }: IncomingMessage): string | undefined {
  const { host = '', origin } = headers;
  const port = socket.localPort ?? 0;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return 'ERROR : the sandbox answers only to 127.0.0.1 and localhost';
  }
  const isPage =
    origin !== undefined &&
    (origin === 'null' || (/^[a-z][a-z0-9+.-]*:/iu.test(origin) && origin.includes('//')));
  return isPage ? 'ERROR : the sandbox does not answer to web pages' : undefined;
}

async function callMethod(
  { context: _context, methods }: HandlerParts,
  path: string,
  request: IncomingMessage,
  identity: Identity | undefined,
): Promise<Answer> {
  const segments = path.split('/').slice(1);
  const [root, version, module = '', name = ''] = segments;
  const isCall = root === 'api' && version === 'v1' && segments.length === 4;
  const key = `${module}/${name}`;
  const called = isCall && Object.hasOwn(methods, key) ? methods[key] : undefined;
  if (called === undefined) return forbiddenMethod(lastName(segments));
  // What runs for GET also answers HEAD, without its body.
  const verb = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const caller: Caller = { identity: identity ?? ANONYMOUS, request };
  if (called.secure && identity === undefined)
    return refusedCall(called, identity, verb) ?? forbiddenMethod(name);
  return invoke(called, verb, caller, `pandaserver.api.v1.${module}_api.${name}`);
}

function lastName(segments: readonly string[]): string {
  const isShort = segments[0] === 'api' && segments.length < 4;
  return isShort ? '' : (segments.at(-1) ?? '');
}

async function invoke(called: Method, verb: string, caller: Caller, name: string): Promise<Answer> {
  const { request, identity } = caller;
  const isMultipart = /^multipart\/form-data\b/u.test(request.headers['content-type'] ?? '');
  if (isMultipart && called.receive !== undefined && verb === 'POST') {
    return refusedCall(called, identity, verb) ?? called.receive(caller);
  }
  const read = await readArguments(request, new URLSearchParams(queryOf(request)), name);
  if (!read.ok) return plainText(read.status, read.text, read.close);
  return refusedCall(called, identity, verb) ?? called.invoke(read.given, verb === 'GET', caller);
}

function queryOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** What is no call of the API: files, and the monitor. */
async function sendOther(
  { context }: HandlerParts,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  identity: Identity | undefined,
): Promise<void> {
  const { folders } = context;
  const [, area = '', ...rest] = path.split('/').map(decoded);
  if (
    request.method !== 'GET' &&
    request.method !== 'HEAD' &&
    !(area === 'jobs' && request.method === 'POST')
  ) {
    return sendPage(response, 404);
  }
  const open = area === 'cache' ? folders.cache : area === 'trf' ? folders.payloads : undefined;
  if (area === 'cache' || area === 'trf') {
    const sent =
      open !== undefined && rest.length === 1 && (await sendFile(open, rest[0] ?? '', request, response));
    return sent ? undefined : sendPage(response, 404);
  }
  if (area === 'storage') {
    if (identity === undefined) return sendPage(response, 403);
    const [id = '', name = ''] = rest;
    const isFile = rest.length === 2 && /^\d{1,15}$/u.test(id);
    const sent = isFile && (await sendFile(join(folders.storage, id), name, request, response));
    return sent ? undefined : sendPage(response, 404);
  }
  return sendMonitor(context, path, request, response, identity);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

async function sendMonitor(
  context: ServerContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  identity: Identity | undefined,
): Promise<void> {
  const parameters = new URLSearchParams(queryOf(request));
  if (request.method === 'POST') {
    const read = await readArguments(request, parameters, 'jobs');
    if (!read.ok) return send(response, plainText(read.status, read.text, read.close), request);
    for (const [name, value] of read.given) parameters.set(name, String(value));
  }
  const wantsJson = parameters.has('json') || request.headers.accept === 'application/json';
  const host = request.headers.host ?? '';
  const known = identity !== undefined && wantsJson;
  const answer = known ? await monitorAnswer(context, path, parameters, host) : undefined;
  if (answer === undefined) {
    const isMonitor = /^\/(?:jobs?|jobstatuslog|sites?|filebrowser)\b/u.test(path) && identity === undefined;
    if (!isMonitor) return sendPage(response, 404);
    const detail = { detail: 'Authentication credentials were not provided.' };
    return sendText(response, 401, 'application/json', JSON.stringify(detail));
  }
  switch (answer.kind) {
    case 'json':
      return sendText(response, answer.status, 'application/json', asciiJson(answer.value));
    case 'html':
      return sendText(response, answer.status, answer.type, answer.text);
    case 'redirect':
      response.writeHead(301, { Location: answer.location, 'Content-Length': 0 }).end();
  }
}

/** JSON only for who asks for exactly that; the content type is plain text in any case. */
function send(response: ServerResponse, answer: Answer, { headers }: IncomingMessage): void {
  if (answer.kind === 'text') {
    if (answer.close === true) response.setHeader('Connection', 'close');
    return sendText(response, answer.status, 'text/plain', answer.text);
  }
  const asJson = headers.accept === 'application/json' || headers['content-type'] === 'application/json';
  const value = answer.kind === 'envelope' ? answer.body : answer.value;
  const text =
    answer.kind === 'value' && typeof value === 'string' && !asJson ? value : encodeBody(value, asJson);
  sendText(response, 200, 'text/plain', text);
}

function sendPage(response: ServerResponse, status: PageStatus): void {
  sendText(response, status, HTML_TYPE, htmlPage(status));
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
