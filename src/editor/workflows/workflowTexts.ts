import type { MonitorWorkflow } from '../../panda/index.ts';
import { describeCounts, formatRelative, plural } from '../../watch/index.ts';

/** A workflow as one entry of a picker: its name, how it stands, whose it is and since when; its tasks and files. */
export function workflowEntry(
  workflow: MonitorWorkflow,
  now: number,
): { readonly label: string; readonly description: string; readonly detail: string } {
  const { requestId, name, state, user, creationTime, tasks, taskStates, files } = workflow;
  const join = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ');
  const time = creationTime === null ? '' : formatRelative(creationTime, now);
  return {
    label: name === '' ? `Request ${requestId}` : name,
    description: join([state, user ?? '', time, name === '' ? '' : `request ${requestId}`]),
    detail: join([
      files === 0 ? '' : progressOf(workflow),
      tasks === 0 ? 'no tasks yet' : plural(tasks, 'task'),
      describeCounts(taskStates),
    ]),
  };
}

function progressOf({ files, finishedShare, failedShare }: MonitorWorkflow): string {
  const failed = failedShare === null || failedShare === 0 ? '' : `, ${percent(failedShare)} failed`;
  const finished = finishedShare === null ? '' : `${percent(finishedShare)} finished${failed} of `;
  return `${finished}${plural(files, 'file')}`;
}

/** Rounded down, so that nothing looks done before it is; what is there shows however little it is. */
function percent(share: number): string {
  return share > 0 && share < 0.01 ? 'less than 1 %' : `${Math.floor(share * 100 + 1e-9)} %`;
}
