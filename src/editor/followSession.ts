import { createDisposables, type Disposable } from '../watch/index.ts';
import type { Session, Sessions } from './session.ts';

/**
 * Tells of each session as it comes, and that there is none: `onSession` gives what is to be let go of with it. The first is
 * told at once. `always`: told of every change of the state, also of the same session.
 */
export function followSession(
  sessions: Sessions,
  onSession: (session: Session | undefined) => Disposable | undefined,
  always: () => void = () => undefined,
): Disposable {
  const owned = createDisposables();
  let followed = sessions.current;
  let held = onSession(followed);
  owned.add({ dispose: () => held?.dispose() });
  owned.add(
    sessions.onDidChange(() => {
      if (sessions.current !== followed) {
        held?.dispose();
        followed = sessions.current;
        held = onSession(followed);
      }
      always();
    }),
  );
  always();
  return owned;
}
