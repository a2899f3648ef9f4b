import { join } from 'node:path';
import { StagingError } from './errors.ts';

/** S3's limit for a key, bytes of UTF-8. */
const LONGEST_KEY = 1024;
/** What file systems take for one name, bytes. */
const LONGEST_SEGMENT = 255;

/** Everything a user has staged lies below one segment: `<user>/<yyyy-mm-dd>/<submissionId>/…` and `<user>/in/sha256/…`. */
export interface AreaName {
  readonly user: string;
  /** `yyyy-mm-dd`. */
  readonly date: string;
  readonly submissionId: string;
}

/** One run of one job in an area. */
export interface AttemptName {
  readonly area: AreaName;
  /** Of the job, within its submission. */
  readonly jobId: string;
  /** From 1; no output key serves two attempts. */
  readonly attempt: number;
}

/** A user's name as one segment of keys. */
export function userSegment(user: string): string {
  const segment = user
    .normalize('NFC')
    .replace(/[^A-Za-z0-9_.@-]/gu, '_')
    .slice(0, 64);
  return /^\.*$/.test(segment) ? `_${segment}` : segment;
}

/** `2026-11-23`, UTC. */
export function areaDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** `<user>/<yyyy-mm-dd>/<submissionId>/`: the prefix of all that belongs to one submission. */
export function areaPrefix({ user, date, submissionId }: AreaName): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw badName(date, 'it is not a date like 2026-11-23');
  return `${checkSegment(user)}/${date}/${checkSegment(submissionId)}/`;
}

/** The prefix of inputs that go by their content, shared by all submissions of a user. */
export function sharedInputs(user: string): string {
  return `${checkSegment(user)}/in/sha256/`;
}

/** Where an input goes by its content, so that an unchanged file is sent once. */
export function sharedInputKey(user: string, sha256: string, name: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw badName(sha256, 'it is not a sha256');
  return checkKey(`${sharedInputs(user)}${sha256}/${checkName(name)}`);
}

/** The sum that a key of a shared input promises. */
export function sha256OfKey(key: string): string | undefined {
  return /(?:^|\/)in\/sha256\/([0-9a-f]{64})\//.exec(key)?.[1];
}

/** Where one attempt puts an output or a log. Names that lie beside them are refused. */
export function outputKey(attempt: AttemptName, name: string): string {
  if (name === OUT_MANIFEST || name === 'live' || name.startsWith('live/')) {
    throw badName(name, 'outputs of that name are made beside it');
  }
  return checkKey(`${outputPrefix(attempt)}${checkName(name)}`);
}

/** What the wrapper sends however a job ends; a payload has no outputs of these names. */
export const WRAPPER_LOGS: readonly string[] = [
  'payload.stdout',
  'payload.stderr',
  'wrapper.log',
  'pipeline_summary',
  'resources.json',
];

/** The name of an output of a payload. Refuses what the wrapper makes itself. */
export function checkOutputName(name: string): string {
  if (WRAPPER_LOGS.includes(name)) throw badName(name, 'the wrapper leaves a file of that name itself');
  outputKey({ area: { user: 'u', date: '2000-01-01', submissionId: 's' }, jobId: '1', attempt: 1 }, name);
  return name;
}

/** Where the wrapper puts `manifest.out.json`. */
export function outManifestKey(attempt: AttemptName): string {
  return checkKey(outputPrefix(attempt) + OUT_MANIFEST);
}

export function outputPrefix({ area, jobId, attempt }: AttemptName): string {
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw badName(String(attempt), 'attempts count from 1');
  return `${areaPrefix(area)}out/${checkSegment(jobId)}/${attempt}/`;
}

/** Where the first run of a job notes its PandaID, so that a second one leaves its files beside. */
export function firstRunKey({ area, jobId }: AttemptName): string {
  return checkKey(`${areaPrefix(area)}out/${checkSegment(jobId)}/first-run`);
}

/** What the wrapper writes last. */
export const OUT_MANIFEST = 'manifest.out.json';

/** Piece `number` (from 0) of what a running attempt prints. */
export function liveLogKey(attempt: AttemptName, stream: string, number: number): string {
  return checkKey(`${liveLogPrefix(attempt, stream)}${number}`);
}

export function liveLogPrefix(attempt: AttemptName, stream: string): string {
  return `${outputPrefix(attempt)}live/${checkSegment(stream)}.`;
}

/** The one object with the manifests of all jobs of a submission. */
export function manifestsKey(area: AreaName): string {
  return `${areaPrefix(area)}${MANIFESTS}`;
}

export const MANIFESTS = 'manifests';

/** Where the list of shared inputs that a submission uses is kept, for clean-up. */
export function usedInputsKey(area: AreaName): string {
  return `${areaPrefix(area)}inputs.json`;
}

/** A key, or the name of a file with `/` between folders: never absolute, never upwards, at most 1,024 bytes. */
export function checkKey(key: string, prefixBytes = 0): string {
  const bytes = Buffer.byteLength(key) + prefixBytes;
  if (bytes > LONGEST_KEY) throw badName(key, `it has ${bytes} bytes, ${LONGEST_KEY} are the most`);
  for (const segment of key.split('/')) checkSegment(segment);
  return key;
}

/** What listings may begin with: as a key, but the last segment may be cut anywhere, or be missing. */
export function checkPrefix(prefix: string): string {
  const end = prefix.lastIndexOf('/');
  if (end >= 0) checkKey(prefix.slice(0, end));
  const rest = prefix.slice(end + 1);
  if (rest !== '' && rest !== '.') checkSegment(rest);
  return prefix;
}

/** The name of a file of a job, perhaps in folders. */
export function checkName(name: string): string {
  return checkKey(name);
}

function checkSegment(segment: string): string {
  if (segment === '') throw badName(segment, 'a part of it is empty');
  if (segment === '.' || segment === '..') throw badName(segment, 'it leads out of its folder');
  if (/[\\\p{Cc}]/u.test(segment)) throw badName(segment, 'it has a backslash or a control character');
  if (/^[A-Za-z]:/.test(segment)) throw badName(segment, 'it begins like a drive');
  if (!segment.isWellFormed()) throw badName(segment, 'it is not Unicode');
  if (segment.includes('/')) throw badName(segment, 'it has a slash');
  if (Buffer.byteLength(segment) > LONGEST_SEGMENT) {
    throw badName(segment, `a part of it has more than ${LONGEST_SEGMENT} bytes`);
  }
  return segment;
}

function badName(name: string, cameBack: string): StagingError {
  const shown = name.replace(/\p{Cc}/gu, '�').toWellFormed();
  return new StagingError({
    kind: 'badName',
    tried: `use the name “${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}”`,
    cameBack,
    advice: 'Choose another name',
  });
}

/** The path of a file below `folder`, whatever its name: one that would lead out of it is refused. */
export function pathBelow(folder: string, name: string): string {
  return join(folder, ...checkName(name).split('/'));
}
