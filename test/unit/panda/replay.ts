import assert from 'node:assert/strict';
import { FILE_ATTRIBUTES, JOB_ATTRIBUTES, PandaError } from '../../../src/panda/index.ts';
import type { JobRecord, JobSpec, PandaClient, SubmitOutcome } from '../../../src/panda/index.ts';
import { taskReplays } from './tasks/taskReplays.ts';
import { queryPairs } from '../transcripts/recordings.ts';
import type { Recorded } from '../transcripts/recordings.ts';

/** How the client makes a recorded call, and what it must make of a successful answer. */
export interface Replay {
  readonly call: (client: PandaClient) => Promise<unknown>;
  /** Compares what the client returned with the recorded answer's data. */
  readonly check: (result: unknown, recorded: Recorded) => void;
  /** For calls whose refusals are results and not errors. */
  readonly refusalResult?: unknown;
  /** Calls that report a refusal as an outcome of each job. */
  readonly outcomes?: boolean;
}

const ID = 6900000001;

/** The client's calls by the path they go to; undefined for a path that the client never asks. */
export function replayOf(recorded: Recorded): Replay | undefined {
  const { path } = recorded.request;
  if (path.startsWith('/cache/')) {
    return {
      call: (client) => client.files.downloadCacheFile(path.slice('/cache/'.length)),
      check: (result) => assert.equal(Buffer.from(result as Uint8Array).toString(), recorded.response.body),
    };
  }
  return REPLAYS[path.replace('/api/v1/', '')]?.(recorded);
}

const nothing = (result: unknown): void => assert.equal(result, undefined);

const REPLAYS: Readonly<Record<string, (recorded: Recorded) => Replay>> = {
  'system/is_alive': () => ({ call: (client) => client.system.isAlive(), check: nothing }),
  'system/get_attributes': () => ({
    call: (client) => client.system.getAttributes(),
    check: (result, recorded) => assert.deepEqual(result, dataOf(recorded)),
  }),
  'system/get_user_attributes': () => ({
    call: (client) => client.system.whoAmI(),
    check: (result, recorded) => {
      const { user_dn_clean, user_dn_raw, is_production_user } = dataOf(recorded) as Record<string, unknown>;
      const expected = { user: user_dn_clean, dn: user_dn_raw, isProduction: is_production_user };
      assert.deepEqual(result, expected);
    },
  }),
  'job/submit': (recorded) => ({
    call: (client) => client.jobs.submit(validSpecs(Math.max(listOf(recorded).length, 1))),
    check: checkOutcomes,
    outcomes: true,
  }),
  'job/get_status': (recorded) => ({
    call: (client) => client.jobs.getStatus(idsOf(recorded)),
    check: (result) =>
      assert.deepEqual(
        result,
        listOf(recorded).map((entry, index) => {
          const { status, command } = entry as { status: string; command: string | null };
          const known = status !== 'unknown';
          return { pandaId: idsOf(recorded)[index], state: status, command: known ? command : null };
        }),
      ),
  }),
  'job/get_description': (recorded) => describeReplay(recorded, false),
  'job/get_description_incl_archive': (recorded) => describeReplay(recorded, true),
  'job/kill': (recorded) => ({
    call: (client) => client.jobs.kill(idsOf(recorded), codeOf(recorded)),
    check: (result) => assert.deepEqual(result, dataOf(recorded)),
  }),
  'job/reassign': (recorded) => ({
    call: (client) => client.jobs.reassign(idsOf(recorded)),
    check: nothing,
  }),
  'job/set_debug_mode': (recorded) => ({
    call: (client) => client.jobs.setDebugMode(idsOf(recorded)[0] ?? ID, bodyOf(recorded).mode !== false),
    check: nothing,
  }),
  'job/generate_offline_execution_script': (recorded) => ({
    call: (client) => client.jobs.generateOfflineExecutionScript(idsOf(recorded)[0] ?? ID),
    check: (result) => assert.equal(result, recorded.response.body),
  }),
  'statistics/active_job_stats_by_site': () => ({
    call: (client) => client.statistics.activeJobsBySite(),
    check: (result, recorded) => assert.deepEqual(result, withoutZeros(dataOf(recorded))),
    refusalResult: {},
  }),
  'metaconfig/get_site_specs': () => ({
    call: (client) => client.metaconfig.getSiteSpecs(),
    check: (result, recorded) => {
      const own = Object.entries(dataOf(recorded) as Record<string, Record<string, unknown>>)
        .filter(([, site]) => site.unified_name === null)
        .map(([name, site]) => [name, site.status, site.maxrss, site.coreCount, site]);
      const got = (result as { name: string; status: string; raw: unknown }[]).map((site) => site);
      assert.deepEqual(
        got.map(({ name, status, maxMemoryMB, coreCount, raw }: Record<string, unknown>) => [
          name,
          status,
          maxMemoryMB,
          coreCount,
          raw,
        ]),
        own.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
      );
    },
  }),
  'metaconfig/get_resource_types': () => ({
    call: (client) => client.metaconfig.getResourceTypes(),
    check: (result, recorded) =>
      assert.deepEqual(
        result,
        (dataOf(recorded) as Record<string, unknown>[]).map((type) => ({
          name: type.resource_name,
          minCores: type.mincore,
          maxCores: type.maxcore,
          minMemoryPerCoreMB: type.minrampercore,
          maxMemoryPerCoreMB: type.maxrampercore,
        })),
      ),
  }),
  'file_server/upload_cache_file': (recorded) => ({
    call: (client) => client.files.uploadCacheFile(fileNameOf(recorded), Buffer.from('content')),
    check: nothing,
  }),
  'file_server/touch_cache_file': (recorded) => ({
    call: (client) => client.files.touchCacheFile(fileNameOf(recorded)),
    check: (result) => assert.equal(result, true),
    refusalResult: false,
  }),
  'file_server/validate_cache_file': (recorded) => ({
    call: (client) =>
      client.files.validateCacheFile(
        messageOf(recorded).split(':')[2] ?? 'x',
        Number(bodyOf(recorded).file_size),
        String(bodyOf(recorded).checksum),
      ),
    check: (result) => assert.equal(result, true),
    refusalResult: false,
  }),
  'file_server/delete_cache_file': (recorded) => ({
    call: (client) => client.files.deleteCacheFile(fileNameOf(recorded)),
    check: nothing,
  }),
  'creds/set_user_secrets': () => ({
    call: (client) => client.creds.setUserSecret('MY_KEY', 'example value'),
    check: nothing,
  }),
  'creds/get_user_secrets': (recorded) => ({
    call: (client) => client.creds.getUserSecrets(keysOf(recorded)),
    check: (result) => assert.deepEqual(result, JSON.parse(String(dataOf(recorded)))),
  }),
  ...taskReplays,
};

/** What kind of error a refused or broken answer must become: written apart from the client's own rules. */
export function expectedKind({ response, request }: Recorded): PandaError['kind'] {
  const { status, body } = response;
  if (status === 414) return 'rejected';
  if (status === 404) return 'notFound';
  if (status === 403) return String(body).startsWith('ERROR : method') ? 'rejected' : 'unauthorised';
  if (status === 500) return 'protocol';
  if (typeof body === 'string') {
    return request.path.endsWith('generate_offline_execution_script') ? 'notFound' : 'protocol';
  }
  const { message } = body as { message: string };
  if (/jediTaskID=\d+ not found/.test(message)) return 'notFound';
  return /SSL secure|role required|missing production|not the task owner/.test(message)
    ? 'unauthorised'
    : 'rejected';
}

/** Whether an outcome or error tells a person what the server said. */
export function tells(text: string, { response }: Recorded): boolean {
  const { body, status } = response;
  const said = typeof body === 'string' ? body : (body as { message: string }).message;
  const head = said.replace(/^ERROR\s*:\s*/, '').split(/<python|<!DOCTYPE/)[0] ?? '';
  const words = head
    .slice(0, 40)
    .trim()
    .replace(/[.:\s]+$/, '');
  return (
    text.includes(words) ||
    (said.startsWith('SSL secure') && text.includes('does not know who asks')) ||
    (said.startsWith("{'") && text.includes('Python notation')) ||
    (status >= 400 && text.includes(String(status)))
  );
}

export function asError(error: unknown): PandaError {
  assert.ok(error instanceof PandaError, `not a PandaError: ${String(error)}`);
  assert.ok(!/Traceback|\/opt\/|<python|\.py\b/.test(`${error.message} ${error.advice}`), error.message);
  return error;
}

function describeReplay(recorded: Recorded, archive: boolean): Replay {
  return {
    call: (client) => client.jobs.describe(idsOf(recorded), { archive }),
    check: (result) => {
      const records = result as (JobRecord | null)[];
      const entries = listOf(recorded);
      assert.equal(records.length, entries.length);
      for (const [index, entry] of entries.entries()) {
        const record = records[index] ?? null;
        if (entry === null) {
          assert.equal(record, null);
          continue;
        }
        checkRecord(record, entry as Record<string, unknown>);
      }
    },
  };
}

function checkRecord(record: JobRecord | null, entry: Record<string, unknown>): void {
  assert.ok(record !== null);
  assert.deepEqual(record.unknown, {});
  for (const [name] of JOB_ATTRIBUTES) {
    assert.equal(record[name], plainValue(entry[name]), name);
  }
  const files = entry.Files as Record<string, unknown>[];
  assert.equal(record.files.length, files.length);
  for (const [index, file] of files.entries()) {
    for (const [name] of FILE_ATTRIBUTES) {
      assert.equal(record.files[index]?.[name], plainValue(file[name]), `${name} of file ${index}`);
    }
  }
}

function plainValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? Math.floor(Date.parse(`${String((value as { __datetime__: string }).__datetime__).slice(0, 23)}Z`))
    : (value ?? null);
}

function checkOutcomes(result: unknown, recorded: Recorded): void {
  const outcomes = result as SubmitOutcome[];
  for (const [index, entry] of listOf(recorded).entries()) {
    const [id, , third] = entry as [unknown, number, unknown];
    const outcome = outcomes[index];
    if (typeof id === 'number') {
      assert.equal(outcome?.kind === 'accepted' ? outcome.pandaId : undefined, id);
      const jobset = (third as { jobsetID?: unknown }).jobsetID;
      const expected = typeof jobset === 'number' ? jobset : null;
      assert.equal(outcome?.kind === 'accepted' ? outcome.jobsetId : undefined, expected);
    } else {
      assert.equal(outcome?.kind, 'refused');
    }
  }
}

export function validSpecs(jobs: number): JobSpec[] {
  return Array.from({ length: jobs }, (_, index) => ({
    jobName: `replay.${index}`,
    transformation: 'http://example.org/payload.sh',
    prodSourceLabel: 'user',
    prodUserName: 'Jane Doe',
    VO: 'lsst',
    files: [],
  }));
}

function dataOf({ response }: Recorded): unknown {
  return (response.body as { data: unknown }).data;
}

function messageOf({ response }: Recorded): string {
  return (response.body as { message: string }).message;
}

function listOf({ response }: Recorded): readonly unknown[] {
  const data: unknown = typeof response.body === 'object' ? (response.body as { data: unknown }).data : [];
  return Array.isArray(data) ? data : [];
}

function bodyOf({ request }: Recorded): Record<string, unknown> {
  return typeof request.body === 'object' && request.body !== null && !Array.isArray(request.body)
    ? (request.body as Record<string, unknown>)
    : {};
}

/** Ids as asked; where the request had none that a client would send, as many as were answered. */
function idsOf(recorded: Recorded): number[] {
  const body = bodyOf(recorded);
  const asked: unknown[] = [
    ...queryPairs(recorded.request).flatMap(([name, value]) => (name.startsWith('job_id') ? [value] : [])),
    ...(Array.isArray(body.job_ids) ? (body.job_ids as unknown[]) : []),
    ...(body.job_id === undefined ? [] : [body.job_id]),
  ];
  const isId = (id: unknown): id is number => Number.isSafeInteger(id) && Number(id) > 0;
  const entries = listOf(recorded);
  const wasEmpty = Array.isArray(body.job_ids) && body.job_ids.length === 0;
  if (wasEmpty && Array.isArray(dataOf(recorded))) {
    return [];
  }
  if (asked.length > 0 && asked.every(isId)) {
    return asked;
  }
  return Array.from({ length: Math.max(entries.length, 1) }, (_, index) => ID + index);
}

function codeOf(recorded: Recorded): { readonly code?: number } {
  const { code } = bodyOf(recorded);
  return typeof code === 'number' ? { code } : {};
}

function keysOf({ request }: Recorded): string[] | undefined {
  const keys = queryPairs(request).map(([, value]) => String(value));
  return keys.length === 0 ? undefined : keys;
}

function fileNameOf(recorded: Recorded): string {
  const touched = bodyOf(recorded).file_name;
  const name =
    recorded.request.body_multipart?.filename ?? (typeof touched === 'string' ? touched : 'a.tar.gz');
  return name.split('/').at(-1) ?? '';
}

function withoutZeros(data: unknown): unknown {
  return Object.fromEntries(
    Object.entries(data as Record<string, Record<string, number>>).map(([site, counts]) => [
      site,
      Object.fromEntries(Object.entries(counts).filter(([, jobs]) => jobs > 0)),
    ]),
  );
}
