import { cleanName } from '../../../panda/index.ts';
import { parseSecondsText } from '../wire/dateTime.ts';
import { taskDigest, taskSummary, type ReadContext } from './describeTask.ts';

interface Query {
  readonly since: string;
  readonly full: boolean;
  readonly min_task_id: number | null;
  readonly prod_source_label: string;
}

/** With details the server lists no more. */
const MOST_WITH_DETAILS = 500;

/** Tasks of a user that changed since a time, by request id; none where the time cannot be read. */
export function listTasks(
  context: ReadContext,
  { since, full, min_task_id, prod_source_label }: Query,
  dn: string,
): Readonly<Record<string, unknown>> {
  const from = parseSecondsText(since);
  if (from === undefined) return {};
  const found = context.tasks.tasks(
    `WHERE status IS NOT NULL AND userName = ? AND modificationTime >= ? AND prodSourceLabel = ? AND jediTaskID > ?
     ORDER BY jediTaskID ${full ? `LIMIT ${MOST_WITH_DETAILS}` : ''}`,
    ...[cleanName(dn) || dn, from, prod_source_label, min_task_id ?? 0],
  );
  const list = found.map((task) => [
    String(task.reqID),
    { ...taskSummary(context, task), ...(full ? taskDigest(context, task.jediTaskID) : {}) },
  ]);
  return Object.fromEntries(list) as Readonly<Record<string, unknown>>;
}
