import { cleanName } from '../../../panda/index.ts';
import type { ServerContext } from '../context.ts';
import { method, type MethodTable } from '../method.ts';
import { datasetsAndFiles, detailedTask, taskDetails, type ReadContext } from '../tasks/describeTask.ts';
import { findTasks } from '../tasks/findTasks.ts';
import { listTasks } from '../tasks/listTasks.ts';
import { refused, succeeded } from '../wire/answer.ts';
import { parseSecondsText } from '../wire/dateTime.ts';
import { anything, bool, int, optional, required, str, strList, withDefault } from '../wire/parameters.ts';

const NOT_FOUND = 'Task not found';
const NO_NUMBER = 'jediTaskID must be an integer';
const TASK_ID = { task_id: required(int) };

/** What is asked of tasks. */
export function taskReadMethods(context: ServerContext, reading: ReadContext): MethodTable {
  const { tasks } = reading;
  return {
    // Of these two the type of the id is not declared: they look at it themselves.
    'task/get_status': method({ verb: 'GET' }, { task_id: required(anything) }, ({ task_id }) => {
      const id = idOf(task_id);
      if (id === undefined) return refused(NO_NUMBER);
      const status = tasks.task(id)?.status;
      return status === undefined ? refused(NOT_FOUND) : succeeded(status);
    }),
    'task/get_datasets_and_files': method(
      { verb: 'GET' },
      {
        task_id: required(anything),
        dataset_types: withDefault(strList, ['input', 'pseudo_input']),
        dataset_only: withDefault(bool, false),
      },
      ({ task_id, dataset_types, dataset_only }) => {
        const found = datasetsAndFiles(reading, idOf(task_id) ?? 0, dataset_types, dataset_only);
        return found.length === 0 ? refused('No data found for the task') : succeeded(found);
      },
    ),
    'task/get_details': method(
      { verb: 'GET' },
      { ...TASK_ID, include_parameters: withDefault(bool, false), include_status: withDefault(bool, false) },
      ({ task_id, include_parameters, include_status }) => {
        const task = tasks.task(task_id);
        if ((include_parameters || include_status) && task === undefined) {
          return refused('Task not found or error retrieving the details');
        }
        const cliParams = tasks.parameters(task_id).cliParams ?? '';
        return succeeded({
          ...taskDetails(reading, task_id),
          ...(include_status ? { status: task?.status } : {}),
          ...(include_parameters ? { cliParams } : {}),
        });
      },
    ),
    'task/get_detailed_info': method({ verb: 'GET' }, TASK_ID, ({ task_id }) => {
      const task = tasks.task(task_id);
      return task === undefined
        ? refused('Task not found or error retrieving task info')
        : succeeded(detailedTask(reading, task));
    }),
    'task/get_task_parameters': method({ secure: false, verb: 'GET' }, TASK_ID, ({ task_id }) => {
      const map = tasks.submittedParameters(task_id);
      return map === undefined ? refused(NOT_FOUND) : succeeded(map);
    }),
    ...listMethods(context, reading),
  };
}

function listMethods(context: ServerContext, reading: ReadContext): MethodTable {
  return {
    'task/get_tasks_modified_since': method(
      { verb: 'GET' },
      {
        since: required(str),
        dn: optional(str),
        full: withDefault(bool, false),
        min_task_id: optional(int),
        prod_source_label: withDefault(str, 'user'),
      },
      (values, { identity }) => succeeded(listTasks(reading, values, values.dn ?? identity.dn)),
    ),
    'task/get_tasks_detailed_info_since': method(
      { verb: 'GET' },
      { since: optional(str), filters: optional(str), n_tasks: withDefault(int, 500) },
      ({ since, filters, n_tasks }, { identity }) => {
        const from = since === null ? undefined : parseSecondsText(since);
        if (since !== null && from === undefined) return refused('Failed to retrieve task IDs');
        const owner = cleanName(identity.dn) || identity.dn;
        const query = { owner, since: from, most: n_tasks, now: context.now() };
        const found = findTasks(reading, filters, query);
        return found.ok ? succeeded(found.tasks) : refused(found.message);
      },
    ),
  };
}

/** Ids as Python's `int` takes them. */
function idOf(given: unknown): number | undefined {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : undefined;
}
