import assert from 'node:assert/strict';
import type { SandboxServerOptions } from '../../../../src/sandbox/server/server.ts';
import { openSandbox, type Envelope } from './sandbox.ts';

export type TaskMap = Readonly<Record<string, unknown>>;

/** Parameters of a script task as PanDA's own client makes them; three jobs of one output each. */
export function scriptTask(changes: TaskMap = {}): TaskMap {
  const taskName = typeof changes.taskName === 'string' ? changes.taskName : 'user.tester.t1/';
  const base = taskName.slice(0, -1);
  const lfn = 'user.tester.$JEDITASKID._${SN/P}.out.txt';
  return {
    taskName,
    uniqueTaskName: true,
    vo: 'lsst',
    architecture: '',
    transUses: '',
    transHome: null,
    processingType: 'panda-client-2.2.0-jedi-run',
    prodSourceLabel: 'user',
    site: 'SANDBOX',
    excludedSite: [],
    includedSite: null,
    nEvents: 3,
    nEventsPerJob: 1,
    noInput: true,
    cliParams: 'prun --exec "./run.sh %RNDM:5"',
    log: {
      dataset: `${base}.log/`,
      container: `${base}.log/`,
      type: 'template',
      param_type: 'log',
      value: `${base}.log.$JEDITASKID.\${SN}.log.tgz`,
    },
    jobParameters: [
      { type: 'constant', value: '-j "" --sourceURL ${SURL}' },
      { type: 'constant', value: '-r .' },
      { type: 'constant', value: '__delimiter__', hidden: true },
      { type: 'constant', value: '-a jobO.x.tar.gz' },
      {
        type: 'template',
        value: lfn,
        param_type: 'output',
        dataset: `${base}_out.txt/`,
        container: `${base}_out.txt/`,
        hidden: true,
      },
      { type: 'constant', value: `-o "{'out.txt': '${lfn}'}"` },
      { type: 'constant', value: '-p "', padding: false },
      { type: 'constant', value: './run.sh%20', padding: false },
      {
        type: 'template',
        value: '${SEQNUMBER}',
        param_type: 'pseudo_input',
        dataset: 'seq_number',
        offset: 5,
        padding: false,
      },
      { type: 'constant', value: '"' },
    ],
    ...changes,
  };
}

/** A sandbox whose tasks go on only when told, and whose jobs end as they are told. */
export async function openTaskSandbox(options: Partial<SandboxServerOptions> = {}) {
  const sandbox = await openSandbox({ taskDelay: 0, ...options });
  const { call, server } = sandbox;

  const jobsOf = async (id: number): Promise<readonly JobFacts[]> => {
    const { data } = await call(`task/get_job_descriptions?task_id=${id}`);
    return (data as JobFacts[]).sort((a, b) => a.PandaID - b.PandaID);
  };

  /** Ends a job as a pilot would. */
  async function end(job: JobFacts, state: 'finished' | 'failed'): Promise<void> {
    const facts = { guid: 'a1b2c3d4-0000-4000-8000-000000000009', fsize: 100, adler32: '0badcafe' };
    const files = job.Files.filter(({ type }) => type === 'output' || type === 'log');
    const report = JSON.stringify(Object.fromEntries(files.map(({ lfn }) => [lfn, facts])));
    await sandbox.update(job.PandaID, 'running');
    const more =
      state === 'finished' ? { trans_exit_code: 0, job_output_report: report } : { trans_exit_code: 3 };
    await sandbox.update(job.PandaID, state, more);
    server.background.addOutputs(0);
  }

  return {
    ...sandbox,
    jobsOf,
    end,
    submitTask: async (map: TaskMap): Promise<number> => {
      const answer = await call('task/submit', { task_parameters: map });
      assert.ok(answer.success, answer.message);
      return answer.data as number;
    },
    /** Takes steps of the engine, and sets up the jobs it made. */
    step: (steps = 1): void => {
      for (let done = 0; done < steps; done++) server.tasks.step();
      sandbox.setUp();
    },
    command: (name: string, id: number, more: object = {}): Promise<Envelope> =>
      call(`task/${name}`, { task_id: id, ...more }),
    status: async (id: number): Promise<string | null> =>
      (await call(`task/get_status?task_id=${id}`)).data as string | null,
    details: async (id: number): Promise<TaskMap> =>
      (await call(`task/get_details?task_id=${id}`)).data as TaskMap,
    info: async (id: number): Promise<TaskMap> =>
      (await call(`task/get_detailed_info?task_id=${id}`)).data as TaskMap,
    /** Ends all jobs of a task that have not ended. */
    endAll: async (id: number, state: 'finished' | 'failed'): Promise<void> => {
      for (const job of await jobsOf(id)) if (!isEnded(job)) await end(job, state);
    },
  };
}

/** Steps from a submission to jobs: taken up, defined, inputs laid out, jobs made. */
export const TO_JOBS = 4;

/** The id of a task that has made its jobs. */
export async function startTask(sandbox: TaskSandbox, changes: TaskMap = {}): Promise<number> {
  const id = await sandbox.submitTask(scriptTask(changes));
  sandbox.step(TO_JOBS);
  return id;
}

export type TaskSandbox = Awaited<ReturnType<typeof openTaskSandbox>>;

export interface JobFacts {
  readonly PandaID: number;
  readonly jobStatus: string;
  readonly jobName: string;
  readonly jobParameters: string;
  readonly transformation: string;
  readonly attemptNr: number;
  readonly parentID: number | null;
  readonly Files: readonly { readonly lfn: string; readonly type: string; readonly dataset: string }[];
  readonly [attribute: string]: unknown;
}

export function isEnded({ jobStatus }: JobFacts): boolean {
  return ['finished', 'failed', 'cancelled', 'closed'].includes(jobStatus);
}
