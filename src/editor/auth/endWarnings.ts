import type * as vscode from 'vscode';
import { identityFacts } from '../../panda/index.ts';
import { createDisposables, endWarning, systemClock, type Disposable } from '../../watch/index.ts';
import type { Session, Sessions } from '../session.ts';
import { tell } from '../vscode/prompts.ts';

/** How often the end of a sign-in is looked at, and how often it is told of, ms. */
const LOOK_EVERY = 3_600_000;
const TELL_EVERY = 86_400_000;
const MEMORY = 'signIn.warnedAt';

/** Each profile and person has a warning of its own. */
function memoryOf({ profile, subject }: Session): string {
  return [MEMORY, profile.name, subject ?? ''].join(' ');
}

export interface EndWarningsDeps {
  readonly sessions: Sessions;
  readonly memory: vscode.Memento;
  readonly signIn: (session: Session) => Promise<unknown>;
  readonly errors: { readonly show: (error: unknown) => void; readonly note: (error: unknown) => void };
}

/** Tells, once a day, that a sign-in, token or proxy ends soon: afterwards everything fails at once. */
export function registerEndWarnings({ sessions, memory, signIn, errors }: EndWarningsDeps): Disposable {
  const owned = createDisposables();
  let timer: Disposable | undefined;
  const look = async (session: Session): Promise<void> => {
    const now = systemClock.now();
    const warning = endWarning(await identityFacts(session.profile, session.signIn, now), now);
    const warned = memory.get<number>(memoryOf(session)) ?? 0;
    if (warning === undefined || (now >= warned && now - warned < TELL_EVERY)) return;
    await memory.update(memoryOf(session), now);
    const text = `PanDA (${session.profile.name}): ${warning.text}`;
    const buttons = session.signIn === undefined ? [] : (['Sign in'] as const);
    if ((await tell('warning', text, ...buttons)) === 'Sign in') await signIn(session);
  };
  const follow = (): void => {
    timer?.dispose();
    const { current } = sessions;
    if (current === undefined) return;
    look(current).catch(errors.note);
    timer = systemClock.after(LOOK_EVERY, follow);
  };
  owned.add(sessions.onDidChange(follow));
  owned.add({ dispose: () => timer?.dispose() });
  follow();
  return owned;
}
