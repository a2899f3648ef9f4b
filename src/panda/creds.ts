import type { CallOptions, CredsApi } from './api.ts';
import type { ApiCall, ApiCaller } from './apiCaller.ts';
import { cleanText } from './text/cleanText.ts';
import { isObject, protocolError, withCameBack } from './wire/envelope.ts';
import { PandaError } from './errors/errors.ts';

const KEY = /^[A-Za-z0-9_]{1,100}$/;
/** Characters of one secret. All secrets of a user travel with each of their jobs that needs one. */
const LONGEST_VALUE = 16_384;
/** More keys than this are picked here from all there are: a request line has its limit. */
const KEYS_PER_QUERY = 50;
/** Characters of all secrets together. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

export function createCredsApi(caller: ApiCaller): CredsApi {
  let before: Promise<unknown> = Promise.resolve();
  return {
    setUserSecret(key, value, options = {}) {
      // The server reads all secrets of a user, changes one, and writes all: of two at a time one would be lost.
      const turn = before.then(() => setUserSecret(caller, key, value, options));
      before = turn.catch(() => undefined); // Whoever asked hears of the failure.
      return turn;
    },
    getUserSecrets: (keys, options = {}) => getUserSecrets(caller, keys, options),
  };
}

async function setUserSecret(
  caller: ApiCaller,
  key: string,
  value: string | null,
  options: CallOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const tried =
    value === null ? `remove the secret “${cleanText(key)}”` : `set the secret “${cleanText(key)}”`;
  checkKey(key, tried);
  if (value !== null && value.length > LONGEST_VALUE) {
    throw rejected(tried, `it is longer than ${LONGEST_VALUE} characters`, 'Keep less in it');
  }
  try {
    await caller.data({
      path: 'creds/set_user_secrets',
      tried,
      body: { key, value },
      reads: false,
      pace: 'quick',
      signal: options.signal,
    });
  } catch (error) {
    throw error instanceof PandaError && value !== null && shows(error.cameBack, value)
      ? withCameBack(error, 'the answer holds the secret and is not shown')
      : error;
  }
}

/** Whether a text that went through `cleanText` may hold the secret, or its beginning where the text was cut. */
function shows(text: string, secret: string): boolean {
  const start = cleanText(secret).slice(0, 12);
  return start.length >= 4 && text.includes(start);
}

async function getUserSecrets(
  caller: ApiCaller,
  keys: readonly string[] | undefined,
  options: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  const tried = 'get the secrets of the user';
  for (const key of keys ?? []) {
    checkKey(key, tried);
  }
  if (keys?.length === 0) {
    return {};
  }
  const call: ApiCall = {
    path: 'creds/get_user_secrets',
    tried,
    ...(keys === undefined || keys.length > KEYS_PER_QUERY ? {} : { query: { keys } }),
    reads: true,
    confidential: true,
    signal: options.signal,
  };
  const data = await caller.data(call);
  const secrets = Object.entries(decodeSecrets(data, caller, call));
  return Object.fromEntries(keys === undefined ? secrets : secrets.filter(([key]) => keys.includes(key)));
}

/** The answer's data is the JSON text of an object. What is wrong with it is said without any of it. */
function decodeSecrets(data: unknown, caller: ApiCaller, call: ApiCall): Readonly<Record<string, string>> {
  const secrets = typeof data === 'string' && data.length <= LONGEST_ANSWER ? parsed(data) : undefined;
  if (!isObject(secrets) || !hasTextsOnly(secrets)) {
    throw protocolError(caller.facts(call), 'the answer is not a list of secrets as texts');
  }
  return secrets;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasTextsOnly(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, string>> {
  return Object.values(value).every((one) => typeof one === 'string');
}

function checkKey(key: string, tried: string): void {
  if (!KEY.test(key)) {
    throw rejected(
      tried,
      'that is no name of a secret',
      'Name secrets with up to 100 letters, digits and underscores',
    );
  }
}

function rejected(tried: string, cameBack: string, advice: string): PandaError {
  return new PandaError({ kind: 'rejected', tried, cameBack, advice });
}
