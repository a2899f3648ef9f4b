import type { SandboxConnection } from '../api.ts';
import { readConnection } from '../connectionFile.ts';
import { isObject, parseObject } from '../json.ts';
import type { Http } from './http.ts';
import { parsePilotJob, type ParsedJob } from './pilotJob.ts';

/** Fields of one `update_job` call, by their names on the wire; undefined ones are not sent. */
export interface JobUpdateFields {
  readonly job_id: number;
  readonly job_status: 'starting' | 'running' | 'finished' | 'failed';
  readonly attempt_nr: number;
  readonly [field: string]: string | number | undefined;
}

export type UpdateAnswer =
  /** Taken; the words the server sent along (`tobekilled`, `alreadydone`, `debug`, …). */
  | { readonly kind: 'taken'; readonly commands: ReadonlySet<string> }
  /** The server understood and will not have it: repeating the same is of no use. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No server, no answer, or one that asks for another try. */
  | { readonly kind: 'noAnswer'; readonly reason: string };

/** The server as the pilot sees it: found through `sandbox.json`, looked up again whenever it does not answer. */
export interface ServerLink {
  /** Where the server is, or was last; empty when that was never known. */
  locate(): Promise<string>;
  acquire(site: string, label: string, count: number, node: string): Promise<AcquireAnswer>;
  update(fields: JobUpdateFields): Promise<UpdateAnswer>;
}

export type AcquireAnswer =
  | { readonly kind: 'jobs'; readonly jobs: readonly ParsedJob[] }
  | { readonly kind: 'noAnswer'; readonly reason: string };

const ORIGIN = 'lsst';
const SCHEDULER = 'desc-panda-sandbox';
/** StatusCode of the protocol: 10 time-out, 30 failed; both ask for another try. */
const TRY_AGAIN: ReadonlySet<unknown> = new Set([10, 30]);

export function createServerLink(connectionFile: string, http: Http): ServerLink {
  let connection: SandboxConnection | undefined;
  let lastUrl = '';

  async function connect(): Promise<SandboxConnection | undefined> {
    connection ??= await readConnection(connectionFile);
    lastUrl = connection?.url ?? lastUrl;
    return connection;
  }

  async function call(method: string, body: unknown): Promise<Envelope | string> {
    try {
      const server = await connect();
      if (server === undefined) return 'no sandbox is running';
      const answer = await http.post(
        `${server.url}/api/v1/pilot/${method}`,
        { Authorization: `Bearer ${server.token}`, Origin: ORIGIN },
        body,
      );
      // Another server on our old port, or ours with another token: look it up again.
      if (answer.status === 403) connection = undefined;
      if (answer.status !== 200) return `HTTP status ${answer.status}`;
      return parseEnvelope(answer.text) ?? 'the answer is not PanDA’s';
    } catch (error) {
      connection = undefined;
      return error instanceof Error ? error.message : String(error);
    }
  }

  return {
    locate: async () => {
      try {
        await connect();
      } catch {
        // The call that needs the server says what is wrong.
      }
      return lastUrl;
    },
    acquire: async (site, label, count, node) => {
      const answer = await call('acquire_jobs', {
        site_name: site,
        prod_source_label: label,
        n_jobs: count,
        node,
        scheduler_id: SCHEDULER,
      });
      if (typeof answer === 'string') return { kind: 'noAnswer', reason: answer };
      const jobs = answer.data?.jobs;
      return { kind: 'jobs', jobs: Array.isArray(jobs) ? jobs.map(parsePilotJob) : [] };
    },
    update: async (fields) => {
      const answer = await call('update_job', { ...fields, scheduler_id: SCHEDULER });
      if (typeof answer === 'string') return { kind: 'noAnswer', reason: answer };
      const code = answer.data?.StatusCode;
      if (TRY_AGAIN.has(code))
        return { kind: 'noAnswer', reason: `${answer.message} (status code ${String(code)})` };
      if (!answer.success || code !== 0) return { kind: 'refused', reason: answer.message };
      return { kind: 'taken', commands: splitCommands(answer.data?.command) };
    },
  };
}

/** The words of a command field: joined by commas, `NULL` for none. */
export function splitCommands(command: unknown): ReadonlySet<string> {
  if (typeof command !== 'string') return new Set();
  const words = command.split(',').map((word) => word.trim());
  return new Set(words.filter((word) => word !== '' && word !== 'NULL'));
}

interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

function parseEnvelope(text: string): Envelope | undefined {
  const fields = parseObject(text);
  if (fields === undefined || typeof fields.success !== 'boolean') return undefined;
  const { success, message, data } = fields;
  return {
    success,
    message: typeof message === 'string' ? message : '',
    data: isObject(data) ? data : undefined,
  };
}
