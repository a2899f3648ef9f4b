import * as vscode from 'vscode';
import { listProfiles, type Account, type Profile, type SignIn } from '../../panda/index.ts';
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

interface SigningProfile {
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

  async getSessions(
    scopes: readonly string[] = [],
    { account }: vscode.AuthenticationProviderSessionOptions = {},
  ): Promise<vscode.AuthenticationSession[]> {
    this.#known = await this.#sessions();
    return this.#known.filter(
      (session) =>
        scopes.every((scope) => session.scopes.includes(scope)) &&
        (account === undefined || account.id === session.account.id),
    );
  }

  /**
   * The scope is the name of a profile; without one it is the profile in use. Who is signed in already, and is asked for, is
   * used; else somebody signs in.
   */
  async createSession(
    [name]: readonly string[],
    options: vscode.AuthenticationProviderSessionOptions = {},
  ): Promise<vscode.AuthenticationSession> {
    if (!vscode.workspace.isTrusted) throw new RestrictedError();
    const wanted = name ?? (await this.#deps.profiles.resolve()).name;
    const signing = (await this.#profiles()).find(({ profile }) => profile.name === wanted);
    if (signing === undefined) throw new Error(`The PanDA profile ${wanted} does not sign in`);
    const asked = (await signing.signIn.accounts()).find(
      (one) => one.state === 'signedIn' && accountId(one) === options.account?.id,
    );
    if (asked === undefined) await this.#deps.signIn(signing.signIn, wanted);
    else await signing.signIn.use(asked.subject).then(() => this.#deps.signIns.changed());
    const account = (await signing.signIn.accounts()).find(({ isUsed }) => isUsed);
    if (account === undefined) throw new Error(`Nobody is signed in to the PanDA profile ${wanted}`);
    return sessionOf(signing, account);
  }

  async removeSession(id: string): Promise<void> {
    for (const { signIn, key } of await this.#profiles()) {
      const account = (await signIn.accounts()).find((one) => idOf(key, one) === id);
      if (account === undefined) continue;
      await signIn.signOut(account.subject);
      break;
    }
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

  /** Every profile that signs in. */
  async #profiles(): Promise<readonly SigningProfile[]> {
    const inputs = await this.#deps.profiles.inputs();
    return listProfiles(inputs).flatMap(({ profile }) => {
      const key = profile === undefined ? undefined : signInKey(profile);
      const signIn = profile === undefined ? undefined : this.#deps.signIns.of(profile);
      return profile === undefined || key === undefined || signIn === undefined
        ? []
        : [{ profile, key, signIn }];
    });
  }

  /** One for each person at each VO; its scopes are the profiles that are used as them. */
  async #sessions(): Promise<readonly vscode.AuthenticationSession[]> {
    if (!vscode.workspace.isTrusted) return [];
    const byId = new Map<string, vscode.AuthenticationSession>();
    for (const signing of await this.#profiles()) {
      // A folder that cannot be read is told of where the profile is used.
      const accounts = await signing.signIn.accounts().catch(() => []);
      for (const account of accounts.filter(({ state }) => state === 'signedIn')) {
        const known = byId.get(idOf(signing.key, account));
        const session = await sessionOf(signing, account).catch(() => undefined);
        if (session === undefined) continue;
        byId.set(session.id, { ...session, scopes: [...(known?.scopes ?? []), ...session.scopes] });
      }
    }
    return [...byId.values()];
  }
}

function idOf(key: string, { subject }: Account): string {
  return `${key} ${subject}`;
}

/** Whom the editor takes for the same. */
function accountId({ claims, subject }: Account): string {
  return `${claims?.issuer ?? ''} ${subject}`;
}

async function sessionOf(
  { profile, signIn, key }: SigningProfile,
  account: Account,
): Promise<vscode.AuthenticationSession> {
  const { user, isUsed } = account;
  return {
    id: idOf(key, account),
    // PanDA is sent the id token. That of who is not used is not renewed for this.
    accessToken: isUsed ? await signIn.token() : account.token,
    account: { id: accountId(account), label: `${user ?? 'somebody'} (${voOf(profile)})` },
    scopes: isUsed ? [profile.name] : [],
  };
}

/** As people know it: the VO and where. */
function voOf({ authentication, server }: Profile): string {
  const vo = authentication.kind === 'oidc' ? authentication.origin : '';
  return `${vo} at ${new URL(server).host}`;
}
