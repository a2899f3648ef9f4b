/**
 * What PanDA servers do against expectation, each in one function that says what was observed. The rest of the client
 * is written as if servers had none of these habits.
 */

/**
 * A token that is refused comes back with 403 and a text (401 never comes from PanDA, but from gateways); it is looked at
 * before anything else, so that nothing was done. `unusable` tokens are out of date, or not of this server's issuer;
 * `noMember` means that the token is good and its owner may not. Null for every other answer.
 */
export function tokenRefusal(status: number, text: string): 'unusable' | 'noMember' | null {
  if (status === 401) return 'unusable';
  if (status !== 403 || !/^ERROR\s*:\s*Token authentication failed/.test(text)) return null;
  return /Not a member of|Unknown vo/.test(text) ? 'noMember' : 'unusable';
}

/** Unset values are the text `NULL` in what other clients submit, and in some answers (`jobsetID`, commands). */
export const UNSET = 'NULL';

/**
 * Without the exact header `Accept: application/json` the server answers with the text of a Python dictionary and
 * status 200; a proxy that rewrites headers causes it.
 */
export function isPythonLiteral(text: string): boolean {
  return /^\{\s*'|^(True|False|None)\b/.test(text);
}

/**
 * A job that the database refuses (text longer than its column) comes back inside a successful answer with the text
 * `NULL` where its PandaID should be. Returns null for such an entry.
 */
export function acceptedPandaId(entry: unknown): number | null {
  const id: unknown = Array.isArray(entry) ? entry[0] : null;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null;
}

/** The third element is `{"jobsetID": n | "NULL"}` for labels panda and user, and the job's name for all others. */
export function jobsetIdOf(entry: unknown): number | null {
  const third: unknown = Array.isArray(entry) ? entry[2] : null;
  if (typeof third !== 'object' || third === null || !('jobsetID' in third)) {
    return null;
  }
  return typeof third.jobsetID === 'number' && Number.isSafeInteger(third.jobsetID) ? third.jobsetID : null;
}

/**
 * More than 5,000 jobs or 5,500 ids are cut without a word. Our calls stay far below, but another server may cut
 * earlier: an answer is used only when it has one entry per item asked.
 */
export function isWhole(data: unknown, asked: number): data is readonly unknown[] {
  return Array.isArray(data) && data.length === asked;
}

/**
 * With VO lsst the owner of every job of a call is the prodUserName of its first job. Jobs of different owners must
 * therefore travel in different calls.
 */
export function sameOwner(
  a: { readonly prodUserName?: string | null },
  b: { readonly prodUserName?: string | null },
): boolean {
  return (a.prodUserName ?? null) === (b.prodUserName ?? null);
}

/**
 * `get_status` says `unknown` with the command `tobekilled` for jobs that are still defined, ended over an hour ago, or
 * do not exist. The command means nothing then. `NULL` is a text for no command.
 */
export function statusCommand(status: string, command: unknown): string | null {
  return status === 'unknown' || typeof command !== 'string' || command === UNSET || command === ''
    ? null
    : command;
}

/**
 * `set_debug_mode` reports success inverted: `Succeeded` comes with success false, `PandaID=n not found` with success
 * true. Only the message can be trusted.
 */
export function debugModeWasSet(message: string): boolean {
  return message === 'Succeeded' || message.startsWith('Already set');
}

/** Statistics with nothing to count are reported as a database failure, with an empty object as data. */
export function isEmptyStatistics(message: string, data: unknown): boolean {
  return (
    message.startsWith('Database failure getting the job statistics') &&
    (data === null || (typeof data === 'object' && Object.keys(data).length === 0))
  );
}

/**
 * Queues with unified dispatch are listed once more per resource type (`BNL-LSST/MCORE`), with the name of their parent
 * in `unified_name`: these copies are no queues of their own.
 */
export function isResourceTypeCopy(spec: Readonly<Record<string, unknown>>): boolean {
  return typeof spec.unified_name === 'string' && spec.unified_name !== '';
}

/**
 * `generate_offline_execution_script` answers without the envelope: a bare JSON text, which is the script, or begins
 * with `ERROR`. Returns null for the latter.
 */
export function offlineScript(text: string): string | null {
  return /^ERROR\s*:/.test(text) ? null : text;
}

/** A name that the cache holds already cannot be written again; the file's life is prolonged all the same. */
export function isNameTaken(message: string): boolean {
  return /cannot overwrite file/i.test(message);
}

/**
 * The cache knows a file by its length and by four of its last eight bytes, which in a gzip file are the CRC-32 of the
 * content (little endian, as decimal text). The server takes these bytes from any file, gzip or not. Null for a file
 * shorter than that, which cannot be looked up.
 */
export function cacheChecksum(content: Uint8Array): string | null {
  if (content.length < 8) {
    return null;
  }
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return String(view.getUint32(content.length - 8, true));
}

/** `validate_cache_file` answers `FOUND:<host>:<name>` for any file of this user with the size and checksum. */
export function foundCacheFile(message: string): string | null {
  return /^FOUND:[^:]*:(.+)$/.exec(message)?.[1] ?? null;
}

/** The server reads empty jobParameters as unset, and a payload then gets the word NULL: a blank is sent instead. */
export function jobParametersOnWire(parameters: string): string {
  return parameters === '' ? ' ' : parameters;
}

/**
 * A task is unknown to `get_status` and others from its submission until the task engine takes it up, with the same words
 * as a task that never was. `get_details` has such words only where the state or the command line is asked for, and
 * else answers an empty shell.
 */
export function isUnknownTask(message: string): boolean {
  return message === 'Task not found' || message.startsWith('Task not found or error');
}

/** Ids of tasks that were made or found stand in the message, as `jediTaskID=n` or `task ID n`. */
export function taskIdIn(message: string): number | null {
  const id = Number(/(?:jediTaskID=|task ID )(\d{1,15})\b/.exec(message)?.[1] ?? 0);
  return id > 0 ? id : null;
}

/** A command to a task is taken down if its code, which comes as data, is 0; `success` says the same, except of a retry. */
export function commandWasTaken(answer: { readonly success: boolean; readonly data: unknown }): boolean {
  return answer.success && answer.data === 0;
}

/**
 * `task/retry` says success true whatever came of it: only the code in data counts. With new parameters it takes the way
 * of a submission, in which 3 means that the task is run again, and 0 that a new one of its name was made.
 */
export function retryWasTaken(
  answer: { readonly success: boolean; readonly data: unknown },
  withNewParameters: boolean,
): boolean {
  return commandWasTaken(answer) || (withNewParameters && answer.success && answer.data === 3);
}

/** `get_tasks_modified_since` answers an object by request id, as text, not a list; null for anything else. */
export function summariesOf(data: unknown): readonly unknown[] | null {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.values(data) : null;
}

/** `task/get_job_descriptions` cuts its answer to so many jobs without a word. */
export const MAX_DESCRIBED_JOBS = 5_500;
