import { systemClock, toDisposable, type Disposable } from '../../watch/index.ts';
import type { Parts } from '../parts.ts';
import type { Session } from '../session.ts';

/** At each new session, takes in the journal, and finishes what was left half submitted. */
export function registerRecovery(parts: Parts): Disposable {
  const { sessions } = parts;
  let session: Session | undefined;
  let running: AbortController | undefined;
  const follow = (): void => {
    const { current } = sessions;
    if (current === session) return;
    running?.abort();
    session = current;
    if (current === undefined) return;
    const { signal } = (running = new AbortController());
    takeIn(current, parts, signal).catch((error: unknown) => {
      if (!signal.aborted) parts.errors.note(error);
    });
  };
  const subscription = sessions.onDidChange(follow);
  follow();
  return toDisposable(() => {
    subscription.dispose();
    running?.abort();
  });
}

async function takeIn(session: Session, parts: Parts, signal: AbortSignal): Promise<void> {
  const [{ JournalFollower }, { recover }, { renewStaged }] = await Promise.all([
    import('../submitting/journalFollower.ts'),
    import('../submitting/recover.ts'),
    import('../submitting/renewStaged.ts'),
  ]);
  if (signal.aborted) return;
  const follower = new JournalFollower(session, {
    clock: systemClock,
    isLookedAt: () => parts.sessions.isLookedAt,
    note: parts.errors.note,
  });
  signal.addEventListener('abort', () => follower.dispose(), { once: true });
  await follower.start();
  await recover(session, parts, signal);
  if (signal.aborted) return;
  const renewing = renewStaged(session, parts);
  signal.addEventListener('abort', () => renewing.dispose(), { once: true });
}
