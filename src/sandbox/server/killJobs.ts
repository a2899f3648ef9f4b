import { decideKill } from './rules/kill.ts';
import type { Identity } from './identity.ts';
import type { Store } from './store/store.ts';

/** Kills jobs: one boolean each. To be called within a transaction. */
export function killJobs(
  { store, now }: { readonly store: Store; readonly now: () => number },
  jobIds: readonly number[],
  code: number | null,
  identity: Identity,
): readonly boolean[] {
  return jobIds.map((id) => {
    const job = store.job(id);
    if (job === undefined) return false;
    const time = now();
    const decision = decideKill(job, identity, code, time);
    if (!decision.accepted) return false;
    store.update(job, decision.changes, time);
    if (decision.ends) {
      store.run(`UPDATE files SET status = 'failed' WHERE PandaID = ? AND type IN ('output', 'log')`, id);
      store.run('DELETE FROM reports WHERE PandaID = ?', id);
    }
    return true;
  });
}
