import type { ApiCall, ApiCaller } from '../apiCaller.ts';
import { protocolError } from '../wire/envelope.ts';
import type { Envelope } from '../wire/envelope.ts';
import { taskIdIn } from '../wire/quirks.ts';
import { isTaskId } from './decodeTasks.ts';
import { submitRefusal } from './taskRefusals.ts';
import type { TasksApi, TaskSubmitOutcome } from './tasksApi.ts';
import { InvalidTaskError, validateTaskParameters } from './validateTask.ts';

/** Codes that come as data where nothing new was made, since a task of this name is waiting or at work. */
const DUPLICATES: readonly unknown[] = [1, 2];

export function createTaskSubmit(caller: ApiCaller): TasksApi['submit'] {
  return async (parameters, options = {}) => {
    const tried = `submit the task ${parameters.taskName}`;
    const problems = validateTaskParameters(parameters);
    if (problems.length > 0) {
      throw new InvalidTaskError(tried, problems);
    }
    const { parentTaskId } = options;
    if (parentTaskId !== undefined && (!Number.isSafeInteger(parentTaskId) || parentTaskId < 1)) {
      throw new InvalidTaskError(tried, [
        { where: 'parentTaskId', message: `${parentTaskId} is not the id of a task` },
      ]);
    }
    const call: ApiCall = {
      path: 'task/submit',
      tried,
      body: {
        task_parameters: parameters,
        ...(parentTaskId === undefined ? {} : { parent_tid: parentTaskId }),
      },
      reads: false,
      signal: options.signal,
    };
    return outcomeOf(await caller.envelope(call), call, caller);
  };
}

function outcomeOf(envelope: Envelope, call: ApiCall, caller: ApiCaller): TaskSubmitOutcome {
  const { success, message, data } = envelope;
  if (!success) {
    const known = DUPLICATES.includes(data) ? taskIdIn(message) : null;
    if (known === null) {
      throw submitRefusal(envelope, caller.facts(call));
    }
    return { kind: 'duplicate', taskId: known, message };
  }
  const taskId = isTaskId(data) ? data : taskIdIn(message);
  if (taskId === null) {
    throw protocolError(
      caller.facts(call),
      'the answer does not say the id of the task',
      'Look for the task by its name before submitting it again',
    );
  }
  return { kind: message.startsWith('reactivation') ? 'incremental' : 'accepted', taskId, message };
}
