import { PandaError } from '../errors/errors.ts';
import type { RetryTools } from '../http/retry.ts';
import type { TokenSource } from './tokenSource.ts';
import { cleanName, nameOfToken } from './userName.ts';
import { readClaims } from './claims.ts';
import type { TokenClaims } from './claims.ts';
import { runDeviceFlow } from './deviceFlow.ts';
import type { DeviceFlowOptions } from './deviceFlow.ts';
import type { IdentityProvider } from './provider.ts';
import { isFresh, isValid, signInEnd } from './tokenSet.ts';
import type { SignInEnd, TokenSet } from './tokenSet.ts';
import { subjectOf } from './accountFiles.ts';
import type { AccountStore } from './tokenStore.ts';

/** What is known of a sign-in without asking anybody. */
export interface SignInStatus {
  /** `signedOut`: nobody is signed in. `ended`: somebody was, and it can neither be used nor renewed. */
  readonly state: 'signedIn' | 'ended' | 'signedOut';
  /** Where it is kept, for people. */
  readonly where: string;
  /** As PanDA calls its owner. */
  readonly user: string | undefined;
  readonly claims: TokenClaims | undefined;
  /** The end of what cannot be renewed. */
  readonly end: SignInEnd | undefined;
}

/** One of those who are signed in for a profile. */
export interface Account extends SignInStatus {
  /** Whose it is for the identity provider; empty where the token does not say. */
  readonly subject: string;
  readonly isUsed: boolean;
  /** As it is kept, and perhaps over by now. A secret. */
  readonly token: string;
}

/** The sign-in of one profile. All methods reject with PandaError, or with the reason of the signal given. */
export interface SignIn extends TokenSource {
  /** For people: `Rubin at https://host:8443`. */
  readonly what: string;
  status(): Promise<SignInStatus>;
  /** Signs in anew, with a code that the user enters elsewhere. */
  signIn(options: DeviceFlowOptions): Promise<SignInStatus>;
  /** Gets a new token now; with `within`, only where the present one ends within so many ms. True when it did. */
  refresh(options?: { readonly within?: number; readonly signal?: AbortSignal }): Promise<boolean>;
  /** Forgets the sign-in in use, or that of `subject`, here and at the provider. False where there was none. */
  signOut(subject?: string): Promise<boolean>;
  /** Everybody who is signed in, who is used first. */
  accounts(): Promise<readonly Account[]>;
  /** Uses the profile as somebody else who is signed in, from now on. */
  use(subject: string): Promise<SignInStatus>;
  /** The tokens of one person who is signed in, whoever is used. */
  of(subject: string): TokenSource;
}

export interface SignInDeps {
  /** For people: `Rubin at https://host:8443`. */
  readonly what: string;
  readonly store: AccountStore;
  /** Asked for at the first need; what it gives is kept. */
  readonly provider: (signal?: AbortSignal) => Promise<IdentityProvider>;
  readonly tools: Pick<RetryTools, 'now' | 'delay'>;
}

export function createSignIn(deps: SignInDeps): SignIn {
  return new StoredSignIn(deps);
}

class StoredSignIn implements SignIn {
  readonly #deps: SignInDeps;
  #provider: IdentityProvider | undefined;
  /** The one renewal under way, of the token `than`, for all who wait for it. */
  #renewing: { readonly than: string; readonly tokens: Promise<TokenSet> } | undefined;
  /** A refresh token that the provider does not take any more: it is not asked again and again. */
  #spent: string | undefined;
  /** What could not be stored is used all the same, by subject. */
  readonly #unstored = new Map<string, TokenSet>();
  /** Who signed in here, where that could not be stored. */
  #unstoredUser: string | undefined;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  get what(): string {
    return this.#deps.what;
  }

  async token(signal?: AbortSignal): Promise<string> {
    const tokens = await this.#read();
    if (tokens === undefined) throw this.#needsSignIn('nobody is signed in', 'Sign in');
    return this.#good(tokens, signal);
  }

  of(subject: string): TokenSource {
    return {
      token: async (signal) => {
        const tokens = await this.#readOf(subject);
        if (tokens === undefined) throw this.#needsSignIn('they are not signed in any more', 'Sign in');
        return this.#good(tokens, signal);
      },
      renewed: (refused, signal) => this.renewed(refused, signal),
    };
  }

  /** An id token that is good for a while. */
  async #good(tokens: TokenSet, signal: AbortSignal | undefined): Promise<string> {
    if (isFresh(tokens, this.#now())) return tokens.id_token;
    try {
      return (await this.#renew(tokens.id_token, signal)).id_token;
    } catch (error) {
      signal?.throwIfAborted();
      // It is good for some minutes yet, and trouble may pass until then.
      if (isValid(tokens, this.#now())) return tokens.id_token;
      throw error;
    }
  }

  /** Of the same person: what one began is not done as another. */
  async renewed(refused: string, signal?: AbortSignal): Promise<string | undefined> {
    const tokens = await this.#readOf(subjectOf({ id_token: refused }));
    if (tokens === undefined) return undefined;
    if (tokens.id_token !== refused) return tokens.id_token;
    try {
      return (await this.#renew(refused, signal)).id_token;
    } catch (error) {
      signal?.throwIfAborted();
      // The server's own words tell more than that there is no other token.
      if (error instanceof PandaError && error.needsSignIn) return undefined;
      throw error;
    }
  }

  async status(): Promise<SignInStatus> {
    const tokens = await this.#read();
    return this.#statusOf(tokens, this.#deps.store.where);
  }

  async accounts(): Promise<readonly Account[]> {
    const kept = await this.#deps.store.list();
    return kept.map(({ tokens, where, isUsed }) => ({
      ...this.#statusOf(tokens, where),
      subject: subjectOf(tokens),
      isUsed,
      token: tokens.id_token,
    }));
  }

  async use(subject: string): Promise<SignInStatus> {
    if (!(await this.#deps.store.use(subject))) throw this.#needsSignIn('they are not signed in', 'Sign in');
    this.#unstoredUser = undefined;
    return this.status();
  }

  async signIn(options: DeviceFlowOptions): Promise<SignInStatus> {
    const provider = await this.#open(options.signal);
    this.#checkOwner(await this.#deps.store.read(), provider);
    const tokens = await runDeviceFlow(provider, this.#deps.tools, options);
    this.#spent = undefined;
    const { store } = this.#deps;
    const isStored = await this.#keep(
      async (stored) => {
        this.#checkOwner(stored, provider);
        return Promise.resolve(tokens);
      },
      (make) => store.add(make),
    );
    this.#unstoredUser = isStored ? undefined : subjectOf(tokens);
    return this.#statusOf(tokens, store.where);
  }

  async refresh({ within, signal }: { within?: number; signal?: AbortSignal } = {}): Promise<boolean> {
    const tokens = await this.#read();
    if (tokens === undefined) throw this.#needsSignIn('nobody is signed in', 'Sign in');
    const end = readClaims(tokens.id_token)?.expiresAt ?? Infinity;
    if (within !== undefined && end - this.#now() > within) return false;
    await this.#renew(tokens.id_token, signal);
    return true;
  }

  async signOut(subject?: string): Promise<boolean> {
    const { store } = this.#deps;
    const tokens =
      subject === undefined
        ? await this.#read()
        : (await store.list()).find((one) => subjectOf(one.tokens) === subject)?.tokens;
    this.#forget(tokens);
    const had = await (subject === undefined ? store.clear() : store.remove(subject));
    const refreshToken = tokens?.refresh_token;
    if (refreshToken !== undefined && refreshToken !== this.#spent) {
      // What is forgotten here is of no use there; that it could not be told does not matter to the user.
      await this.#open()
        .then((provider) => provider.revoke(refreshToken))
        .catch(() => undefined);
    }
    return had || tokens !== undefined;
  }

  /** Of who is used. */
  async #read(): Promise<TokenSet | undefined> {
    if (this.#unstoredUser !== undefined) return this.#unstored.get(this.#unstoredUser);
    const stored = await this.#deps.store.read();
    return stored === undefined ? undefined : (this.#unstored.get(subjectOf(stored)) ?? stored);
  }

  async #readOf(subject: string): Promise<TokenSet | undefined> {
    return this.#unstored.get(subject) ?? (await this.#deps.store.of(subject).read());
  }

  #forget(tokens: TokenSet | undefined): void {
    if (tokens === undefined) return;
    const subject = subjectOf(tokens);
    this.#unstored.delete(subject);
    if (this.#unstoredUser === subject) this.#unstoredUser = undefined;
  }

  /** By the clock of the provider, as far as it is known. */
  #now(): number {
    return this.#deps.tools.now() + (this.#provider?.clockOffset ?? 0);
  }

  async #open(signal?: AbortSignal): Promise<IdentityProvider> {
    this.#provider = await this.#deps.provider(signal);
    return this.#provider;
  }

  /** Tokens other than `than`. A caller that goes away does not break off what others wait for. */
  async #renew(than: string, signal: AbortSignal | undefined): Promise<TokenSet> {
    signal?.throwIfAborted();
    if (this.#renewing?.than !== than) {
      const tokens = this.#renewAlone(than).finally(() => {
        if (this.#renewing?.tokens === tokens) this.#renewing = undefined;
      });
      tokens.catch(() => undefined);
      this.#renewing = { than, tokens };
    }
    return unlessAborted(this.#renewing.tokens, signal);
  }

  async #renewAlone(than: string): Promise<TokenSet> {
    const subject = subjectOf({ id_token: than });
    let result: TokenSet | undefined;
    await this.#keep(
      async (stored) => {
        const present = this.#unstored.get(subject) ?? stored;
        if (present === undefined) throw this.#needsSignIn('nobody is signed in any more', 'Sign in');
        if (present.id_token !== than && isValid(present, this.#now())) {
          // Another window, or another program, was quicker.
          result = present;
          return undefined;
        }
        result = await this.#refresh(present, subject);
        return result;
      },
      (make) => this.#deps.store.of(subject).update(make),
    );
    if (result === undefined) throw this.#needsSignIn('nobody is signed in any more', 'Sign in');
    return result;
  }

  async #refresh(present: TokenSet, subject: string): Promise<TokenSet> {
    const { refresh_token: refreshToken } = present;
    if (refreshToken === undefined || refreshToken === this.#spent) {
      throw this.#needsSignIn('the sign-in has ended');
    }
    const provider = await this.#open();
    this.#checkOwner(present, provider);
    const tokens = await provider.refresh(refreshToken);
    if (tokens !== undefined) {
      this.#checkSamePerson(present, tokens);
      return tokens;
    }
    // The official client knows nothing of our lock, and may have spent it a moment ago.
    const now = await this.#deps.store.of(subject).read();
    if (now !== undefined && now.refresh_token !== refreshToken && isValid(now, this.#now())) return now;
    this.#spent = refreshToken;
    throw this.#needsSignIn('the sign-in has ended');
  }

  /**
   * Stores what `change` makes. A refresh token that was spent for it is gone, so that it is used even if that fails: then
   * false.
   */
  async #keep(
    change: (stored: TokenSet | undefined) => Promise<TokenSet | undefined>,
    put: AccountStore['add'],
  ): Promise<boolean> {
    let made: TokenSet | undefined;
    try {
      await put(async (stored) => {
        made = await change(stored);
        return made;
      });
      if (made !== undefined) this.#unstored.delete(subjectOf(made));
      return true;
    } catch (error) {
      if (made === undefined) throw error;
      this.#unstored.set(subjectOf(made), made);
      return false;
    }
  }

  #statusOf(tokens: TokenSet | undefined, where: string): SignInStatus {
    if (tokens === undefined) {
      return { state: 'signedOut', where, user: undefined, claims: undefined, end: undefined };
    }
    const claims = readClaims(tokens.id_token);
    const end = signInEnd(tokens);
    const isSpent = tokens.refresh_token === undefined || tokens.refresh_token === this.#spent;
    const isOver = end?.certain === true && end.at <= this.#now();
    const ended = !isValid(tokens, this.#now()) && (isSpent || isOver);
    const user = claims === undefined ? undefined : cleanName(nameOfToken(claims));
    return { state: ended ? 'ended' : 'signedIn', where, user, claims, end };
  }

  /** One folder keeps one sign-in: another VO's is neither used up nor overwritten while it lives. */
  #checkOwner(tokens: TokenSet | undefined, provider: IdentityProvider): void {
    const claims = tokens === undefined ? undefined : readClaims(tokens.id_token);
    const issuer = claims?.issuer?.replace(/\/$/, '');
    if (tokens === undefined || issuer === undefined || issuer === provider.issuer.replace(/\/$/, '')) return;
    const end = signInEnd(tokens);
    if (!isValid(tokens, this.#now()) && (end === undefined || end.at <= this.#now())) return;
    throw new PandaError({
      kind: 'rejected',
      tried: `use the sign-in for ${this.what}`,
      cameBack: `${this.#deps.store.where} holds one of another identity provider, ${issuer}`,
      advice: 'Give this profile a configRoot of its own, or sign out of the other first',
    });
  }

  #checkSamePerson(before: TokenSet, after: TokenSet): void {
    const was = readClaims(before.id_token)?.subject;
    if (was === undefined || was === '' || was === readClaims(after.id_token)?.subject) return;
    throw new PandaError({
      kind: 'protocol',
      tried: `renew the sign-in for ${this.what}`,
      cameBack: 'the identity provider answered with the token of somebody else',
      advice: 'Sign in again, and tell the operators of the PanDA server',
    });
  }

  #needsSignIn(cameBack: string, advice = 'Sign in again'): PandaError {
    return new PandaError({
      kind: 'unauthorised',
      tried: `use the sign-in for ${this.what}`,
      cameBack,
      advice,
      needsSignIn: true,
    });
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
