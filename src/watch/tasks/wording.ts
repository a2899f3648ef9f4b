import { taskPhase } from '../../panda/index.ts';
import type { TaskState } from '../../panda/index.ts';
import { stateLook } from '../wording.ts';
import type { StateLook } from '../wording.ts';

/** As the jobs of such a task would look. */
const LIKE: Readonly<Record<string, string>> = {
  done: 'finished',
  finished: 'finished',
  failed: 'failed',
  broken: 'failed',
  exhausted: 'failed',
  aborted: 'cancelled',
  paused: 'pending',
};

const PHASES: Readonly<Record<string, string>> = {
  preparing: 'pending',
  scouting: 'running',
  active: 'running',
  ending: 'holding',
};

/** The look of a task's state; the word is PanDA's. */
export function taskLook(state: TaskState | null): StateLook {
  if (state === null) return { ...stateLook('pending'), word: 'submitted' };
  const like = LIKE[state] ?? PHASES[taskPhase(state) ?? ''] ?? 'unknown';
  const look = stateLook(like);
  if (state === 'paused') return { ...look, codicon: 'debug-pause', word: state };
  // Some of it did not end well.
  if (state === 'finished') {
    return { codicon: 'warning', themeColor: 'charts.yellow', glyph: '!', ansi: 33, word: state };
  }
  return { ...look, word: state };
}

/**
 * What its user called a task, from its name or that of a job of it: without `user.<user>.` before it and the submission's
 * id behind it, where it has them.
 */
export function taskLabel(taskName: string): string {
  const name = taskName.replace(/\/(?:\.\d+)?$/u, '');
  return /^user\.[^.]+\.(.+)\.[a-z0-9]{10}$/u.exec(name)?.[1] ?? name;
}
