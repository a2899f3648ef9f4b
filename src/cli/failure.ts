import { InvalidJobsError, isAbort, PandaError, ProfileError } from '../panda/index.ts';
import { DatacatError } from '../datacat/index.ts';
import { SandboxError } from '../sandbox/index.ts';
import { StagingError } from '../staging/index.ts';
import { SubmissionError } from '../watch/index.ts';
import { ServiceUnreachable } from './serviceUnreachable.ts';
import { EXIT } from './exitCodes.ts';
import type { ExitCode } from './exitCodes.ts';
import { LocalError } from './localError.ts';
import { UsageError } from './usageError.ts';

/** An error for people and programs. */
export interface Failure {
  /** `usage`, `unreachable`, `unauthorised`, `rejected`, `notFound`, `exists`, `protocol`, `refused`, `local`, `interrupted`, `internal`, or a kind of StagingError. */
  readonly kind: string;
  /** One or more whole sentences. */
  readonly message: string;
  /** An imperative sentence without a full stop; empty where there is nothing to do. */
  readonly advice: string;
  readonly exitCode: ExitCode;
}

const PANDA_CODES: Readonly<Record<PandaError['kind'], ExitCode>> = {
  unreachable: EXIT.unreachable,
  unauthorised: EXIT.unreachable,
  protocol: EXIT.unreachable,
  rejected: EXIT.refused,
  notFound: EXIT.refused,
};

const DATACAT_CODES: Readonly<Record<DatacatError['kind'], ExitCode>> = {
  unreachable: EXIT.unreachable,
  unauthorised: EXIT.unreachable,
  protocol: EXIT.unreachable,
  rejected: EXIT.refused,
  exists: EXIT.refused,
  notFound: EXIT.refused,
};

const STAGING_CODES: Readonly<Record<StagingError['kind'], ExitCode>> = {
  unreachable: EXIT.unreachable,
  denied: EXIT.unreachable,
  expired: EXIT.unreachable,
  clockSkew: EXIT.unreachable,
  protocol: EXIT.unreachable,
  noBucket: EXIT.refused,
  notFound: EXIT.refused,
  checksum: EXIT.refused,
  changed: EXIT.refused,
  badName: EXIT.usage,
  full: EXIT.local,
  local: EXIT.local,
};

export function failureOf(error: unknown): Failure {
  if (isAbort(error)) {
    return { kind: 'interrupted', message: 'Interrupted.', advice: '', exitCode: EXIT.interrupted };
  }
  if (error instanceof UsageError || error instanceof ProfileError || error instanceof InvalidJobsError) {
    return { kind: 'usage', message: error.message, advice: error.advice, exitCode: EXIT.usage };
  }
  if (error instanceof PandaError) {
    const { kind, message, needsSignIn } = error;
    const advice = needsSignIn ? `${error.advice} (desc-panda auth login)` : error.advice;
    return { kind, message, advice, exitCode: PANDA_CODES[kind] };
  }
  if (error instanceof DatacatError) {
    const { kind, message, advice } = error;
    return { kind, message, advice, exitCode: DATACAT_CODES[kind] };
  }
  if (error instanceof StagingError) {
    const { kind, message, advice } = error;
    return { kind, message, advice, exitCode: STAGING_CODES[kind] };
  }
  if (error instanceof LocalError) {
    return { kind: 'local', message: error.message, advice: error.advice, exitCode: EXIT.local };
  }
  if (error instanceof SubmissionError) return submissionFailure(error);
  if (error instanceof ServiceUnreachable) {
    return { kind: 'unreachable', message: error.message, advice: error.advice, exitCode: EXIT.unreachable };
  }
  if (error instanceof SandboxError) {
    const message = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`;
    return { kind: 'local', message, advice: error.advice, exitCode: EXIT.local };
  }
  return {
    kind: 'internal',
    message: `Something went wrong in desc-panda itself: ${error instanceof Error ? error.message : String(error)}.`,
    advice: 'Run it again with DESC_PANDA_DEBUG=1 and report what it prints',
    exitCode: EXIT.internal,
  };
}

function submissionFailure(error: SubmissionError): Failure {
  const { message, canForce } = error;
  const advice = canForce ? `${error.advice}, or submit it all the same with --force` : error.advice;
  if (canForce) return { kind: 'refused', message, advice, exitCode: EXIT.refused };
  if (error.problems.length > 0) return { kind: 'usage', message, advice, exitCode: EXIT.usage };
  if (error.cause !== undefined) return { kind: 'local', message, advice, exitCode: EXIT.local };
  return { kind: 'refused', message, advice, exitCode: EXIT.refused };
}
