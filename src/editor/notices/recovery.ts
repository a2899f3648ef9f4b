import { toDisposable, type Disposable } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';

/** At each new session, finishes what was left half submitted. */
export function registerRecovery(parts: Parts): Disposable {
  let session: Session | undefined;
  let running: AbortController | undefined;
  const follow = (): void => {
    const { current } = parts.sessions;
    if (current === session) return;
    running?.abort();
    session = current;
    if (current === undefined) return;
    const { signal } = (running = new AbortController());
    import('../submitting/recover.ts')
      .then(({ recover }) => recover(current, parts, signal))
      .catch((error: unknown) => {
        if (!signal.aborted) parts.errors.note(error);
      });
  };
  const subscription = parts.sessions.onDidChange(follow);
  return toDisposable(() => {
    subscription.dispose();
    running?.abort();
  });
}
