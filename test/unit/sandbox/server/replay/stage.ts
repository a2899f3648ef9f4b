import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Authentication } from '../../../../../src/sandbox/server/identity.ts';
import { sandboxLayout } from '../../../../../src/sandbox/layout.ts';
import { startSandboxServer, type SandboxServer } from '../../../../../src/sandbox/server/server.ts';
import { openStore } from '../../../../../src/sandbox/server/store/store.ts';
import { rawCall } from '../rawCall.ts';
import { submissionText, type JobFacts } from '../wireJobs.ts';
import { PILOT, RECORDED_SITES } from './deployment.ts';

/** A job to be there before an exchange. */
export interface Prepared {
  /** Its PandaID in the recording. */
  readonly recordedId?: number;
  readonly facts: JobFacts;
  readonly state:
    | 'activated'
    | 'sent'
    | 'starting'
    | 'running'
    | 'transferring'
    | 'holding'
    | 'finished'
    | 'failed'
    | 'cancelled';
}

const NODE = 'node1.example.org';

/** A sandbox that plays the recorded server, its clock and background work moved by hand. */
export async function openStage() {
  const folder = await mkdtemp(path.join(tmpdir(), 'desc-panda-replay-'));
  countTasksFromOne(folder);
  let time = Date.UTC(2026, 10, 23, 2, 43, 42, 102);
  let asking: Authentication = { kind: 'anonymous' };
  const server: SandboxServer = await startSandboxServer({
    dataFolder: folder,
    owner: 'nobody',
    sites: RECORDED_SITES,
    authenticate: () => asking,
    now: () => (time += 3),
    runsBackground: false,
  });
  /** Ours by recorded id, and the other way round. */
  const ours = new Map<number, number>();
  const recorded = new Map<number, number>();

  function map(recordedId: number, ourId: number): void {
    ours.set(recordedId, ourId);
    recorded.set(ourId, recordedId);
  }

  function setUp(): void {
    while (server.background.setUp() !== undefined);
  }

  async function asPilot(method: string, body: unknown): Promise<unknown> {
    const before = asking;
    asking = { kind: 'known', identity: PILOT };
    const answer = await rawCall(server.url, {
      method: 'POST',
      path: `/api/v1/${method}`,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    asking = before;
    return (JSON.parse(answer.text) as { data: unknown }).data;
  }

  async function submit(jobs: readonly Prepared[]): Promise<readonly number[]> {
    const text = submissionText(jobs.map(({ facts }) => facts));
    const entries = (await asPilot('job/submit', { jobs: text })) as [number][];
    setUp();
    return entries.map(([id], index) => {
      const { recordedId } = jobs[index]!;
      if (recordedId !== undefined) map(recordedId, id);
      return id;
    });
  }

  /** Leads a job through the states a pilot would lead it through. */
  async function lead({ facts, state }: Prepared, id: number): Promise<void> {
    if (state === 'activated') return;
    if (state === 'cancelled') {
      await asPilot('job/kill', { job_ids: [id], code: 9 });
      return;
    }
    const { computingSite: site_name, prodSourceLabel: prod_source_label } = facts;
    await asPilot('pilot/acquire_jobs', { site_name, prod_source_label, node: NODE });
    const steps = {
      sent: [],
      starting: ['starting'],
      running: ['running'],
      transferring: ['running', 'transferring'],
      holding: ['running', 'finished'],
      finished: ['running', 'finished'],
      failed: ['running', 'failed'],
    }[state];
    for (const step of steps) {
      const end =
        step === 'finished' ? { trans_exit_code: 0, job_output_report: goodReport(facts.jobName) } : {};
      await asPilot('pilot/update_job', { job_id: id, job_status: step, ...end });
    }
    if (state === 'finished' || state === 'failed') server.background.addOutputs(0);
  }

  return {
    server,
    ours,
    recorded,
    map,
    setUp,
    asPilot,
    cacheFile: (name: string, content: Uint8Array) => writeFile(path.join(folder, 'cache', name), content),
    /** Jobs of one call, each then led to its state. */
    prepare: async (jobs: readonly Prepared[]): Promise<void> => {
      const ids = await submit(jobs);
      for (const [index, job] of jobs.entries()) await lead(job, ids[index]!);
    },
    /** A job that is there already, led on. */
    leadOn: (recordedId: number, prepared: Prepared) => lead(prepared, ours.get(recordedId)!),
    /** The identity of the next requests. */
    act: (who: Authentication): void => {
      asking = who;
    },
    close: async (): Promise<void> => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Ids of tasks stand in texts, too: in a new store they begin as in the recording. */
function countTasksFromOne(folder: string): void {
  const store = openStore(sandboxLayout(folder).database);
  store.setSetting('nextTaskId', '1');
  store.close();
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

function goodReport(jobName: string): string {
  const facts = { guid: 'a1b2c3d4-0000-4000-8000-000000000009', fsize: 100, adler32: '0badcafe' };
  return JSON.stringify({ [`${jobName}.job.log.tgz`]: facts });
}
