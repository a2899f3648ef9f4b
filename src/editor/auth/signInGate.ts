import { isAbort, PandaError, type SignIn, type SignInStatus } from '../../panda/index.ts';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { followSession } from '../followSession.ts';
import type { Session, Sessions } from '../session.ts';
import type { SignIns } from './signIns.ts';

export interface SignInGateDeps {
  readonly signIns: SignIns;
  /** Asks the user to sign in to a profile and does it; rejects with an AbortError where they would rather not. */
  readonly dialog: (signIn: SignIn, name: string) => Promise<SignInStatus>;
  /** Tells once that a sign-in is over; resolves with whether the user wants to sign in now. */
  readonly tell: (name: string, reason: string) => Promise<boolean>;
  readonly note: (error: unknown) => void;
}

/** Sees to it that the user is asked to sign in once, however many calls found that they are not. */
export class SignInGate implements Disposable {
  readonly #deps: SignInGateDeps;
  readonly #owned = createDisposables();
  /** The one dialog, by the sign-in that it is for. */
  readonly #open = new Map<SignIn, Promise<SignInStatus>>();
  #telling = false;

  constructor(deps: SignInGateDeps) {
    this.#deps = deps;
  }

  /** Tells when polls of a session that worked begin to find the user signed out. */
  watch(sessions: Sessions): void {
    const follow = (session: Session | undefined): Disposable | undefined => {
      let worked = false;
      return session?.poller.onDidChangeStatus((status) => {
        if (status.kind === 'current') worked = true;
        if (status.kind !== 'failing' || !needsSignIn(status.error) || !worked) return;
        worked = false;
        this.tell(session, status.error);
      });
    };
    this.#owned.add(followSession(sessions, follow));
  }

  /**
   * Asks the user of a session to sign in where they are not. True where the session is to be opened anew: they signed in, or
   * somebody else was chosen since. Rejects with an AbortError where they would rather not.
   */
  async enter({ signIn, profile, subject }: Session): Promise<boolean> {
    if (signIn === undefined) return false;
    const { state, claims } = await signIn.status();
    if (state === 'signedIn') return claims?.subject !== subject;
    await this.signIn(signIn, profile.name);
    return true;
  }

  /** Asks the user to sign in, anew if need be. */
  async signIn(signIn: SignIn, name: string): Promise<SignInStatus> {
    const open =
      this.#open.get(signIn) ??
      this.#deps.dialog(signIn, name).finally(() => {
        this.#open.delete(signIn);
        this.#deps.signIns.changed();
      });
    this.#open.set(signIn, open);
    return open;
  }

  /** Takes an error that says to sign in, and tells of it; false for all others. */
  takes(error: unknown, session: Session | undefined): boolean {
    if (session?.signIn === undefined || !needsSignIn(error)) return false;
    this.tell(session, error);
    return true;
  }

  /** Tells the user that nothing works until they sign in, unless they are being told or asked. */
  tell({ signIn, profile }: Session, error: Error): void {
    if (signIn === undefined || this.#telling || this.#open.size > 0) return;
    this.#telling = true;
    const reason = error instanceof PandaError ? error.cameBack : error.message;
    this.#deps
      .tell(profile.name, reason)
      .then(async (wanted) => (wanted ? this.signIn(signIn, profile.name) : undefined))
      .catch((failure: unknown) => {
        if (!isAbort(failure)) this.#deps.note(failure);
      })
      .finally(() => {
        this.#telling = false;
      });
  }

  dispose(): void {
    this.#owned.dispose();
  }
}

/** Whether an error says that nothing works until the user signs in. */
export function needsSignIn(error: unknown): error is PandaError {
  for (let link: unknown = error; link instanceof Error; link = link.cause) {
    if (link instanceof PandaError && link.needsSignIn) return true;
  }
  return false;
}
