import type { JobState } from '../../panda/index.ts';
import { stateLook } from '../../watch/index.ts';
import type { StateLook } from '../../watch/index.ts';
import type { InstanceState } from './states.ts';

/** States of PanDA's jobs that mean about the same. */
const LIKE: Readonly<Record<InstanceState, JobState>> = {
  WAITING: 'pending',
  READY: 'defined',
  QUEUED: 'activated',
  SUBMITTED: 'activated',
  RUNNING: 'running',
  CANCELING: 'running',
  SUCCESS: 'finished',
  FAILED: 'failed',
  TERMINATED: 'failed',
  CANCELED: 'cancelled',
  SKIPPED: 'closed',
};

/** How a state of a process instance looks: as that of a job does which means the same. Its word is the pipeline's: `canceling`. */
export function instanceLook(state: InstanceState): StateLook {
  const look = stateLook(LIKE[state], state === 'CANCELING');
  return { ...look, ...(state === 'SKIPPED' ? SKIPPED : {}), word: state.toLowerCase() };
}

/** It never had a job. */
const SKIPPED = { codicon: 'debug-step-over', glyph: '↷' };
