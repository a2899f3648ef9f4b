import { FILE_ATTRIBUTES, JOB_ATTRIBUTES } from '../../panda/index.ts';
import type { FileSpec, JobRequest, JobSpec, StagingSettings, SubmitOutcome } from '../../panda/index.ts';
import type { AreaName, ManifestInput } from '../../staging/index.ts';

/** The process that works on a submission; `token` makes each taking over unique. */
export interface SubmissionOwner {
  readonly host: string;
  readonly pid: number;
  /** Tells a process from a later one with the same number; null where the system does not say. */
  readonly started: string | null;
  readonly token: string;
}

/** What a person needs to recognise a submitted job, without the content of its files. */
export interface RequestSummary {
  readonly name: string;
  /** Id of the transformation: `hello`, `script`. */
  readonly transformation: string;
  readonly arguments: readonly string[];
  readonly site: string | null;
  /** Names in the PanDA cache that the job fetches. */
  readonly cacheFiles: readonly string[];
}

export interface HeaderLine {
  readonly type: 'submission';
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  /** Origin of the server it went to. */
  readonly server: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  readonly count: number;
  /** As PanDA calls who submits it; undefined where that is not known. */
  readonly user?: string;
  readonly owner: SubmissionOwner;
  readonly staging?: StagingPlace;
}

/** Where the files of a submission are staged. */
export interface StagingPlace {
  readonly settings: StagingSettings;
  readonly area: AreaName;
}

export interface JobLine {
  readonly type: 'job';
  /** From 1, as in the job's name. */
  readonly number: number;
  readonly request: RequestSummary;
  readonly spec: JobSpec;
  readonly staged?: StagedFiles;
}

/** What a job fetches and leaves where its submission is staged. */
export interface StagedFiles {
  /** Places among all inputs of the submission, from 0. */
  readonly inputs: readonly number[];
  /** Names. */
  readonly outputs: readonly string[];
}

/** One line of a submission's journal, in the order they come. */
export type JournalLine =
  | HeaderLine
  /** More inputs of the submission, as they are staged. */
  | { readonly type: 'inputs'; readonly inputs: readonly ManifestInput[] }
  | JobLine
  /** Everything above is on disk: sending may begin. */
  | { readonly type: 'ready' }
  /** The manifests of all jobs were signed, and are good until then. */
  | {
      readonly type: 'signed';
      /** Epoch milliseconds. */
      readonly at: number;
      readonly expiresAt: number;
    }
  /** These jobs are about to be sent: from here on they may exist. */
  | {
      readonly type: 'sending';
      readonly numbers: readonly number[];
      /** Epoch milliseconds. */
      readonly at?: number;
    }
  | { readonly type: 'outcomes'; readonly outcomes: readonly SubmitOutcome[] }
  /** The user gave up finding out about these. */
  | { readonly type: 'forgotten'; readonly jobNames: readonly string[] }
  /** Another process takes over from `replaces`; of several that name the same one, the first has it. */
  | { readonly type: 'claim'; readonly replaces: string; readonly owner: SubmissionOwner }
  /** The owner is done; `settled` when nothing is left to find out. */
  | { readonly type: 'released'; readonly token: string; readonly settled: boolean };

export function summarise(request: JobRequest, site: string | undefined): RequestSummary {
  const { payload, tarball } = request.transformation;
  return {
    name: request.name,
    transformation: request.transformation.id,
    arguments: request.arguments,
    site: site ?? null,
    cacheFiles: tarball === undefined ? [payload.name] : [payload.name, tarball.name],
  };
}

export function formatLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Reads one line; null for anything that is not a whole line of ours. */
export function parseLine(text: string): JournalLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isJournalLine(value) ? value : null;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
const isNullOr = (check: (value: unknown) => boolean, value: unknown): boolean =>
  value === null || check(value);
const isListOf = (check: (value: unknown) => boolean, value: unknown): boolean =>
  Array.isArray(value) && value.every(check);

function isOwner(value: unknown): boolean {
  return (
    isFields(value) &&
    isText(value.host) &&
    isNumber(value.pid) &&
    value.pid > 0 &&
    isNullOr(isText, value.started) &&
    isText(value.token)
  );
}

function isSummary(value: unknown): boolean {
  return (
    isFields(value) &&
    isText(value.name) &&
    isText(value.transformation) &&
    isListOf(isText, value.arguments) &&
    isNullOr(isText, value.site) &&
    isListOf(isText, value.cacheFiles)
  );
}

const jobKinds: ReadonlyMap<string, string> = new Map(JOB_ATTRIBUTES);
const fileKinds: ReadonlyMap<string, string> = new Map(FILE_ATTRIBUTES);

function hasKinds(value: Fields, kinds: ReadonlyMap<string, string>): boolean {
  return Object.entries(value).every(([key, item]) => {
    const kind = kinds.get(key);
    if (kind === undefined) return false;
    return item === null || typeof item === (kind === 'text' ? 'string' : 'number');
  });
}

function isFileSpec(value: unknown): value is FileSpec {
  return (
    isFields(value) &&
    isText(value.lfn) &&
    ['input', 'output', 'log'].includes(String(value.type)) &&
    hasKinds(value, fileKinds)
  );
}

function isJobSpec(value: unknown): value is JobSpec {
  if (!isFields(value)) return false;
  const { files, ...attributes } = value;
  return isText(attributes.jobName) && hasKinds(attributes, jobKinds) && isListOf(isFileSpec, files);
}

function isOutcome(value: unknown): value is SubmitOutcome {
  if (!isFields(value) || !isText(value.jobName)) return false;
  switch (value.kind) {
    case 'accepted':
      return isNumber(value.pandaId) && value.pandaId > 0 && isNullOr(isNumber, value.jobsetId);
    case 'refused':
    case 'unknown':
    case 'notSent':
      return isText(value.reason);
    default:
      return false;
  }
}

function isHeader(value: Fields): boolean {
  return (
    value.version === 1 &&
    isText(value.id) &&
    isText(value.name) &&
    isText(value.profile) &&
    isText(value.server) &&
    isNumber(value.submittedAt) &&
    isNumber(value.count) &&
    (value.user === undefined || isText(value.user)) &&
    isOwner(value.owner) &&
    (value.staging === undefined || isPlace(value.staging))
  );
}

function isPlace(value: unknown): boolean {
  return isFields(value) && isSettings(value.settings) && isArea(value.area);
}

function isSettings(value: unknown): boolean {
  if (!isFields(value)) return false;
  if (value.kind === 'folder') return isText(value.folder);
  const texts = ['prefix', 'endpoint', 'region', 'caFile', 'credentialsProfile', 'checksums'];
  return (
    value.kind === 's3' &&
    isText(value.bucket) &&
    texts.every((key) => value[key] === undefined || isText(value[key])) &&
    (value.pathStyle === undefined || typeof value.pathStyle === 'boolean')
  );
}

function isArea(value: unknown): boolean {
  return isFields(value) && isText(value.user) && isText(value.date) && isText(value.submissionId);
}

function isInput(value: unknown): boolean {
  if (!isFields(value) || !isText(value.name) || !isText(value.key)) return false;
  const { checksums } = value;
  return (
    isFields(checksums) && isNumber(checksums.size) && isText(checksums.adler32) && isText(checksums.sha256)
  );
}

function isJobLine(value: Fields): boolean {
  return (
    isNumber(value.number) &&
    value.number > 0 &&
    isSummary(value.request) &&
    isJobSpec(value.spec) &&
    (value.staged === undefined || isStaged(value.staged))
  );
}

function isStaged(value: unknown): boolean {
  return isFields(value) && isListOf(isNumber, value.inputs) && isListOf(isText, value.outputs);
}

const LINES: Readonly<Record<JournalLine['type'], (value: Fields) => boolean>> = {
  submission: isHeader,
  inputs: ({ inputs }) => isListOf(isInput, inputs),
  job: isJobLine,
  ready: () => true,
  signed: ({ at, expiresAt }) => isNumber(at) && isNumber(expiresAt),
  sending: ({ numbers, at }) => isListOf(isNumber, numbers) && isNullOr(isNumber, at ?? null),
  outcomes: ({ outcomes }) => isListOf(isOutcome, outcomes),
  forgotten: ({ jobNames }) => isListOf(isText, jobNames),
  claim: ({ replaces, owner }) => isText(replaces) && isOwner(owner),
  released: ({ token, settled }) => isText(token) && typeof settled === 'boolean',
};

function isJournalLine(value: unknown): value is JournalLine {
  if (!isFields(value) || !isText(value.type) || !Object.hasOwn(LINES, value.type)) return false;
  return LINES[value.type as JournalLine['type']](value);
}
