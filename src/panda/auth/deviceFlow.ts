import { PandaError } from '../errors/errors.ts';
import type { RetryTools } from '../http/retry.ts';
import type { DeviceCode, IdentityProvider, PollAnswer, StartedSignIn } from './provider.ts';
import type { TokenSet } from './tokenSet.ts';

export interface DeviceFlowOptions {
  /** Told what the user has to do; waited for before anything else is asked. */
  readonly onCode: (code: DeviceCode) => void | Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

const SLOWER_MS = 5_000;
const LONGEST_INTERVAL_MS = 60_000;

/**
 * Signs in with a code that the user enters elsewhere; resolves when that is done. Rejects with PandaError where the user
 * or the provider says no, or the code runs out, and with the signal's reason.
 */
export async function runDeviceFlow(
  provider: IdentityProvider,
  tools: Pick<RetryTools, 'now' | 'delay'>,
  { onCode, signal }: DeviceFlowOptions,
): Promise<TokenSet> {
  const started = await provider.start();
  signal?.throwIfAborted();
  const { userCode, link, completeLink, expiresAt } = started;
  await onCode({ userCode, link, completeLink, expiresAt });
  let interval = started.intervalMs;
  for (;;) {
    await tools.delay(interval, signal);
    signal?.throwIfAborted();
    const answer = await pollOnce(provider, started);
    switch (answer.kind) {
      case 'tokens':
        return answer.tokens;
      case 'pending':
        break;
      case 'slowDown':
        interval += SLOWER_MS;
        break;
      case 'noAnswer':
        interval = Math.min(interval * 2, LONGEST_INTERVAL_MS);
        break;
      case 'denied':
        throw ended(provider, 'it was denied', 'Sign in again, and allow it there');
      case 'expired':
        throw tooLate(provider);
    }
    if (tools.now() >= expiresAt) throw tooLate(provider);
  }
}

/** A network that is gone for a moment does not end a sign-in that the user is in the middle of. */
async function pollOnce(
  provider: IdentityProvider,
  started: StartedSignIn,
): Promise<PollAnswer | { readonly kind: 'noAnswer' }> {
  try {
    return await provider.poll(started);
  } catch (error) {
    if (error instanceof PandaError && error.kind === 'unreachable') return { kind: 'noAnswer' };
    throw error;
  }
}

function tooLate(provider: IdentityProvider): PandaError {
  return ended(provider, 'the code ran out before it was entered', 'Sign in again, and enter the new code');
}

function ended({ issuer }: IdentityProvider, cameBack: string, advice: string): PandaError {
  return new PandaError({
    kind: 'unauthorised',
    tried: `sign in at ${issuer}`,
    cameBack,
    advice,
    needsSignIn: true,
  });
}
