import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticate } from '../server/identity.ts';
import type { Store } from '../server/store/store.ts';
import { queryOf } from '../server/wire/requestBody.ts';
import { sendText } from '../server/wire/send.ts';
import { answerCatalogCall, type CatalogAnswer } from './calls.ts';
import { CATALOG_PATH } from './catalogPath.ts';
import { CatalogRefusal } from './refusal.ts';

export interface CatalogParts {
  readonly store: Store;
  readonly authenticate: Authenticate;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A body larger than this is refused, bytes. */
const MAX_BODY = 4 * 1024 * 1024;

/** Answers a request below `CATALOG_PATH`: a data catalog with its REST interface, in JSON. */
export async function answerCatalog(
  { store, authenticate, now }: CatalogParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const authentication = await authenticate(request);
  if (authentication.kind === 'refused') {
    sendJson(response, { status: 401, body: { message: authentication.reason, type: 'LoginException' } });
    return;
  }
  const isKnown = authentication.kind === 'known';
  const { method = '', url = '' } = request;
  const [path = ''] = url.split('?');
  try {
    const given = await readGiven(request);
    const call = {
      method,
      path: path.slice(CATALOG_PATH.length),
      base: `http://${request.headers.host ?? ''}${CATALOG_PATH}`,
      ...given,
      isKnown,
    };
    sendJson(
      response,
      store.transaction(() => answerCatalogCall(store, call, now())),
    );
  } catch (error) {
    if (!(error instanceof CatalogRefusal)) throw error;
    const { status, type, message, reason, location } = error;
    const body = { message, type, ...(reason === undefined ? {} : { cause: reason }) };
    sendJson(response, { status, body, ...(location === undefined ? {} : { location }) });
  }
}

interface GivenOfRequest {
  /** Arguments of the query, or of a form. */
  readonly query: URLSearchParams;
  readonly body: unknown;
}

async function readGiven(request: IncomingMessage): Promise<GivenOfRequest> {
  const query = new URLSearchParams(queryOf(request));
  const { method = '', headers } = request;
  if (method === 'GET' || method === 'HEAD' || method === 'DELETE') return { query, body: undefined };
  const text = await readText(request);
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    return { query: new URLSearchParams(text), body: formBody(new URLSearchParams(text)) };
  }
  try {
    return { query, body: JSON.parse(text) as unknown };
  } catch {
    throw new CatalogRefusal(400, 'JsonParseException', 'Unable to validate input', {
      reason: 'it is not JSON',
    });
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) {
      throw new CatalogRefusal(413, 'IllegalArgumentException', 'The request is too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A form has the same fields; those of metadata hold JSON, numbers are texts. */
function formBody(form: URLSearchParams): unknown {
  return Object.fromEntries(
    [...form].map(([name, value]) => [name, /metadata$/iu.test(name) ? parsedList(value) : formValue(value)]),
  );
}

function formValue(value: string): unknown {
  return /^\d{1,15}$/u.test(value) ? Number(value) : value;
}

function parsedList(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function sendJson(response: ServerResponse, { status, body, location, range }: CatalogAnswer): void {
  if (location !== undefined) response.setHeader('Location', location);
  if (range !== undefined) response.setHeader('Content-Range', range);
  if (body === undefined) {
    response.writeHead(status, { 'Cache-Control': 'no-store' });
    response.end();
    return;
  }
  sendText(response, status, 'application/json', JSON.stringify(body));
}
