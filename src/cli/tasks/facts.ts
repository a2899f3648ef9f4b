import { errorName, jobErrors, PandaError } from '../../panda/index.ts';
import type { JobRecord, PandaClient, StateCounts } from '../../panda/index.ts';
import type { TaskFacts } from './shapes.ts';

/** Each description costs a server up to 10 ms. */
const MOST_DESCRIBED = 2000;

/** Asks for everything there is to say of a task. Null where nobody knows it (yet). */
export async function findTask(
  { tasks, jobs, monitor }: PandaClient,
  taskId: number,
  signal: AbortSignal,
): Promise<TaskFacts | null> {
  const options = { signal };
  const details = await tasks.getDetails(taskId, { withState: true, signal });
  if (details === null) return null;
  const parameters = await tasks.getTaskParameters(taskId, options);
  const pandaIds = await tasks.getJobIds(taskId, options);
  const newest = pandaIds.toSorted((a, b) => b - a).slice(0, MOST_DESCRIBED);
  const records = (await jobs.describe(newest, options)).filter((record) => record !== null);
  return {
    taskId,
    state: details.state,
    parameters,
    inputs: details.inputs,
    described: newest.length,
    jobs: countStates(records),
    errors: countErrors(records),
    pandaIds,
    // Only it tells why a task is broken; it may not know one that is new.
    monitor: (await monitor?.task(taskId, options).catch(unlessAborted(signal))) ?? null,
    monitorUrl: monitor?.taskUrl(taskId) ?? null,
  };
}

function unlessAborted(signal: AbortSignal): (error: unknown) => null {
  return (error) => {
    if (signal.aborted || !(error instanceof PandaError)) throw error;
    return null;
  };
}

function countStates(records: readonly JobRecord[]): StateCounts {
  const counts: Record<string, number> = {};
  for (const { jobStatus } of records) counts[jobStatus] = (counts[jobStatus] ?? 0) + 1;
  return counts;
}

function countErrors(records: readonly JobRecord[]): TaskFacts['errors'] {
  const counts = new Map<string, { name: string; title: string | null; jobs: number }>();
  for (const record of records) {
    const [error] = record.jobStatus === 'failed' ? jobErrors(record) : [];
    if (error === undefined) continue;
    const name = errorName(error);
    const known = counts.get(name) ?? { name, title: error.title, jobs: 0 };
    known.jobs += 1;
    counts.set(name, known);
  }
  return [...counts.values()].sort((a, b) => b.jobs - a.jobs);
}
