import type { Profile } from '../../../src/panda/index.ts';

/** A call of the API that servers have retired: its name, and its form. */
export interface OldCall {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** What a server of its time answered, as JSON. */
export type OldAnswer = Readonly<Record<string, unknown>>;

interface Envelope {
  readonly success: boolean;
  readonly message: string;
  readonly data: unknown;
}

/** The old answer to `getJob` where there is none. */
const NO_JOBS = 20;

/**
 * Answers the calls of a pilot of 2023 by those that servers have now. It shows what such a pilot lacks, and nothing
 * but names and wrapping. Undefined for a call that has no successor here.
 */
export function translateOldCall({ server, authentication }: Profile) {
  const call = async (method: string, body: Readonly<Record<string, unknown>>): Promise<Envelope> => {
    if (authentication.kind !== 'token') throw new Error('the sandbox wants a token');
    const response = await fetch(`${server}/api/v1/${method}`, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        Authorization: `Bearer ${await authentication.token()}`,
        Origin: authentication.origin,
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Envelope;
  };

  return async ({ name, values }: OldCall): Promise<OldAnswer | undefined> => {
    switch (name) {
      case 'getJob': {
        const { success, message, data } = await call('pilot/acquire_jobs', {
          ...renamed(values),
          n_jobs: 1,
        });
        const job = (data as { jobs: OldAnswer[] } | null)?.jobs[0];
        if (success && job !== undefined) return job;
        if (message !== 'No jobs in PanDA') throw new Error(`getJob: ${message}`);
        return { StatusCode: NO_JOBS, errorDialog: message };
      }
      case 'updateJob': {
        const { success, data, message } = await call('pilot/update_job', renamed(values));
        if (!success) throw new Error(`updateJob: ${message}`);
        return data as OldAnswer;
      }
      default:
        return undefined;
    }
  };
}

/** What is called otherwise now than by the same words in another spelling. */
const RENAMED: Readonly<Record<string, string>> = {
  state: 'job_status',
  xml: 'job_output_report',
  mem: 'memory',
};

/** What nobody asks for any more. */
const GONE: ReadonlySet<string> = new Set(['timestamp', 'workingGroup', 'cpu', 'allowOtherCountry']);

/** Texts that may look like numbers. */
const TEXTS: ReadonlySet<string> = new Set([
  'batch_id',
  'node',
  'pilot_id',
  'scheduler_id',
  'stdout',
  'start_time',
  'end_time',
]);

function renamed(values: OldCall['values']): Readonly<Record<string, string | number>> {
  const said = [...values].filter(([name, value]) => !GONE.has(name) && value !== '' && value !== 'None');
  return Object.fromEntries(
    said.map(([old, value]) => {
      const name = RENAMED[old] ?? old.replace(/([a-z])([A-Z])/gu, '$1_$2').toLowerCase();
      return [name, TEXTS.has(name) ? value : typed(name, value)];
    }),
  );
}

/** Calls are typed now; of decimals only the conversion factor keeps its fraction. */
function typed(name: string, value: string): string | number {
  if (!/^-?\d+(?:\.\d+)?$/u.test(value)) return value;
  return name === 'cpu_conversion_factor' ? Number(value) : Math.trunc(Number(value));
}
