import type { CallFacts } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import { HttpFailure } from './types.ts';
import type { HttpFailureReason } from './types.ts';

interface Words {
  readonly cameBack: string;
  readonly advice: string;
  /** Whether the next try may meet something else. */
  readonly passing: boolean;
}

const WORDS: Readonly<Record<HttpFailureReason, Words>> = {
  refused: {
    cameBack: 'nothing answers there',
    advice:
      'Check that the server runs and that this machine can reach it (network, VPN, address in the profile)',
    passing: true,
  },
  unknownHost: {
    cameBack: 'the name of the host cannot be found',
    advice: 'Check the network and the address in the profile',
    passing: true,
  },
  timeout: {
    cameBack: 'no answer came in time',
    advice: 'Try again later; the server or the network is slow',
    passing: false,
  },
  broken: {
    cameBack: 'the connection broke before the whole answer was here',
    advice: 'Try again',
    passing: true,
  },
  certificate: {
    cameBack: 'the secure connection could not be made',
    advice:
      "Name the file of the server's certificate authority in the profile, and check your own certificate",
    passing: false,
  },
  tooLarge: {
    cameBack: 'the answer is larger than this client reads',
    advice: 'Ask for less at once',
    passing: false,
  },
  proxy: {
    cameBack: 'the proxy did not let the connection through',
    advice: 'Check the proxy in the profile',
    passing: true,
  },
  proxyAuthentication: {
    cameBack: 'the proxy wants a name and password that it knows',
    advice: 'Put them into HTTPS_PROXY: http://name:password@host:port',
    passing: false,
  },
  local: {
    cameBack: 'the request could not be made',
    advice: 'Check the address in the profile',
    passing: false,
  },
};

/**
 * The PandaError for a failed exchange; whatever else was thrown (an abort, a PandaError) is returned as it is.
 * The failure itself is not kept as cause: nothing of a request may reach a log.
 */
export function connectionError(error: unknown, facts: CallFacts): unknown {
  if (!(error instanceof HttpFailure)) {
    return error;
  }
  const words = WORDS[error.reason];
  return new PandaError({
    kind: error.reason === 'tooLarge' ? 'protocol' : 'unreachable',
    tried: facts.tried,
    cameBack: `${words.cameBack} (${error.code})`,
    advice: words.advice,
    mayHaveActed: facts.changes && error.sent,
    passing: words.passing,
  });
}
