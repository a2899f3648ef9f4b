import { FILE_ATTRIBUTES, JOB_ATTRIBUTES, validateJobSpecs } from '../../../src/panda/index.ts';
import type { JobSpec, PandaClient } from '../../../src/panda/index.ts';
import { taskRequests } from './tasks/taskRequests.ts';
import { queryPairs } from '../transcripts/recordings.ts';
import type { Recorded } from '../transcripts/recordings.ts';

/** A recorded request that the client should be able to make itself, byte for byte in meaning. */
export interface SentRequest {
  readonly call: (client: PandaClient) => Promise<unknown>;
  /** What the arguments must be: the decoded body, or pairs of the query. */
  readonly expected: unknown;
}

/** The client's call that makes a recorded request, or a text that says why it never makes such a request. */
export function sentRequestOf({ request }: Recorded): SentRequest | string | undefined {
  const calls = CALLS[request.path.replace('/api/v1/', '')];
  if (calls === undefined) {
    return undefined;
  }
  const contentType = request.headers['Content-Type'];
  if (request.headers.Accept !== 'application/json') {
    return 'other Accept header than the only one that brings JSON';
  }
  if (request.method === 'POST' && contentType !== 'application/json') {
    return contentType?.startsWith('multipart/') === true
      ? undefined
      : 'other Content-Type than the only one that is read';
  }
  if (
    request.body_raw !== undefined ||
    typeof request.body === 'string' ||
    typeof request.query === 'string'
  ) {
    return 'abridged, or no JSON';
  }
  return calls(argumentsOf(request), request.method);
}

export type Arguments = Readonly<Record<string, unknown>>;
export type Made = (args: Arguments, method: string) => SentRequest | string;

const isIds = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((id) => Number.isSafeInteger(id) && Number(id) > 0);

const CALLS: Readonly<Record<string, Made>> = {
  'job/submit': (args) => submitRequest(args),
  'job/kill': (args, method) => {
    const { job_ids: ids, code, ...rest } = args;
    if (method !== 'POST') return 'the client sends this as POST';
    if (!isIds(ids) || Object.keys(rest).length > 0 || !(code === undefined || typeof code === 'number')) {
      return 'arguments that the client does not send';
    }
    return {
      call: (client) => client.jobs.kill(ids, code === undefined ? {} : { code }),
      expected: { job_ids: ids, ...(code === undefined ? {} : { code }) },
    };
  },
  'job/get_description': (args, method) => described(args, method, false),
  'job/get_description_incl_archive': (args, method) => described(args, method, true),
  'job/get_status': (args, method) => {
    const { job_ids: ids, ...rest } = args;
    if (method !== 'GET') return 'the client sends this as GET';
    const list = Array.isArray(ids) ? ids : [ids];
    if (!isIds(list) || Object.keys(rest).length > 0) return 'arguments that the client does not send';
    return {
      call: (client) => client.jobs.getStatus(list),
      expected: list.map((id) => ['job_ids', String(id)]),
    };
  },
  'job/reassign': (args) => {
    const { job_ids: ids } = args;
    return isIds(ids)
      ? { call: (client) => client.jobs.reassign(ids), expected: { job_ids: ids } }
      : 'arguments that the client does not send';
  },
  'job/set_debug_mode': (args) => {
    const { job_id: id, mode } = args;
    return typeof id === 'number' && typeof mode === 'boolean'
      ? { call: (client) => client.jobs.setDebugMode(id, mode), expected: args }
      : 'arguments that the client does not send';
  },
  'file_server/touch_cache_file': (args) => ({
    call: (client) => client.files.touchCacheFile(String(args.file_name)),
    expected: args,
  }),
  'file_server/delete_cache_file': (args) => ({
    call: (client) => client.files.deleteCacheFile(String(args.file_name)),
    expected: args,
  }),
  'file_server/validate_cache_file': (args) => {
    const { file_size: size, checksum } = args;
    return typeof size === 'number' && typeof checksum === 'string'
      ? { call: (client) => client.files.validateCacheFile('x', size, checksum), expected: args }
      : 'arguments that the client does not send';
  },
  'creds/set_user_secrets': (args) => {
    const { key, value = null } = args;
    return typeof key === 'string' && (typeof value === 'string' || value === null)
      ? { call: (client) => client.creds.setUserSecret(key, value), expected: args }
      : 'the client never removes all secrets at once';
  },
  'creds/get_user_secrets': ({ keys }) => ({
    call: (client) => client.creds.getUserSecrets(typeof keys === 'string' ? [keys] : undefined),
    expected: keys === undefined ? [] : [['keys', keys]],
  }),
  ...taskRequests,
};

function described(args: Arguments, method: string, archive: boolean): SentRequest | string {
  const { job_ids: ids, ...rest } = args;
  if (method !== 'POST') return 'the client sends this as POST';
  return isIds(ids) && Object.keys(rest).length === 0
    ? { call: (client) => client.jobs.describe(ids, { archive }), expected: { job_ids: ids } }
    : 'arguments that the client does not send';
}

/** The recorded values become a record, which the client must turn into the same values again. */
function submitRequest({ jobs: text }: Arguments): SentRequest | string {
  const jobs: unknown = typeof text === 'string' && text.startsWith('[') ? JSON.parse(text) : undefined;
  if (!Array.isArray(jobs) || jobs.length === 0 || !jobs.every(isWholeJob)) {
    return 'not whole lists of 126 values';
  }
  const specs = jobs.map(specOf);
  const problems = validateJobSpecs(specs);
  if (problems.length > 0) {
    const [first] = problems;
    return `the client refuses to send it: ${first?.where} ${first?.message}`;
  }
  if (new Set(specs.map((spec) => spec.prodUserName)).size > 1) {
    return 'jobs of different owners go in different calls, as the first owner would get all of them';
  }
  return {
    call: (client) => client.jobs.submit(specs),
    expected: jobs.map((job) => job.map((value, at) => normal(value, at))),
  };
}

function isWholeJob(job: unknown): job is unknown[] {
  return Array.isArray(job) && job.length === JOB_ATTRIBUTES.length + 1;
}

/** Unset is written in several ways; jobParameters that are unset travel as a blank. */
export function normal(value: unknown, at: number): unknown {
  if (Array.isArray(value)) {
    return value.map((file: unknown) =>
      Array.isArray(file) ? file.map((one: unknown, index) => (index === 18 ? one : normal(one, -1))) : file,
    );
  }
  const unset = value === null ? 'NULL' : value;
  return unset === 'NULL' && JOB_ATTRIBUTES[at]?.[0] === 'jobParameters' ? ' ' : unset;
}

function specOf(job: unknown[]): JobSpec {
  return {
    ...named(JOB_ATTRIBUTES, job),
    files: (job.at(-1) as unknown[][]).map((file) => named(FILE_ATTRIBUTES.slice(0, 18), file)),
  } as unknown as JobSpec;
}

function named(
  table: readonly (readonly [string, string])[],
  values: readonly unknown[],
): Record<string, unknown> {
  return Object.fromEntries(
    table.map(([name], index) => [name, values[index] === 'NULL' ? null : values[index]]),
  );
}

function argumentsOf(request: Recorded['request']): Arguments {
  const { body } = request;
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Arguments;
  }
  const args: Record<string, unknown> = {};
  for (const [name, value] of queryPairs(request)) {
    args[name] = name in args ? [args[name], value].flat() : value;
  }
  return args;
}
