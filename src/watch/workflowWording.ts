import type { MonitorWorkflow } from '../panda/index.ts';
import { filterWords } from './store/filter.ts';
import { plural } from './wording.ts';

/** How far the files of a workflow request are: `99 % finished, 1 % failed of 1,200 files`; empty where it has none yet. */
export function workflowProgress({ files, finishedShare, failedShare }: MonitorWorkflow): string {
  if (files === 0) return '';
  const failed = failedShare === null || failedShare === 0 ? '' : `, ${percent(failedShare)} failed`;
  const finished = finishedShare === null ? '' : `${percent(finishedShare)} finished${failed} of `;
  return `${finished}${plural(files, 'file')}`;
}

/** Rounded down, so that nothing looks done before it is; what is there shows however little it is. */
function percent(share: number): string {
  return share > 0 && share < 0.01 ? 'less than 1 %' : `${Math.floor(share * 100 + 1e-9)} %`;
}

/** Whether all words of a filter are in name, number, user or state of a workflow request. */
export function workflowMatches({ name, requestId, user, state }: MonitorWorkflow, filter: string): boolean {
  const text = [name, requestId, user ?? '', state].join('\n').toLowerCase();
  return filterWords(filter).every((word) => text.includes(word));
}
