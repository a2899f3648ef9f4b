import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPandaClient } from '../../../../src/panda/index.ts';
import type { CallContext, Job } from '../../../../src/pipeline/rmi/index.ts';
import { EMPTY_JOB } from '../../../../src/pipeline/rmi/index.ts';
import { openJournal } from '../../../../src/pipeline/service/journal.ts';
import type { ServiceJournal } from '../../../../src/pipeline/service/journal.ts';
import { createJobControlService } from '../../../../src/pipeline/service/service.ts';
import type {
  JobControlService,
  JobControlServiceOptions,
} from '../../../../src/pipeline/service/service.ts';
import { createStagingStores } from '../../../../src/staging/index.ts';
import { createTransformations } from '../../../../src/transformations/index.ts';
import { createJobFiles, createSubmissionJournal, findLog } from '../../../../src/watch/index.ts';
import { readPayloadSource } from '../../transformations/payloadSources.ts';
import { FakeClock } from '../../watch/fakeClock.ts';
import { startSubmissionServer } from '../../watch/submission/server.ts';
import type { SubmissionServer } from '../../watch/submission/server.ts';

/** A job control service on a PanDA with faults, its clock standing still. */
export interface ServiceWorld {
  readonly folder: string;
  readonly panda: SubmissionServer;
  readonly journal: ServiceJournal;
  readonly clock: FakeClock;
  readonly service: JobControlService;
  readonly events: string[];
  /** Changes of the journal fail with this while it is set. */
  journalTrouble: Error | undefined;
  dispose(): Promise<void>;
}

export const CALL: CallContext = {
  caller: { address: '127.0.0.1', port: 1 },
  signal: new AbortController().signal,
  deadline: Infinity,
};

export function jobOf(instance: number, more: Partial<Job> = {}): Job {
  const env = new Map([
    ['PIPELINE_PROCESSINSTANCE', String(instance)],
    ['PIPELINE_STREAM', '1.2'],
    ['PIPELINE_TASK', 'phosim'],
    ...(more.env ?? []),
  ]);
  const files = new Map([['pipeline_wrapper', 'echo hi\n']]);
  return { ...EMPTY_JOB, command: 'bash pipeline_wrapper', files, ...more, env };
}

export async function openServiceWorld(
  options: Partial<JobControlServiceOptions> = {},
): Promise<ServiceWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcontrol-'));
  await mkdir(join(folder, 'data'));
  const panda = await startSubmissionServer();
  const opened = openJournal(join(folder, 'journal.sqlite'));
  const clock = new FakeClock();
  const events: string[] = [];
  const journal: ServiceJournal = {
    ...opened,
    change(number, change) {
      if (world.journalTrouble !== undefined && 'step' in change) throw world.journalTrouble;
      opened.change(number, change);
    },
  };
  const { profile } = panda;
  const client = createPandaClient(profile, { delay: () => Promise.resolve() });
  const deps = {
    client,
    profile,
    clock,
    journal: createSubmissionJournal(join(folder, 'submissions')),
    random: Math.random,
    stores: createStagingStores(),
    uploadsFolder: join(folder, 'uploads'),
  };
  const jobFiles = createJobFiles(client, deps);
  const transformations = createTransformations(readPayloadSource);
  const service = createJobControlService({
    user: 'glast',
    account: {
      client,
      deps,
      jobFiles,
      findLog: findLog(client, deps, jobFiles),
      transformations,
      sandbox: true,
      staged: false,
    },
    journal,
    folder: join(folder, 'jobs'),
    roots: [join(folder, 'data')],
    obliterate: false,
    settling: { lookupPauses: [0], settledAfter: 60_000 },
    cacheMs: 60_000,
    tell: (_level, event) => events.push(event),
    ...options,
  });
  const world: ServiceWorld = {
    folder,
    panda,
    journal,
    clock,
    service,
    events,
    journalTrouble: undefined,
    async dispose() {
      client.dispose();
      opened.close();
      await panda.close();
      await rm(folder, { recursive: true });
    },
  };
  return world;
}
