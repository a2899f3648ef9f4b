import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { SandboxSignIn } from '../api.ts';
import type { ServerContext } from './context.ts';
import { sendFile } from './files/sendFile.ts';
import type { Identity } from './identity.ts';
import { isMonitorPath, monitorAnswer } from './monitor/monitor.ts';
import { RUN_GEN_PATH, RUN_GEN_PAYLOAD } from './tasks/runGen.ts';
import { asciiJson } from './wire/jsonText.ts';
import { queryOf, readArguments } from './wire/requestBody.ts';
import { sendPage, sendText } from './wire/send.ts';

export interface Visit {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Undefined for who is not known. */
  readonly identity: Identity | undefined;
}

/** Answers what is no call of the API: files to fetch, and the monitor. */
export async function answerVisit(context: ServerContext, visit: Visit): Promise<void> {
  const { path, request, response } = visit;
  const [, area, ...names] = path.split('/').map(decoded);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && !(area === 'jobs' && request.method === 'POST')) {
    sendPage(response, 404);
    return;
  }
  switch (area) {
    // Open to all, as payloads fetch them wherever they run.
    case 'cache':
      return sendFrom(context.folders.cache, names, visit);
    case 'trf':
      return sendFrom(context.folders.payloads, path === RUN_GEN_PATH ? [RUN_GEN_PAYLOAD] : names, visit);
    case 'auth':
      return sendAuthConfig(context.signIn, names, visit);
    case 'storage':
      return sendStored(context.folders.storage, names, visit);
    default:
      return sendMonitorPage(context, visit);
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

async function sendFrom(folder: string | undefined, names: readonly string[], visit: Visit): Promise<void> {
  const { request, response } = visit;
  const [name = ''] = names;
  const isOne = folder !== undefined && names.length === 1;
  if (!isOne || !(await sendFile(folder, name, request, response))) sendPage(response, 404);
}

/** How a VO signs in, as clients ask for it before anything else. */
function sendAuthConfig(
  signIn: SandboxSignIn | undefined,
  [name = '', ...more]: readonly string[],
  { response }: Visit,
): void {
  const named = /^(.+?)(?:\.[\w-]+)?_auth_config\.json$/u.exec(name)?.[1];
  if (signIn === undefined || named !== signIn.vo || more.length > 0) {
    sendPage(response, 404);
    return;
  }
  const { clientId, issuer, vo } = signIn;
  const config = {
    audience: clientId,
    client_id: clientId,
    client_secret: null,
    oidc_config_url: `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`,
    vo,
  };
  sendText(response, 200, 'application/json', JSON.stringify(config));
}

/** Logs and outputs of a job, while they grow and afterwards. */
async function sendStored(
  storage: string,
  [id = '', ...names]: readonly string[],
  visit: Visit,
): Promise<void> {
  if (visit.identity === undefined) {
    sendPage(visit.response, 403);
  } else if (/^\d{1,15}$/u.test(id)) {
    await sendFrom(join(storage, id), names, visit);
  } else {
    sendPage(visit.response, 404);
  }
}

async function sendMonitorPage(context: ServerContext, visit: Visit): Promise<void> {
  const { path, request, response, identity } = visit;
  if (identity === undefined) {
    if (!isMonitorPath(path)) return sendPage(response, 404);
    const detail = { detail: 'Authentication credentials were not provided.' };
    return sendText(response, 401, 'application/json', JSON.stringify(detail));
  }
  const parameters = new URLSearchParams(queryOf(request));
  if (request.method === 'POST') {
    const read = await readArguments(request, parameters, 'jobs');
    if (!read.ok) return sendText(response, read.status, 'text/plain', read.text);
    for (const [name, value] of read.given) parameters.set(name, String(value));
  }
  const asked = { path, parameters, host: request.headers.host ?? '' };
  const answer = wantsJson(request, parameters) ? await monitorAnswer(context, asked) : undefined;
  switch (answer?.kind) {
    case undefined:
      return sendPage(response, 404);
    case 'json':
      return sendText(response, answer.status, 'application/json', asciiJson(answer.value));
    case 'html':
      return sendText(response, answer.status, answer.type, answer.text);
    case 'redirect':
      response.writeHead(301, { Location: answer.location, 'Content-Length': 0 }).end();
  }
}

/** As the monitor sees it: by the parameter, or by exactly one type. */
function wantsJson({ headers }: IncomingMessage, parameters: URLSearchParams): boolean {
  return parameters.has('json') || headers.accept === 'application/json' || headers.accept === 'text/json';
}
