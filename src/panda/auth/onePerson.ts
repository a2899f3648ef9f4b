import type { TokenSource } from './tokenSource.ts';
import { subjectOf } from './accountFiles.ts';
import type { SignIn } from './signIn.ts';

export interface OnePersonOptions {
  /** Whose tokens; undefined: of who is used at the first call. */
  readonly subject?: string | undefined;
  /** Told at a call that the profile is used as somebody else by now, as another window or program may have chosen. */
  readonly onOther?: () => void;
}

/**
 * The tokens of one person, also where the profile is used as another one meanwhile: what was begun as one, as a submission of
 * several calls, does not end as the other.
 */
export function tokensOfOnePerson(
  signIn: Pick<SignIn, 'token' | 'renewed' | 'of' | 'status'>,
  { subject, onOther }: OnePersonOptions = {},
): TokenSource {
  let whose = subject;
  return {
    async token(signal) {
      if (whose === undefined) {
        const token = await signIn.token(signal);
        whose = subjectOf({ id_token: token });
        return token;
      }
      if (onOther !== undefined) {
        const { state, claims } = await signIn.status();
        if (state === 'signedIn' && (claims?.subject ?? '') !== whose) onOther();
      }
      return signIn.of(whose).token(signal);
    },
    renewed: (refused, signal) => signIn.renewed(refused, signal),
  };
}
