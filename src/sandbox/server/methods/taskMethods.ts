import type { ServerContext } from '../context.ts';
import { method, type MethodTable } from '../method.ts';
import { taskStore } from '../store/tasks.ts';
import type { ReadContext } from '../tasks/describeTask.ts';
import { registerTask } from '../tasks/registration.ts';
import { refused, succeeded } from '../wire/answer.ts';
import { dict, int, optional, required } from '../wire/parameters.ts';
import { taskAdminMethods } from './taskAdminMethods.ts';
import { taskCommandMethods } from './taskCommandMethods.ts';
import { taskJobMethods } from './taskJobMethods.ts';
import { taskReadMethods } from './taskReadMethods.ts';

/** Tasks: registered and commanded here, and carried out by the task engine. */
export function taskMethods(context: ServerContext): MethodTable {
  const { store } = context;
  const reading: ReadContext = { store, tasks: taskStore(store) };
  return {
    ...taskReadMethods(context, reading),
    ...taskCommandMethods(context, reading),
    ...taskJobMethods(context),
    ...taskAdminMethods(context, reading.tasks),
    'task/submit': method(
      { verb: 'POST' },
      { task_parameters: required(dict), parent_tid: optional(int) },
      ({ task_parameters, parent_tid }, { identity }) => {
        const options = { parentTaskId: parent_tid, mayBeActive: false };
        const { code, message } = store.transaction(() =>
          registerTask({ ...context, tasks: reading.tasks }, task_parameters, identity, options),
        );
        context.notice.taskChanged();
        if (code !== 0 && code !== 3) return refused(message, code);
        return succeeded(Number(/jediTaskID=(\d+)/u.exec(message)?.[1]), message);
      },
    ),
  };
}
