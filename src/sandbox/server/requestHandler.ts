import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerCatalog, type CatalogParts } from '../datacat/catalog.ts';
import { isCatalogPath } from '../datacat/catalogPath.ts';
import { answerCall, isApiPath } from './apiCalls.ts';
import type { ServerContext } from './context.ts';
import type { Authenticate } from './identity.ts';
import type { MethodTable } from './method.ts';
import { answerVisit } from './webPages.ts';
import { plainText } from './wire/answer.ts';
import { send, sendPage } from './wire/send.ts';

export interface HandlerParts {
  readonly context: ServerContext;
  readonly methods: MethodTable;
  readonly authenticate: Authenticate;
  readonly catalog: CatalogParts;
  /** Told of what went wrong inside; what it is told never holds a secret. */
  readonly onError: (what: string, error: unknown) => void;
  /** What a person is told of trouble inside, in one clause. */
  readonly explain: (error: unknown) => string;
}

/** Longest request line, as the recorded web server takes it. */
const MAX_REQUEST_LINE = 8190;

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
  if (stranger !== undefined) {
    send(response, plainText(403, stranger), request);
    return;
  }
  const { method = '', url = '' } = request;
  if (`${method} ${url} HTTP/1.1`.length > MAX_REQUEST_LINE) {
    sendPage(response, 414);
    return;
  }
  if (method === 'TRACE') {
    sendPage(response, 403);
    return;
  }
  const path = pathOf(request);
  if (isCatalogPath(path)) {
    await answerCatalog(parts.catalog, request, response);
    return;
  }
  const authentication = await parts.authenticate(request);
  if (authentication.kind === 'refused') {
    const text = `ERROR : Token authentication failed. ${authentication.reason}`;
    send(response, plainText(403, text), request);
    return;
  }
  const identity = authentication.kind === 'known' ? authentication.identity : undefined;
  if (isApiPath(path)) {
    send(response, await answerCall(parts.methods, path, request, identity), request);
  } else {
    await answerVisit(parts.context, { path, request, response, identity });
  }
}

/**
 * A page in a browser must not reach the sandbox: its requests carry the Origin of the page, which unlike a VO has a
 * slash, and those that were led here by a name of the page's own carry that name as Host.
 */
function whyStrange({ headers, socket }: IncomingMessage): string | undefined {
  const { host = '', origin } = headers;
  const port = socket.localPort ?? 0;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return 'ERROR : the sandbox answers only to 127.0.0.1 and localhost';
  }
  const isPage = origin !== undefined && (origin === 'null' || origin.includes('/') || origin.endsWith(':'));
  return isPage ? 'ERROR : the sandbox does not answer to web pages' : undefined;
}
