import {
  accountFiles,
  OWN_FOLDER,
  signInFor,
  usedIdentity,
  type Profile,
  type SignIn,
} from '../../panda/index.ts';
import { join } from 'node:path';
import { createEmitter, type Disposable, type Event } from '../../watch/index.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { editorTokenStore } from './editorTokenStore.ts';
import type { Secrets } from '../vscode/secrets.ts';

export interface SignInsDeps {
  readonly secrets: Secrets;
  readonly lockFolder: string;
  readonly isShared: () => boolean;
  readonly onNotKept: (where: string) => void;
  readonly userAgent: string;
}

/** The sign-ins of this window: one for each profile; those of one VO or role at a server share the people. */
export interface SignIns extends Disposable {
  /** Undefined for a profile that proves otherwise who it is. */
  of(profile: Profile): SignIn | undefined;
  /** Somebody signed in or out: here, or in another window. */
  readonly onDidChange: Event<void>;
  changed(): void;
}

/** Names the sign-ins of a profile: profiles of the same VO at the same server share them. Undefined where it has none. */
export function signInKey({ server, authentication }: Profile): string | undefined {
  return authentication.kind === 'oidc' ? `signIn:${authentication.origin}@${server}` : undefined;
}

export function createSignIns(deps: SignInsDeps): SignIns {
  const changes = createEmitter<void>();
  const known = new Map<string, SignIn>();
  return {
    of(profile) {
      const { authentication } = profile;
      const key = signInKey(profile);
      if (key === undefined || authentication.kind !== 'oidc') return undefined;
      const { configRoot } = authentication;
      const kept = `${profile.name} ${key} ${configRoot} ${profile.proxy ?? ''} ${profile.caFile ?? ''}`;
      const found = known.get(kept);
      if (found !== undefined) return found;
      const tools = { now: Date.now, delay };
      const used = usedIdentity(join(configRoot, OWN_FOLDER), profile.name, tools);
      const file = accountFiles(configRoot, used, tools);
      const store = editorTokenStore({ ...deps, ...tools, key, file, used });
      const signIn = signInFor(profile, { store, userAgent: deps.userAgent });
      if (signIn !== undefined) known.set(kept, signIn);
      return signIn;
    },
    onDidChange: changes.event,
    changed: () => changes.fire(),
    dispose: () => changes.dispose(),
  };
}

async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
}
