import { validateTaskParameters } from '../../../../src/panda/index.ts';
import type { PandaClient, TaskParameters } from '../../../../src/panda/index.ts';
import type { Arguments, Made, SentRequest } from '../sentRequests.ts';

type Tasks = PandaClient['tasks'];
const NOT_SENT = 'arguments that the client does not send';

/** How the client makes the recorded requests about tasks. */
export const taskRequests: Readonly<Record<string, Made>> = {
  'task/submit': submitted,
  'task/get_status': read((tasks, id) => tasks.getStatus(id)),
  'task/get_details': read((tasks, id, { include_parameters: parameters, include_status: status }) =>
    tasks.getDetails(id, { withState: status === 'true', withCommandLine: parameters === 'true' }),
  ),
  'task/get_task_parameters': read((tasks, id) => tasks.getTaskParameters(id)),
  'task/get_job_ids': read((tasks, id) => tasks.getJobIds(id)),
  'task/get_job_descriptions': read((tasks, id) => tasks.getJobDescriptions(id)),
  'task/get_tasks_modified_since': listed,
  'task/kill': command((tasks, id) => tasks.kill(id)),
  'task/finish': command((tasks, id, { soft }) => tasks.finish(id, { soft: soft === true })),
  'task/retry': command((tasks, id, { new_parameters: newParameters }) =>
    tasks.retry(id, newParameters === undefined ? {} : { newParameters: newParameters as Arguments }),
  ),
  'task/pause': command((tasks, id) => tasks.pause(id)),
  'task/resume': command((tasks, id) => tasks.resume(id)),
  'task/reload_input': command((tasks, id) => tasks.reloadInput(id)),
  'task/kill_unfinished_jobs': command((tasks, id) => tasks.killUnfinishedJobs(id)),
  'task/increase_attempts': command((tasks, id, { increase }) =>
    tasks.increaseAttempts(id, Number(increase)),
  ),
};

function submitted(args: Arguments): SentRequest | string {
  const { task_parameters: parameters, parent_tid: parent } = args;
  if (typeof parameters !== 'object' || parameters === null) return NOT_SENT;
  const task = parameters as TaskParameters;
  const [problem] = validateTaskParameters(task);
  if (problem !== undefined) return `the client refuses to send it: ${problem.where} ${problem.message}`;
  const options = typeof parent === 'number' ? { parentTaskId: parent } : {};
  return { call: (client) => client.tasks.submit(task, options), expected: args };
}

function read(call: (tasks: Tasks, id: number, args: Arguments) => Promise<unknown>): Made {
  return (args) => {
    const { task_id: id } = args;
    if (typeof id !== 'number') return NOT_SENT;
    return {
      call: (client) => call(client.tasks, id, args),
      expected: Object.entries(args).map(([name, value]) => [name, String(value)]),
    };
  };
}

function listed(args: Arguments): SentRequest | string {
  const since = Date.parse(`${String(args.since)}Z`);
  if (Number.isNaN(since)) return NOT_SENT;
  const { full, prod_source_label: label } = args;
  return {
    call: (client) =>
      client.tasks.getTasksModifiedSince(since, {
        withDetails: full === 'true',
        ...(typeof label === 'string' ? { prodSourceLabel: label } : {}),
      }),
    expected: Object.entries(args),
  };
}

function command(call: (tasks: Tasks, id: number, args: Arguments) => Promise<unknown>): Made {
  return (args) => {
    const { task_id: id } = args;
    return typeof id === 'number'
      ? { call: (client) => call(client.tasks, id, args), expected: args }
      : NOT_SENT;
  };
}
