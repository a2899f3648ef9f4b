import type { JobState } from '../../panda/index.ts';
import { stateLook } from '../../watch/index.ts';
import type { StateView } from './view.ts';

/** How a state looks, as everywhere else. */
export function stateView(state: JobState, cancelRequested = false): StateView {
  const { word, codicon, themeColor } = stateLook(state, cancelRequested);
  return { word, codicon, color: themeColor ?? null };
}
