import type { BulkOptions, CallOptions, JobsApi, JobStatus } from '../api.ts';
import type { ApiCall, ApiCaller } from '../apiCaller.ts';
import { chunksOf, inChunks } from './bulk.ts';
import { isObject, protocolError, refusal, withCameBack } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import type { JobRecord } from './record.ts';
import { debugModeWasSet, isWhole, offlineScript, statusCommand } from '../wire/quirks.ts';
import { cleanText } from '../text/cleanText.ts';
import { count } from '../text/words.ts';
import type { RetryTools } from '../http/retry.ts';
import { createSubmit } from './submit.ts';
import { decodeJob } from '../wire/decode.ts';

/** Ids in one POST: about a megabyte of descriptions, three seconds of a real server. */
const IDS_PER_CALL = 300;
/** Ids in one kill: nine seconds of a real server, of the two minutes that a call may take. */
const KILLS_PER_CALL = 500;
/** Ids in one GET: web servers refuse request lines over 8,190 characters, which 431 ids of ten digits reach. */
const IDS_PER_QUERY = 350;
const QUERY_CHARACTERS = 7_500;

export function createJobsApi(caller: ApiCaller, tools: RetryTools, abortGraceMs: number): JobsApi {
  return {
    submit: createSubmit(caller, tools, abortGraceMs),
    describe: (ids, options = {}) => describe(caller, ids, options),
    getStatus: (ids, options = {}) => getStatus(caller, ids, options),
    kill: (ids, options = {}) => kill(caller, ids, options),
    reassign: (ids, options = {}) => reassign(caller, ids, options),
    setDebugMode: (id, on, options = {}) => setDebugMode(caller, id, on, options),
    generateOfflineExecutionScript: (id, options = {}) => offlineExecutionScript(caller, id, options),
  };
}

async function describe(
  caller: ApiCaller,
  ids: readonly number[],
  options: BulkOptions & { readonly archive?: boolean },
): Promise<readonly (JobRecord | null)[]> {
  checkIds(ids, 'describe jobs');
  const path = options.archive === true ? 'job/get_description_incl_archive' : 'job/get_description';
  return inChunks(chunksOf(ids, IDS_PER_CALL), options, async (chunk, signal) => {
    const call: ApiCall = {
      path,
      tried: `get the descriptions of ${count(chunk.length)}`,
      body: { job_ids: chunk },
      reads: true,
      signal,
    };
    const data = whole(await caller.data(call), chunk.length, caller, call);
    return data.map((raw, index) => {
      const record = raw === null ? null : decodeJob(raw);
      if (raw !== null && record?.PandaID !== chunk[index]) {
        throw protocolError(caller.facts(call), `the answer does not describe job ${chunk[index] ?? ''}`);
      }
      return record;
    });
  });
}

async function getStatus(
  caller: ApiCaller,
  ids: readonly number[],
  options: BulkOptions,
): Promise<readonly JobStatus[]> {
  checkIds(ids, 'get the status of jobs');
  const longest = ids.reduce((most, id) => Math.max(most, String(id).length), 1);
  const perCall = Math.min(IDS_PER_QUERY, Math.floor(QUERY_CHARACTERS / (longest + '&job_ids='.length)));
  return inChunks(chunksOf(ids, perCall), options, async (chunk, signal) => {
    const call: ApiCall = {
      path: 'job/get_status',
      tried: `get the status of ${count(chunk.length)}`,
      query: { job_ids: chunk },
      reads: true,
      signal,
    };
    const data = whole(await caller.data(call), chunk.length, caller, call);
    return chunk.map((pandaId, index) => {
      const entry = data[index];
      if (!isObject(entry) || typeof entry.status !== 'string') {
        throw protocolError(caller.facts(call), `the answer has no status for job ${pandaId}`);
      }
      return { pandaId, state: entry.status, command: statusCommand(entry.status, entry.command) };
    });
  });
}

async function kill(
  caller: ApiCaller,
  ids: readonly number[],
  options: BulkOptions & { readonly code?: number },
): Promise<readonly boolean[]> {
  checkIds(ids, 'cancel jobs');
  let asked = 0;
  const noting: BulkOptions = {
    ...options,
    onProgress: (done, total) => {
      asked = done;
      options.onProgress?.(done, total);
    },
  };
  const answers = inChunks(chunksOf(ids, KILLS_PER_CALL), noting, async (chunk, signal) => {
    const call: ApiCall = {
      path: 'job/kill',
      tried: `cancel ${count(chunk.length)}`,
      body: { job_ids: chunk, ...(options.code === undefined ? {} : { code: options.code }) },
      reads: false,
      signal,
    };
    const data = whole(await caller.data(call), chunk.length, caller, call);
    return data.map((answer) => {
      if (typeof answer !== 'boolean') {
        throw protocolError(caller.facts(call), 'the answer does not say yes or no for each job');
      }
      return answer;
    });
  });
  return answers.catch((error: unknown) => {
    // A change that failed when part of it was done has to say so.
    throw error instanceof PandaError && asked > 0
      ? withCameBack(error, `${error.cameBack}; ${asked} of ${ids.length} jobs had been asked to end before`)
      : error;
  });
}

async function reassign(caller: ApiCaller, ids: readonly number[], options: BulkOptions): Promise<void> {
  checkIds(ids, 'reassign jobs');
  await inChunks(chunksOf(ids, IDS_PER_CALL), options, async (chunk, signal) => {
    await caller.data({
      path: 'job/reassign',
      tried: `reassign ${count(chunk.length)}`,
      body: { job_ids: chunk },
      reads: false,
      signal,
    });
    return [];
  });
}

async function setDebugMode(
  caller: ApiCaller,
  pandaId: number,
  on: boolean,
  options: CallOptions,
): Promise<void> {
  checkIds([pandaId], 'set the debug mode of a job');
  const call: ApiCall = {
    path: 'job/set_debug_mode',
    tried: `turn debug mode ${on ? 'on' : 'off'} for job ${pandaId}`,
    body: { job_id: pandaId, mode: on },
    reads: false,
    signal: options.signal,
  };
  const envelope = await caller.envelope(call);
  if (!debugModeWasSet(envelope.message)) {
    throw refusal(envelope, caller.facts(call));
  }
}

async function offlineExecutionScript(
  caller: ApiCaller,
  pandaId: number,
  options: CallOptions & { readonly days?: number },
): Promise<string> {
  checkIds([pandaId], 'get the offline script of a job');
  const call: ApiCall = {
    path: 'job/generate_offline_execution_script',
    tried: `get the offline script of job ${pandaId}`,
    query: { job_id: pandaId, ...(options.days === undefined ? {} : { days: options.days }) },
    reads: true,
    signal: options.signal,
  };
  const text = await caller.json(call);
  const facts = caller.facts(call);
  if (typeof text !== 'string') {
    throw protocolError(facts, 'the answer is not a script');
  }
  const script = offlineScript(text);
  if (script === null) {
    throw new PandaError({
      kind: 'notFound',
      tried: facts.tried,
      cameBack: cleanText(text),
      advice: 'Check the PandaID, or look further back with more days',
      status: 200,
    });
  }
  return script;
}

function whole(data: unknown, asked: number, caller: ApiCaller, call: ApiCall): readonly unknown[] {
  if (!isWhole(data, asked)) {
    const entries = Array.isArray(data) ? `${data.length} entries` : 'no list';
    throw protocolError(caller.facts(call), `${entries} came for ${asked} jobs`);
  }
  return data;
}

function checkIds(ids: readonly number[], tried: string): void {
  const bad = ids.find((id) => !Number.isSafeInteger(id) || id <= 0);
  if (bad !== undefined) {
    throw new PandaError({
      kind: 'rejected',
      tried,
      cameBack: `${bad} is not a PandaID`,
      advice: 'Give whole, positive numbers',
    });
  }
}
