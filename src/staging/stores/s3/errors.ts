import { cleanText } from '../../../panda/index.ts';
import { StagingError, systemCode } from '../../errors.ts';
import type { StagingErrorKind } from '../../errors.ts';

interface Meaning {
  readonly kind: StagingErrorKind;
  readonly cameBack?: string;
  readonly advice: string;
  readonly passing?: boolean;
}

const noObject: Meaning = {
  kind: 'notFound',
  cameBack: 'it is not there',
  advice: 'Look what is there with desc-panda stage ls',
};
const denied: Meaning = {
  kind: 'denied',
  advice: 'Check the credentials, and that they may use this bucket',
};
const expired: Meaning = { kind: 'expired', advice: 'Sign in anew (aws sso login, or fresh keys)' };
const busy: Meaning = { kind: 'unreachable', advice: 'Try again in a while', passing: true };
const mangled: Meaning = {
  kind: 'checksum',
  cameBack: 'other bytes arrived than were sent',
  advice: 'Try again; if it stays so, something on the way changes them',
  passing: true,
};
const full: Meaning = {
  kind: 'full',
  advice: 'Remove old files with desc-panda stage clean, or ask for a larger quota',
};
const changed: Meaning = {
  kind: 'changed',
  cameBack: 'it was replaced meanwhile',
  advice: 'Read it again from the beginning',
};

/** By the code of S3's error. */
const CODES: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['NoSuchKey', noObject],
  ['NotFound', noObject],
  [
    'NoSuchUpload',
    { ...noObject, cameBack: 'the upload was given up or has ended', advice: 'Send the file again' },
  ],
  [
    'NoSuchBucket',
    {
      kind: 'noBucket',
      cameBack: 'there is no such bucket',
      advice: 'Check bucket and endpoint in the staging settings',
    },
  ],
  [
    'InvalidBucketName',
    {
      kind: 'noBucket',
      cameBack: 'that is no name of a bucket',
      advice: 'Check the bucket in the staging settings',
    },
  ],
  ['AccessDenied', denied],
  ['InvalidAccessKeyId', denied],
  [
    'SignatureDoesNotMatch',
    { ...denied, advice: 'Check the secret key, and that the endpoint is the right one' },
  ],
  ['AccountProblem', denied],
  ['AllAccessDisabled', denied],
  ['InvalidToken', denied],
  ['ExpiredToken', expired],
  ['ExpiredTokenException', expired],
  ['TokenRefreshRequired', expired],
  ['RequestExpired', expired],
  [
    'RequestTimeTooSkewed',
    {
      kind: 'clockSkew',
      cameBack: 'the clocks of this machine and of the store differ too much',
      advice: 'Set the clock of this machine',
    },
  ],
  ['SlowDown', busy],
  ['ServiceUnavailable', busy],
  ['InternalError', busy],
  ['RequestTimeout', busy],
  ['ThrottlingException', busy],
  ['TooManyRequests', busy],
  ['OperationAborted', busy],
  ['BadDigest', mangled],
  ['InvalidDigest', mangled],
  ['XAmzContentSHA256Mismatch', mangled],
  ['XAmzContentChecksumMismatch', mangled],
  ['IncompleteBody', { ...mangled, cameBack: 'fewer bytes arrived than were announced' }],
  ['PreconditionFailed', changed],
  ['QuotaExceeded', full],
  ['InsufficientStorage', full],
  ['XMinioStorageFull', full],
  [
    'EntityTooLarge',
    {
      kind: 'full',
      cameBack: 'it is larger than the store takes',
      advice: 'Ask for a larger limit, or split the file',
    },
  ],
  [
    'PermanentRedirect',
    {
      kind: 'protocol',
      cameBack: 'the bucket is in another region',
      advice: 'Set the region in the staging settings',
    },
  ],
  [
    'AuthorizationHeaderMalformed',
    { kind: 'protocol', advice: 'Set the right region in the staging settings' },
  ],
]);

const STATUSES: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [401, denied],
  [403, denied],
  [404, noObject],
  [412, changed],
  [429, busy],
  [507, full],
]);

const noConnection = 'no connection could be made';
const broken = 'the connection broke';

/** By the code of the system; another try may do. */
const BROKEN: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', broken],
  ['ECONNABORTED', broken],
  ['EPIPE', broken],
  ['ETIMEDOUT', 'no answer came in time'],
  ['ECONNREFUSED', noConnection],
  ['EHOSTUNREACH', noConnection],
  ['ENETUNREACH', noConnection],
  ['ENETDOWN', noConnection],
  ['EAI_AGAIN', 'the name of the host cannot be looked up'],
  ['ENOTFOUND', 'there is no such host'],
]);

/** Makes an error of the SDK one for users. Ours stay as they are; `tried` names key and store. */
export function s3Error(error: unknown, tried: string): StagingError {
  if (error instanceof StagingError) return error;
  const { name, message, status } = factsOf(error);
  const meaning = CODES.get(name) ?? meaningOfTrouble(error, name, message) ?? STATUSES.get(status ?? 0);
  if (meaning !== undefined) {
    const words = meaning.cameBack ?? (withoutSecrets(message) || name);
    return new StagingError({ ...meaning, tried, cameBack: words, cause: withoutRequest(error) });
  }
  const answer = status === undefined ? '' : `HTTP ${status}: `;
  const passing = status !== undefined && status >= 500;
  return new StagingError({
    kind: passing ? 'unreachable' : 'protocol',
    tried,
    cameBack: `${answer}${withoutSecrets(message) || name}`,
    advice: passing ? busy.advice : 'Check endpoint, region and path style in the staging settings',
    passing,
    cause: withoutRequest(error),
  });
}

function meaningOfTrouble(error: unknown, name: string, message: string): Meaning | undefined {
  const code = systemCode(error) ?? '';
  if (BROKEN.has(code) || name === 'TimeoutError' || /socket hang up|aborted/.test(message)) {
    const cameBack = BROKEN.get(code) ?? 'the connection broke or was silent for too long';
    return { kind: 'unreachable', cameBack, advice: 'Check the network and the endpoint', passing: true };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO/.test(code)) {
    return {
      kind: 'unreachable',
      cameBack: `the certificate of the store is not accepted (${code})`,
      advice: 'Name the PEM file of its authority as caFile in the staging settings',
    };
  }
  if (/^(Credentials|Token)ProviderError$/.test(name)) {
    return /expired|refresh/i.test(message)
      ? expired
      : {
          ...denied,
          advice: 'Set up credentials (aws configure, aws sso login), or name another credentials profile',
        };
  }
  if (message.includes('Region is missing')) {
    return {
      kind: 'protocol',
      cameBack: 'no region is set',
      advice: 'Set the region in the staging settings',
    };
  }
  if (/[Dd]eserialization|is not expected|Unclosed|char '/.test(message)) {
    return {
      kind: 'protocol',
      cameBack: 'what answered is not an S3 store',
      advice:
        'Check the endpoint in the staging settings, and whether a web page asks for a sign-in on this network',
    };
  }
  return undefined;
}

function factsOf(error: unknown): { name: string; message: string; status: number | undefined } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), status: undefined };
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status: unknown =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined;
  return {
    name: error.name,
    message: error.message,
    status: typeof status === 'number' ? status : undefined,
  };
}

/** A store may quote what it was sent. */
function withoutSecrets(text: string): string {
  return cleanText(text)
    .replace(/(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"']*/gi, '$1…')
    .replace(/\b(Credential|Signature)=[^,&\s"']*/g, '$1=…');
}

/** The SDK hangs request and answer on its errors, credentials and all: only name and message go on. */
function withoutRequest(error: unknown): Error {
  const { name, message } = factsOf(error);
  return new Error(`${name}: ${withoutSecrets(message)}`);
}
