import type { InstanceState, StateCounts } from '../../pipeline/index.ts';
import { formatCount } from '../../watch/index.ts';
import type { Icon } from '../rowLook.ts';

const quiet = 'descriptionForeground';

const looks: Readonly<Record<InstanceState, Icon>> = {
  WAITING: { codicon: 'circle-outline', color: quiet },
  READY: { codicon: 'circle-outline', color: 'charts.blue' },
  QUEUED: { codicon: 'clock', color: 'charts.blue' },
  SUBMITTED: { codicon: 'clock', color: 'charts.blue' },
  RUNNING: { codicon: 'play', color: 'charts.blue' },
  CANCELING: { codicon: 'loading~spin', color: undefined },
  SUCCESS: { codicon: 'pass', color: 'testing.iconPassed' },
  FAILED: { codicon: 'error', color: 'testing.iconFailed' },
  TERMINATED: { codicon: 'error', color: 'testing.iconFailed' },
  CANCELED: { codicon: 'circle-slash', color: quiet },
  SKIPPED: { codicon: 'debug-step-over', color: quiet },
};

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
  return looks[state];
}

/** The pipeline's own word, as rows write it: `canceling`. */
export function instanceWord(state: InstanceState): string {
  return state.toLowerCase();
}

/** `1 failed · 2 running · 6 success`. */
export function describeInstances(counts: StateCounts): string {
  return order
    .filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${formatCount(counts[state] ?? 0)} ${instanceWord(state)}`)
    .join(' · ');
}

const finalStates: readonly string[] = ['SUCCESS', 'FAILED', 'TERMINATED', 'CANCELED', 'SKIPPED'];

/** Whether nothing of this goes on. */
export function isOver(counts: StateCounts): boolean {
  return Object.entries(counts).every(([state, count]) => count === 0 || finalStates.includes(state));
}
