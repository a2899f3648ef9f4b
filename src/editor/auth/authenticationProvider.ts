import * as vscode from 'vscode';
import { listProfiles, type Profile, type SignIn } from '../../panda/index.ts';
import { createDisposables, type Disposable } from '../../watch/index.ts';
import { AUTHENTICATION } from '../contributions.ts';
import type { Profiles } from '../profiles.ts';
import { RestrictedError } from '../sessions.ts';
import { signInKey, type SignIns } from './signIns.ts';

export interface AuthenticationProviderDeps {
  readonly profiles: Profiles;
  readonly signIns: SignIns;
  /** Asks the user to sign in. */
  readonly signIn: (signIn: SignIn, name: string) => Promise<unknown>;
  readonly note: (error: unknown) => void;
}

/** Shows the sign-ins among the accounts of the editor, where they can be ended, and lets other extensions ask for them. */
export function registerAuthenticationProvider(deps: AuthenticationProviderDeps): Disposable {
  const owned = createDisposables();
  const provider = owned.add(new PandaAuthentication(deps));
  owned.add(
    vscode.authentication.registerAuthenticationProvider(AUTHENTICATION, 'PanDA', provider, {
      supportsMultipleAccounts: true,
    }),
  );
  return owned;
}

interface Account {
  readonly profile: Profile;
  readonly signIn: SignIn;
  readonly key: string;
}

class PandaAuthentication implements vscode.AuthenticationProvider, vscode.Disposable {
  readonly #deps: AuthenticationProviderDeps;
  readonly #changes =
    new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  readonly #subscription: Disposable;
  #known: readonly vscode.AuthenticationSession[] = [];

  readonly onDidChangeSessions = this.#changes.event;

  constructor(deps: AuthenticationProviderDeps) {
    this.#deps = deps;
    this.#subscription = deps.signIns.onDidChange(() => {
      this.#announce().catch(deps.note);
    });
  }

  async getSessions(scopes?: readonly string[]): Promise<vscode.AuthenticationSession[]> {
    this.#known = await this.#sessions();
    return this.#known.filter((session) => (scopes ?? []).every((scope) => session.scopes.includes(scope)));
  }

  /** The scope is the name of a profile; without one it is the profile in use. */
  async createSession([name]: readonly string[]): Promise<vscode.AuthenticationSession> {
    if (!vscode.workspace.isTrusted) throw new RestrictedError();
    const wanted = name ?? (await this.#deps.profiles.resolve()).name;
    const account = (await this.#accounts()).find(({ profile }) => profile.name === wanted);
    if (account === undefined) throw new Error(`The PanDA profile ${wanted} does not sign in`);
    await this.#deps.signIn(account.signIn, wanted);
    const session = await sessionOf(account);
    if (session === undefined) throw new Error(`Nobody is signed in to the PanDA profile ${wanted}`);
    return session;
  }

  async removeSession(id: string): Promise<void> {
    const account = (await this.#accounts()).find(({ key }) => key === id);
    await account?.signIn.signOut();
    this.#deps.signIns.changed();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }

  async #announce(): Promise<void> {
    const before = this.#known;
    const now = await this.getSessions();
    const missingIn = (
      list: readonly vscode.AuthenticationSession[],
      { id, account }: vscode.AuthenticationSession,
    ) => !list.some((other) => other.id === id && other.account.label === account.label);
    this.#changes.fire({
      added: now.filter((session) => missingIn(before, session)),
      removed: before.filter((session) => missingIn(now, session)),
      changed: [],
    });
  }

  /** Every profile that signs in; those of one VO at one server share their account. */
  async #accounts(): Promise<readonly Account[]> {
    const inputs = await this.#deps.profiles.inputs();
    return listProfiles(inputs).flatMap(({ profile }) => {
      const key = profile === undefined ? undefined : signInKey(profile);
      const signIn = profile === undefined ? undefined : this.#deps.signIns.of(profile);
      return profile === undefined || key === undefined || signIn === undefined
        ? []
        : [{ profile, key, signIn }];
    });
  }

  async #sessions(): Promise<readonly vscode.AuthenticationSession[]> {
    if (!vscode.workspace.isTrusted) return [];
    const byKey = new Map<string, vscode.AuthenticationSession>();
    for (const account of await this.#accounts()) {
      const known = byKey.get(account.key);
      const session = await sessionOf(account).catch(() => undefined);
      if (session === undefined) continue;
      const scopes = [...(known?.scopes ?? []), ...session.scopes];
      byKey.set(account.key, { ...session, scopes });
    }
    return [...byKey.values()];
  }
}

/** Undefined where nobody is signed in. */
async function sessionOf({
  profile,
  signIn,
  key,
}: Account): Promise<vscode.AuthenticationSession | undefined> {
  const { state, user, claims } = await signIn.status();
  if (state !== 'signedIn') return undefined;
  return {
    id: key,
    // PanDA is sent the id token.
    accessToken: await signIn.token(),
    account: {
      id: `${claims?.issuer ?? ''} ${claims?.subject ?? ''}`,
      label: `${user ?? 'somebody'} (${profile.name})`,
    },
    scopes: [profile.name],
  };
}
