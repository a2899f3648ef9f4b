import { stateOrder, type JobState } from '../../panda/index.ts';

/** Position of a state below a group: what needs a look first, what runs next, then PanDA's order. */
export function displayOrder(state: JobState): number {
  if (state === 'failed') return -2;
  if (state === 'running') return -1;
  return stateOrder(state);
}
