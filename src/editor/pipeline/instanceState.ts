import {
  instanceLook,
  isFinalState,
  type InstanceState,
  type StateCounts,
} from '../../pipeline/states/index.ts';
import { formatCount } from '../../watch/index.ts';
import type { Icon } from '../rowLook.ts';

/** What needs a look first, then in the order in which they follow each other. */
const order: readonly InstanceState[] = [
  'FAILED',
  'TERMINATED',
  'RUNNING',
  'CANCELING',
  'WAITING',
  'READY',
  'QUEUED',
  'SUBMITTED',
  'SUCCESS',
  'CANCELED',
  'SKIPPED',
];

/** How a state of the pipeline's looks: like that of a job which means the same. */
export function instanceIcon(state: InstanceState): Icon {
  const { codicon, themeColor } = instanceLook(state);
  return { codicon, color: themeColor };
}

/** `1 failed · 2 running · 6 success`. */
export function describeInstances(counts: StateCounts): string {
  return order
    .filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${formatCount(counts[state] ?? 0)} ${instanceLook(state).word}`)
    .join(' · ');
}

/** Whether nothing of this goes on. */
export function isOver(counts: StateCounts): boolean {
  return order.every((state) => (counts[state] ?? 0) === 0 || isFinalState(state));
}
