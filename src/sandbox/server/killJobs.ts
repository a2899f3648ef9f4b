import { decideKill, KILL_FACTS } from './rules/kill.ts';
import type { Identity } from './identity.ts';
import type { JobChanges } from './store/columns.ts';
import type { Store } from './store/store.ts';

/** Kills jobs: one boolean each. To be called within a transaction. */
export function killJobs(
  { store, now }: { readonly store: Store; readonly now: () => number },
  jobIds: readonly number[],
  code: number | null,
  identity: Identity,
): readonly boolean[] {
  const time = now();
  const jobs = new Map(store.facts(jobIds, KILL_FACTS).map((job) => [job.PandaID, job]));
  /** What becomes of jobs, which for most is the same. */
  const alike = new Map<string, { readonly changes: JobChanges; readonly ids: number[] }>();
  const ended: number[] = [];
  const answers = jobIds.map((id) => {
    const job = jobs.get(id);
    if (job === undefined) return false;
    const decision = decideKill(job, identity, code, time);
    if (!decision.accepted) return false;
    const { changes, ends } = decision;
    // The same id may come again.
    jobs.set(id, { ...job, ...changes } as typeof job);
    const key = JSON.stringify(changes);
    const group = alike.get(key) ?? { changes, ids: [] };
    group.ids.push(id);
    alike.set(key, group);
    if (ends) ended.push(id);
    return true;
  });
  for (const { ids, changes } of alike.values()) store.updateAll(ids, changes, time);
  if (ended.length > 0) {
    const ids = JSON.stringify(ended);
    const listed = 'PandaID IN (SELECT value FROM json_each(?))';
    store.run(`UPDATE files SET status = 'failed' WHERE ${listed} AND type IN ('output', 'log')`, ids);
    store.run(`DELETE FROM reports WHERE ${listed}`, ids);
  }
  return answers;
}
