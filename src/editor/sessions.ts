import { createEmitter, toDisposable, type Attention, type Disposable } from '../watch/index.ts';
import type { RequireOptions, Session, Sessions, SessionState } from './session.ts';

/** What is asked of a connection. */
export interface ConnectRequest extends RequireOptions {
  /** Start the sandbox where that is what it takes. */
  readonly start: boolean;
}

export interface SessionsDeps {
  /** Whether the workspace is trusted; nothing connects before. */
  readonly isTrusted: () => boolean;
  /** Makes a session for the profile of the settings; undefined when that is a sandbox that is not to be started. */
  readonly connect: (request: ConnectRequest) => Promise<Session | undefined>;
  /**
   * Asks the user of a session to sign in where that is needed. True where they did, or another one is used by now: the
   * session is opened anew. Rejects where they would rather not.
   */
  readonly enter?: (session: Session) => Promise<boolean>;
}

/** Thrown where something needs a connection in a workspace that is not trusted. */
export class RestrictedError extends Error {
  override readonly name = 'RestrictedError';
  readonly advice = 'Trust this workspace to see and submit jobs';

  constructor() {
    super('PanDA is off in a restricted workspace.');
  }
}

/** Keeps at most one session: opens it once however many ask, and throws it away whole. */
export function createSessions(deps: SessionsDeps): Sessions {
  return new OneSession(deps);
}

class OneSession implements Sessions {
  readonly #deps: SessionsDeps;
  readonly #changes = createEmitter<SessionState>();
  #state: SessionState = { kind: 'closed' };
  #opening: Promise<Session | undefined> | undefined;
  /** Counts the sessions that were thrown away, so that one that arrives late is thrown away too. */
  #generation = 0;
  #disposed = false;
  #looking = 0;
  #focused = true;

  readonly onDidChange = this.#changes.event;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  get state(): SessionState {
    return this.#state;
  }

  get current(): Session | undefined {
    return this.#state.kind === 'open' ? this.#state.session : undefined;
  }

  get isLookedAt(): boolean {
    return this.#looking > 0;
  }

  async open(): Promise<Session | undefined> {
    if (this.#state.kind === 'open') return this.#state.session;
    if (!this.#deps.isTrusted()) {
      this.#setState({ kind: 'restricted' });
      return undefined;
    }
    // What went wrong is in `state`, for whoever shows it.
    return (this.#opening ?? this.#begin({ start: false })).catch(() => undefined);
  }

  async require(options: RequireOptions = {}): Promise<Session> {
    if (!this.#deps.isTrusted()) throw new RestrictedError();
    // An attempt that starts nothing may fail where this one does not.
    await this.#opening?.catch(() => undefined);
    const session = this.current ?? (await (this.#opening ?? this.#begin({ start: true, ...options })));
    if (session === undefined) throw new Error('the connection was closed while it was being made');
    if ((await this.#deps.enter?.(session)) !== true) return session;
    // As who signed in: jobs of theirs are looked for by their name.
    const reopened = await (this.#opening ?? this.reopen());
    if (reopened !== undefined) return reopened;
    throw this.#state.kind === 'unusable'
      ? this.#state.error
      : new Error('the connection was closed while it was being made');
  }

  async reopen(): Promise<Session | undefined> {
    this.#close();
    return this.#disposed ? undefined : this.open();
  }

  look(): Disposable {
    this.#looking += 1;
    this.#pace();
    return toDisposable(() => {
      this.#looking -= 1;
      this.#pace();
    });
  }

  setFocused(focused: boolean): void {
    this.#focused = focused;
    this.#pace();
  }

  dispose(): void {
    this.#disposed = true;
    this.#close();
    this.#changes.dispose();
  }

  #close(): void {
    this.#generation += 1;
    this.#opening = undefined;
    this.#setState({ kind: 'closed' });
  }

  /** At most one attempt at a time. */
  #begin(request: ConnectRequest): Promise<Session | undefined> {
    const attempt = this.#connect(request).finally(() => {
      if (this.#opening === attempt) this.#opening = undefined;
    });
    this.#opening = attempt;
    return attempt;
  }

  async #connect(request: ConnectRequest): Promise<Session | undefined> {
    const generation = this.#generation;
    this.#setState({ kind: 'opening' });
    try {
      const session = await this.#deps.connect(request);
      if (generation === this.#generation) return this.#accept(session);
      session?.dispose();
      return undefined;
    } catch (error) {
      if (generation === this.#generation) {
        const reason = error instanceof Error ? error : new Error(String(error));
        const stopped = request.signal?.aborted === true;
        this.#setState(stopped ? { kind: 'closed' } : { kind: 'unusable', error: reason });
      }
      throw error;
    }
  }

  #accept(session: Session | undefined): Session | undefined {
    this.#setState(session === undefined ? { kind: 'sandboxStopped' } : { kind: 'open', session });
    this.#pace();
    session?.poller.start();
    session?.tasks.start();
    return session;
  }

  #setState(next: SessionState): void {
    const before = this.#state;
    this.#state = next;
    this.#changes.fire(next);
    // Listeners let go of the old one first.
    if (before.kind === 'open') before.session.dispose();
  }

  #pace(): void {
    const attention: Attention = this.#looking === 0 ? 'hidden' : this.#focused ? 'focused' : 'visible';
    this.current?.poller.setAttention(attention);
    this.current?.tasks.setAttention(attention);
  }
}
