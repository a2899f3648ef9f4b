import type { ServerContext } from '../context.ts';
import { method, type MethodTable } from '../method.ts';
import type { TaskStore } from '../store/tasks.ts';
import { increaseAttempts } from '../tasks/retryTask.ts';
import { refused, succeeded } from '../wire/answer.ts';
import { bool, int, required, str, withDefault } from '../wire/parameters.ts';

/** Attributes of a running task that may be changed, as the server names them. */
const CHANGEABLE = ['ramCount', 'wallTime', 'cpuTime', 'coreCount'];

const PRODUCTION = { verb: 'POST', production: true } as const;

/** What only the production role does to tasks. */
export function taskAdminMethods(context: ServerContext, tasks: TaskStore): MethodTable {
  const { store, now } = context;
  return {
    'task/increase_attempts': method(
      PRODUCTION,
      { task_id: required(int), increase: required(int) },
      ({ task_id, increase }) => {
        if (increase < 0) return refused(`increase must be a positive integer, got ${increase}`);
        const { code, message } = store.transaction(() => increaseAttempts(store, tasks, task_id, increase));
        context.notice.taskChanged();
        return code === 0 ? succeeded(code, message) : refused(message, code);
      },
    ),
    'task/reactivate': method(
      PRODUCTION,
      {
        task_id: required(int),
        keep_attempt_nr: withDefault(bool, false),
        trigger_job_generation: withDefault(bool, false),
      },
      ({ task_id, keep_attempt_nr }) => {
        const count = store.transaction(() => {
          const task = tasks.task(task_id);
          if (task === undefined) return 0;
          const attempts = keep_attempt_nr ? '' : ', attemptNr = 0, failedAttempt = 0';
          store.run(`UPDATE taskInputs SET status = 'ready'${attempts} WHERE jediTaskID = ?`, task_id);
          const inputs = Number(store.rows('SELECT changes()')[0]?.[0]);
          tasks.update(task, { status: 'ready', superStatus: 'ready', endTime: null }, now());
          return inputs;
        });
        context.notice.taskChanged();
        return succeeded(0, `updated ${count} inputs and task ${task_id} was reactivated `);
      },
    ),
    ...changeMethods(context, tasks),
  };
}

function changeMethods({ store, now }: ServerContext, tasks: TaskStore): MethodTable {
  return {
    'task/change_priority': method(
      PRODUCTION,
      { task_id: required(int), priority: required(int) },
      ({ task_id, priority }) => {
        const task = tasks.task(task_id);
        if (task === undefined) return refused('Task not found');
        store.transaction(() => {
          tasks.update(task, { currentPriority: priority }, now());
          store.run(
            `UPDATE jobs SET currentPriority = ? WHERE jediTaskID = ?
               AND jobStatus NOT IN ('finished', 'failed', 'cancelled', 'closed')`,
            priority,
            task_id,
          );
        });
        return succeeded(null, '1 tasks changed');
      },
    ),
    'task/change_attribute': method(
      PRODUCTION,
      { task_id: required(int), attribute_name: required(str), value: required(int) },
      ({ task_id, attribute_name, value }) => {
        if (!CHANGEABLE.includes(attribute_name)) {
          const valid = CHANGEABLE.map((name) => `'${name}'`).join(', ');
          return refused(`${attribute_name} is not a valid attribute. Valid attributes are [${valid}]`);
        }
        if (tasks.task(task_id) === undefined) return refused('Task not found');
        store.transaction(() =>
          tasks.setParameters(task_id, { ...tasks.parameters(task_id), [attribute_name]: value }),
        );
        return succeeded(null, '1 tasks changed');
      },
    ),
  };
}
