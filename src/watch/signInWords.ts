import type { IdentityFacts } from '../panda/index.ts';
import { formatDuration } from './wording.ts';

/** Something that is soon over, and what to do. */
export interface EndWarning {
  /** A sentence. */
  readonly text: string;
  /** An imperative sentence without a full stop. */
  readonly advice: string;
  /** When, epoch milliseconds. */
  readonly at: number;
}

/** A proxy lives for hours; the last of them is worth a word, ms. */
const PROXY_WARNING = 3_600_000;

/** Undefined while nothing is about to end. `now`: epoch milliseconds. */
export function endWarning(
  { kind, state, signInEnd, endsAt, isProxy }: IdentityFacts,
  now: number,
): EndWarning | undefined {
  if (state !== 'good') return undefined;
  if (signInEnd !== undefined && signInEnd.warnFrom <= now) {
    const left = signInEnd.at - now;
    const text = signInEnd.certain
      ? `The sign-in ends in ${formatLeft(left)}; then nothing works until you sign in.`
      : `The sign-in probably ends ${left <= 0 ? 'any time now' : `in about ${formatDuration(left)}`}.`;
    return { text, advice: 'Sign in again before', at: signInEnd.at };
  }
  if (kind !== 'oidc' && endsAt !== undefined && endsAt - now < PROXY_WARNING) {
    const what = kind === 'token' ? 'token' : isProxy ? 'proxy' : 'certificate';
    return {
      text: `The ${what} ends in ${formatLeft(endsAt - now)}.`,
      advice: `Get another ${what} before`,
      at: endsAt,
    };
  }
  return undefined;
}

function formatLeft(ms: number): string {
  return ms <= 0 ? 'no time' : formatDuration(ms);
}
