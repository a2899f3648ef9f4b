import { newPandaIds } from '../store/numbers.ts';
import type { StoredInput, StoredTask } from '../store/taskTables.ts';
import { defineTask } from './definition.ts';
import type { EngineContext } from './engineContext.ts';
import { groupInputs } from './inputs.ts';
import { makeJob, type JobPlan } from './jobs.ts';
import { chooseSite } from './sites.ts';

/** Jobs made of one task in one step: no request waits longer than one step takes. */
const STEP = 250;

export type Made =
  | { readonly kind: 'made'; readonly jobs: number; readonly nextSerial: number }
  /** No jobs can be made: the state the task goes into, and why. */
  | { readonly kind: 'stuck'; readonly status: 'pending' | 'broken'; readonly reason: string };

/** Makes the next jobs of a task from inputs that wait, and gives them to them. To be called within a transaction. */
export function makeJobs(context: EngineContext, task: StoredTask): Made {
  const { store, tasks, now } = context;
  const { jediTaskID } = task;
  const parameters = tasks.parameters(jediTaskID);
  const defined = defineTask(parameters);
  if (defined.kind === 'broken') return { kind: 'stuck', status: 'broken', reason: defined.reason };
  const { definition } = defined;
  const perJob = definition.nFilesPerJob ?? definition.nMaxFilesPerJob;
  const waiting = tasks.inputs(
    `WHERE jediTaskID = ? AND status = 'ready' AND ${MAY_BE_TRIED} ORDER BY place LIMIT ?`,
    jediTaskID,
    STEP * perJob,
  );
  const groups = groupInputs(waiting, definition).slice(0, STEP);
  const site = chooseSite(context.sites, task.site, parameters);
  if (typeof site === 'string') return { kind: 'stuck', status: 'pending', reason: site };
  const datasets = tasks.datasets(jediTaskID);
  const plan: JobPlan = { task, parameters, definition, datasets, site, url: context.url(), now: now() };
  const ids = newPandaIds(store, now(), groups.length);
  let serial = task.nextSerial;
  for (const inputs of groups) {
    const pandaId = ids.next().value;
    const made = makeJob(plan, inputs, { pandaId, serial, origin: originOf(context, inputs) ?? pandaId });
    if (made.kind === 'unresolved') {
      const reason = `unresolved ${made.placeholder} when making job parameters`;
      return { kind: 'stuck', status: 'broken', reason };
    }
    store.insert(made.job);
    give(context, inputs, pandaId);
    serial += 1;
  }
  return { kind: 'made', jobs: groups.length, nextSerial: serial };
}

/** Condition on an input that is `ready`. */
export const MAY_BE_TRIED = 'attemptNr < maxAttempt AND (maxFailure IS NULL OR failedAttempt < maxFailure)';

function give({ store }: EngineContext, inputs: readonly StoredInput[], pandaId: number): void {
  for (const { fileID } of inputs) {
    store.run(`UPDATE taskInputs SET status = 'running', PandaID = ? WHERE fileID = ?`, pandaId, fileID);
  }
}

/** The job that first had these inputs: all attempts are named after it. */
function originOf({ store }: EngineContext, inputs: readonly StoredInput[]): number | undefined {
  const last = inputs.find(({ PandaID }) => PandaID !== null)?.PandaID ?? null;
  if (last === null) return undefined;
  const origin = Number(store.job(last)?.jobName?.split('.').at(-1));
  return Number.isSafeInteger(origin) && origin > 0 ? origin : last;
}
