import type { MonitorWorkflow } from '../../panda/index.ts';
import { describeCounts, formatRelative, plural, workflowProgress } from '../../watch/index.ts';

/** How old what the monitor told is: `as of 3 m ago`. */
export function toldWhen(asOf: number, now: number): string {
  return `as of ${formatRelative(asOf, Math.max(asOf, now))}`;
}

/** A workflow as one entry of a picker: its name, how it stands, whose it is and since when; its tasks and files. */
export function workflowEntry(
  workflow: MonitorWorkflow,
  now: number,
): { readonly label: string; readonly description: string; readonly detail: string } {
  const { requestId, name, state, user, creationTime, tasks, taskStates } = workflow;
  const join = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');
  const time = creationTime === null ? '' : formatRelative(creationTime, now);
  return {
    label: name === '' ? `Request ${requestId}` : name,
    description: join([state, user ?? '', time, name === '' ? '' : `request ${requestId}`]),
    detail: join([
      workflowProgress(workflow),
      tasks === 0 ? 'no tasks yet' : plural(tasks, 'task'),
      describeCounts(taskStates),
    ]),
  };
}
