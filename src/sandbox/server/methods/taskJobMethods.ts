import type { ServerContext } from '../context.ts';
import { killJobs } from '../killJobs.ts';
import { method, type MethodTable } from '../method.ts';
import { plainText, succeeded } from '../wire/answer.ts';
import { bool, int, optional, required, withDefault } from '../wire/parameters.ts';
import { describeJobs } from './describeJobs.ts';

/** More descriptions than this in one answer are cut away without a word. */
const MAX_DESCRIBED = 5500;
const UNSUCCESSFUL = `AND jobStatus IN ('failed', 'cancelled', 'closed')`;

/** The jobs of tasks. */
export function taskJobMethods(context: ServerContext): MethodTable {
  const { store } = context;
  const idsOf = (jediTaskID: number, condition = ''): readonly number[] =>
    store
      .rows(`SELECT PandaID FROM jobs WHERE jediTaskID = ? ${condition} ORDER BY PandaID DESC`, jediTaskID)
      .map(([id]) => Number(id));
  return {
    'task/get_job_ids': method({ verb: 'GET' }, { task_id: required(int) }, ({ task_id }) =>
      succeeded(idsOf(task_id)),
    ),
    'task/get_job_descriptions': method(
      { verb: 'GET' },
      { task_id: required(int), unsuccessful_only: withDefault(bool, false) },
      ({ task_id, unsuccessful_only }) => {
        const ids = idsOf(task_id, unsuccessful_only ? UNSUCCESSFUL : '').slice(0, MAX_DESCRIBED);
        const described = JSON.parse(describeJobs(store, ids).text) as readonly object[];
        return succeeded(ids.map((id, index) => ({ ...described[index], ...extraFacts(context, id) })));
      },
    ),
    'task/kill_unfinished_jobs': method(
      { verb: 'POST' },
      { task_id: required(int), code: optional(int), use_email_as_id: withDefault(bool, false) },
      ({ task_id, code, use_email_as_id }, { identity }) => {
        if (use_email_as_id) {
          return plainText(500, "get_email_address() missing 1 required positional argument: 'tmp_logger'");
        }
        const killed = store.transaction(() => killJobs(context, idsOf(task_id), code, identity));
        context.notice.taskChanged();
        return succeeded(killed);
      },
    ),
  };
}

function extraFacts({ store }: ServerContext, pandaId: number): Readonly<Record<string, unknown>> {
  const job = store.job(pandaId);
  const { startTime = null, endTime = null } = job ?? {};
  return {
    jobDuration: startTime === null || endTime === null ? null : (endTime - startTime) / 1000,
    extendedProdSourceLabel: `${job?.prodSourceLabel ?? ''}_normal`,
  };
}
