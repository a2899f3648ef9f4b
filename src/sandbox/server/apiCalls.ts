import type { IncomingMessage } from 'node:http';
import { ANONYMOUS, type Identity } from './identity.ts';
import { forbiddenMethod, refusedCall, type Caller, type Method, type MethodTable } from './method.ts';
import { plainText, type Answer } from './wire/answer.ts';
import { MAX_BODY_BYTES, queryOf, readArguments } from './wire/requestBody.ts';

/** Whoever has no token has little to say. */
const MAX_ANONYMOUS_BYTES = 64 * 1024;

/** True for the paths of both the present API and the old one, of which nothing is left. */
export function isApiPath(path: string): boolean {
  // One call of the monitor's begins as those of the server do.
  return /^\/(?:api|server\/panda)\/(?!joberrordescriptions(?:\/|$))/u.test(path);
}

/** Answers a call of the API. `identity`: undefined for who is not known. */
export async function answerCall(
  methods: MethodTable,
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
  if (identity === undefined && called.secure) {
    return refusedCall(called, identity, verb) ?? forbiddenMethod(name);
  }
  return invoke(called, verb, { identity: identity ?? ANONYMOUS, request }, `${module}_api.${name}`);
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
  const maxBytes = identity === ANONYMOUS ? MAX_ANONYMOUS_BYTES : MAX_BODY_BYTES;
  const query = new URLSearchParams(queryOf(request));
  // The name as the server's complaint about a body that is no object has it.
  const read = await readArguments(request, query, `pandaserver.api.v1.${name}`, maxBytes);
  if (!read.ok) return plainText(read.status, read.text);
  return refusedCall(called, identity, verb) ?? called.invoke(read.given, verb === 'GET', caller);
}
