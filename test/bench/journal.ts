import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
} from '../../src/pipeline/rmi/index.ts';
import type { JobControlRemote } from '../../src/pipeline/rmi/index.ts';
import type { JobFacts } from '../../src/pipeline/service/facts.ts';
import { placeOf } from '../../src/pipeline/service/identity.ts';
import { openJournal } from '../../src/pipeline/service/journal.ts';
import { SERVICE, USER } from '../interop/jobControlDaemon.ts';
import { until } from '../support/until.ts';
import { daemonOn } from './daemon.ts';
import { atLeast, atMost, timed } from './part.ts';
import type { BenchPart, Report } from './part.ts';
import { withSandbox } from './realSandbox.ts';
import type { RealSandbox } from './realSandbox.ts';

const JOBS = 100_000;
/** Of them, that are asked for at each poll. */
const RUNNING = 1000;
const FIRST_ID = 6_900_000_000;
const CALLS = 2000;

/** The daemon with a journal that holds nothing, then with 100,000 jobs. */
export const journal: BenchPart = {
  name: 'journal',
  run: (report) =>
    withSandbox(0, async (sandbox) => {
      for (const jobs of [0, JOBS]) await startWith(sandbox, jobs, report);
    }),
};

async function startWith(sandbox: RealSandbox, jobs: number, report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'desc-panda-bench-'));
  const { daemon, journalFile } = await daemonOn(sandbox, folder);
  const client = createRmiClient();
  const what = `${jobs.toLocaleString('en')} jobs in the journal`;
  try {
    if (jobs > 0) fill(journalFile, jobs);
    let port = 0;
    const started = await timed(async () => (port = await daemon.start()));
    report(atMost(`${what}, until calls are taken`, started, 'ms', 3000));
    const polled = (): Promise<boolean> => Promise.resolve(daemon.log.some(({ event }) => event === 'poll'));
    const more = await timed(() => until('the first poll', polled));
    report(atMost(`${what}, until PanDA was asked for those that run`, started + more, 'ms', null));
    const ref = await createRegistryClient(client, { host: '127.0.0.1', port }).lookup(SERVICE);
    if (jobs > 0) await ask(createJobControlClient(client, ref), what, report);
    report(atMost(`${what}, memory of the daemon`, residentMB(daemon.pid), 'MB', 200));
  } finally {
    client.close();
    await daemon.end('SIGTERM');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function ask(service: JobControlRemote, what: string, report: Report): Promise<void> {
  const id = (index: number): string => String(FIRST_ID + ((index * 7919) % JOBS));
  const one = await timed(async () => {
    for (let call = 0; call < CALLS; call += 1) await service.status(id(call));
  });
  report(atLeast(`${what}, status`, CALLS / (one / 1000), 'calls/s', null));
  const ids = Array.from({ length: 100 }, (_, index) => id(index));
  const many = await timed(async () => {
    for (let call = 0; call < CALLS / 100; call += 1) await service.arrayStatus(ids);
  });
  report(atLeast(`${what}, arrayStatus of 100`, CALLS / 100 / (many / 1000), 'calls/s', null));
}

/** Jobs that ended, but the last. */
function fill(file: string, jobs: number): void {
  const opened = openJournal(file);
  const now = Date.now();
  opened.database.transaction(() => {
    for (let index = 0; index < jobs; index += 1) {
      const instance = String(10_000_000 + index);
      const directory = `/data/desc/DESC-phosim/${Math.floor(index / 1000)}/${instance}`;
      const identity = { task: 'DESC-phosim', instance, stream: String(index), execution: '' };
      const files = { directory, workingDirectory: directory, logFile: 'logFile.txt' };
      const { number } = opened.receive(
        USER,
        { identity, place: placeOf({ env: new Map() }, identity), digest: instance.repeat(8), ...files },
        now,
      );
      const jobName = `phosim_${instance}.mbx${index.toString(36)}.1`;
      opened.change(number, { step: 'accepted', submitted: now, pandaId: FIRST_ID + index, jobName });
      const ended = index < jobs - RUNNING;
      opened.database.run(
        'UPDATE jobs SET facts = ?, ended = ?, endedAt = ? WHERE number = ?',
        ...[JSON.stringify(factsOf(ended, now)), Number(ended), ended ? now : null, number],
      );
    }
  });
  opened.close();
}

function factsOf(ended: boolean, now: number): JobFacts {
  return {
    state: ended ? 'finished' : 'running',
    cancelRequested: false,
    host: 'wn0001.slac.stanford.edu',
    site: 'SLAC_TEST',
    created: now,
    started: now,
    ended: ended ? now : null,
    cpuSeconds: 3600,
    memoryKB: 2_000_000,
    swapKB: 0,
    exitCode: ended ? 0 : null,
    error: null,
  };
}

/** Memory that a process has; not known but on Linux. */
function residentMB(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return Number.NaN;
  const kB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kB) / 1000;
}
