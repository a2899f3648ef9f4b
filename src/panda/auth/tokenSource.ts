import { cleanText } from '../text/cleanText.ts';
import { PandaError } from '../errors/errors.ts';

/** Where the bearer token of a profile comes from. */
export interface TokenSource {
  /** A token to send. Rejects with PandaError where there is none. */
  token(signal?: AbortSignal): Promise<string>;
  /** Another token in place of one that was refused; undefined where there is none. Rejects with PandaError. */
  renewed(refused: string, signal?: AbortSignal): Promise<string | undefined>;
}

/** Tokens that somebody else makes, read anew each time. */
export function readyMadeTokens(read: () => Promise<string>): TokenSource {
  const token = async (): Promise<string> => {
    try {
      return await read();
    } catch (error) {
      const why = error instanceof Error ? cleanText(error.message) : 'no reason given';
      throw noToken(`it could not be read (${why})`);
    }
  };
  return {
    token,
    async renewed(refused) {
      const now = await token();
      return now.trim() === refused ? undefined : now;
    },
  };
}

/** Tokens from something that is loaded when the first is asked for. */
export function laterTokens(load: () => Promise<TokenSource | undefined>): TokenSource {
  let loading: Promise<TokenSource | undefined> | undefined;
  const source = async (): Promise<TokenSource> => {
    const loaded = await (loading ??= load());
    if (loaded === undefined) throw noToken('the profile has none');
    return loaded;
  };
  return {
    token: async (signal) => (await source()).token(signal),
    renewed: async (refused, signal) => (await source()).renewed(refused, signal),
  };
}

function noToken(cameBack: string): PandaError {
  return new PandaError({
    kind: 'unauthorised',
    tried: 'use the token that the profile names',
    cameBack,
    advice: 'Put a token where the profile looks for it, or let the profile sign in',
  });
}
