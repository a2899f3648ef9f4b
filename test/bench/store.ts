import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { createJobStore } from '../../src/watch/index.ts';
import type { Grouping, JobStore, JobUpdate } from '../../src/watch/index.ts';
import { atMost, median, timed } from './part.ts';
import type { BenchPart, Report } from './part.ts';

const firstId = 6_900_000_000;
const states = ['finished', 'finished', 'finished', 'failed', 'running', 'activated', 'holding'];
const groupings: readonly Grouping[] = ['state', 'submission', 'site', 'day'];
const pageSize = 200;

/** Jobs as they are: names of their own, a thousand to a submission, a minute between submissions. */
function* jobs(count: number): Generator<JobUpdate> {
  for (let index = 0; index < count; index += 1) {
    const submission = Math.floor(index / 1000);
    const created = 1_790_000_000_000 + submission * 60_000 + (index % 1000);
    const state = states[index % states.length] ?? 'unknown';
    yield {
      pandaId: firstId + index,
      jobName: `visit${900_000 + submission}_R${index % 189}_S${index % 1000}.${(created - (index % 1000)).toString(36)}aa.${(index % 1000) + 1}`,
      state,
      site: `SITE_${index % 20}`,
      transformation: `https://host/cache/script-${index % 3}.sh`,
      creationTime: created,
      startTime: created + 40_000,
      endTime: state === 'finished' ? created + 240_000 : null,
      modificationTime: created + 240_000,
      error: state === 'failed' ? `trans:${index % 50}` : null,
      attempt: 1,
    };
  }
}

/** Bytes in use by whatever is held now. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  // Twice: memory of arrays is given back when the objects that held it were swept.
  runInNewContext('gc(); gc();');
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A thousand jobs all over the store, each in a state it was not in before. */
function thousandChanges(count: number, round: number): JobUpdate[] {
  const running = states.indexOf('running');
  const step = Math.floor(count / 1000 / states.length) * states.length;
  return Array.from({ length: 1000 }, (_, at) => ({
    pandaId: firstId + running + at * step,
    state: round % 2 === 0 ? 'holding' : 'transferring',
    modificationTime: 1_800_000_000_000 + round,
  }));
}

async function measure(count: number, report: Report): Promise<void> {
  const of = `with ${count.toLocaleString('en-US')} jobs`;
  const before = memoryInUse();
  const store = createJobStore();
  const filling = await timed(async () => store.apply(jobs(count)));
  report(atMost(`store: fill ${of}`, filling, 'ms', null));
  report(atMost(`store: memory ${of}`, (memoryInUse() - before) / count, 'B/job', count >= 1e6 ? 120 : null));
  store.onDidChange(() => undefined);

  for (const grouping of groupings) await measureGrouping(store, grouping, of, report);
  const updates: number[] = [];
  const expansions: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const changes = thousandChanges(count, round);
    updates.push(await timed(async () => store.apply(changes)));
    expansions.push(await timed(async () => expand(store, 'state', '')));
  }
  report(atMost(`store: update of 1,000 ${of}`, median(updates), 'ms', 10));
  report(atMost(`store: expand after an update ${of}`, median(expansions), 'ms', 50));
  for (const filter of ['failed', 'visit900042 trans:3', 'occurs nowhere']) {
    await measureFilter(store, filter, of, report);
  }
}

async function measureGrouping(
  store: JobStore,
  grouping: Grouping,
  of: string,
  report: Report,
): Promise<void> {
  const cold = await timed(async () => expand(store, grouping, ''));
  report(atMost(`store: expand by ${grouping}, first time, ${of}`, cold, 'ms', 50));
  const again: number[] = [];
  for (let round = 0; round < 10; round += 1)
    again.push(await timed(async () => expand(store, grouping, '')));
  report(atMost(`store: expand by ${grouping}, again, ${of}`, median(again), 'ms', 1));
}

/** What a tree asks for: all groups, and a page of the biggest, far down. */
function expand(store: JobStore, grouping: Grouping, filter: string): void {
  const groups = store.groups(grouping, filter);
  let biggest = groups[0];
  for (const group of groups) if (group.size > (biggest?.size ?? 0)) biggest = group;
  if (biggest === undefined) return;
  store.members(biggest, filter, Math.max(0, biggest.size - pageSize), pageSize);
}

async function measureFilter(store: JobStore, filter: string, of: string, report: Report): Promise<void> {
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const whole = await timed(() => store.prepareFilter(filter));
  longest = Math.max(longest, performance.now() - last);
  clearInterval(watch);
  report(atMost(`store: filter '${filter}' ${of}`, whole, 'ms', 1000));
  report(atMost(`store: longest hold by filter '${filter}' ${of}`, longest, 'ms', 50));
  const first = await timed(async () => expand(store, 'submission', filter));
  report(atMost(`store: expand with filter '${filter}' ${of}`, first, 'ms', 50));
}

/** The job store at the sizes it is made for. */
export const parts: readonly BenchPart[] = [100_000, 1_000_000].map((count) => ({
  name: `store-${count / 1000}k`,
  run: (report: Report) => measure(count, report),
}));
