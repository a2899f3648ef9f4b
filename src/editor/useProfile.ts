import type { Sessions } from './session.ts';
import { writeSetting } from './vscode/settings.ts';

/** Talks to the PanDA of another profile from now on. */
export async function useProfile(name: string, sessions: Sessions): Promise<void> {
  await writeSetting('profile', name);
  await sessions.reopen();
}
