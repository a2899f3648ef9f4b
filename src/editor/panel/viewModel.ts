import {
  describeUnknown,
  errorName,
  isFinal,
  jobErrors,
  parseJobName,
  withoutRepeats,
} from '../../panda/index.ts';
import type { ErrorDescription, FileRecord, JobRecord, StateChange } from '../../panda/index.ts';
import type { JobFile, JobFileList } from '../../watch/index.ts';
import { formatRelative, formatSize, formatTime } from '../../watch/index.ts';
import { jobFacts } from '../jobs/contextValue.ts';
import { buildParameters } from './parameters.ts';
import { buildResources } from './resources.ts';
import { stateView } from './stateView.ts';
import { buildTimeline } from './timeline.ts';
import type { Actions, AttemptView, Fact, FailureView, FileView, JobView, TellingLine } from './view.ts';

/** Everything the page of a job is made from. Times are epoch milliseconds, UTC. */
export interface JobFacts {
  readonly profile: string;
  readonly record: JobRecord;
  /** States the job went through, from the monitor; empty where it names none. */
  readonly history: readonly StateChange[];
  readonly cancelRequested: boolean;
  /** The line of the log that tells why the job failed, once found. */
  readonly line: TellingLine | null;
  /** Earlier attempts of the same work, as far as known. */
  readonly earlier: readonly JobRecord[];
  /** The monitor's words for errors that we have none for. */
  readonly descriptions: readonly ErrorDescription[];
  /** What is staged of the job's files, once it was asked for; undefined where it is staged nowhere. */
  readonly staged: JobFileList | undefined;
  /** What is in the tarball of its log, once it was looked into. */
  readonly members: readonly JobFile[] | undefined;
  /** The job was submitted with this program, so that it can be submitted again. */
  readonly submittedByUs: boolean;
  /** Outputs of jobs lie on this machine. */
  readonly outputsHere: boolean;
  /** The profile names a monitor. */
  readonly monitor: boolean;
  /** When the record was read. */
  readonly asOf: number;
}

/** A pilot is expected to be heard every half hour; twice that is worth a word. */
const SILENCE = 60 * 60 * 1000;
const MOST_FILES = 2000;

/** Makes what the page shows. Pure: the same facts at the same time give the same page. */
export function buildJobView(facts: JobFacts, now: number): JobView {
  const { record } = facts;
  const cancelRequested =
    !isFinal(record.jobStatus) && (facts.cancelRequested || record.commandToPilot === 'tobekilled');
  return {
    profile: facts.profile,
    pandaId: record.PandaID,
    name: shortName(record),
    jobName: record.jobName ?? '',
    state: stateView(record.jobStatus, cancelRequested),
    cancelRequested,
    note: buildNote(record, cancelRequested, now),
    facts: buildFacts(record),
    actions: buildActions(facts, cancelRequested),
    timeline: buildTimeline(record, facts.history, now),
    failure: buildFailure(facts),
    files: [
      ...(facts.staged?.files ?? []).map(listedView),
      ...record.files.map((file) => fileView(file, record)),
      ...(facts.staged?.inputs ?? []).map(listedView),
      ...(facts.members ?? []).map(listedView),
    ].slice(0, MOST_FILES),
    parameters: buildParameters(record),
    resources: buildResources(record, now),
    attempts: [...facts.earlier.filter((other) => other.PandaID !== record.PandaID), record]
      .sort((a, b) => a.PandaID - b.PandaID)
      .map((attempt) => attemptView(attempt, attempt === record, now)),
    asOf: { text: `as of ${timeOfDay(facts.asOf)}`, title: `Read ${formatTime(facts.asOf)}` },
  };
}

/** The same rules as for the job's row in the tree. */
function buildActions(facts: JobFacts, cancelRequested: boolean): Actions {
  const can = jobFacts({
    state: facts.record.jobStatus,
    cancelRequested,
    submittedByUs: facts.submittedByUs,
    started: facts.record.startTime !== null,
    outputsHere: facts.outputsHere,
    monitor: facts.monitor,
  });
  return {
    cancel: can.cancellable === true,
    resubmit: can.resubmittable === true,
    openLog: can.log === true,
    openOutputs: can.outputs === true,
    openMonitor: can.monitor === true,
  };
}

/** What the user called the job, or PanDA's name for it. */
function shortName({ jobName, PandaID }: JobRecord): string {
  if (jobName === null || jobName === '') return `Job ${PandaID}`;
  return parseJobName(jobName)?.name ?? jobName;
}

function buildNote(record: JobRecord, cancelRequested: boolean, now: number): string | null {
  const heard = record.modificationTime;
  const ago = heard === null ? null : formatRelative(heard, now);
  if (cancelRequested) {
    return `Cancel requested, waits for the pilot${ago === null ? '' : ` (last heard ${ago})`}`;
  }
  const site = record.computingSite ?? 'its site';
  switch (record.jobStatus) {
    case 'activated':
      return `Waits for a pilot at ${site}`;
    case 'sent':
      return 'Given to a pilot, which has not answered yet';
    case 'running':
      return heard !== null && now - heard > SILENCE
        ? `The pilot was last heard ${formatRelative(heard, now)}`
        : null;
    case 'cancelled':
    case 'closed': {
      const [first] = jobErrors(record);
      return first === undefined ? null : (first.diag ?? first.title);
    }
    default:
      return null;
  }
}

function buildFacts(record: JobRecord): Fact[] {
  const attempt = Math.max(1, record.attemptNr ?? 0);
  const most = Math.max(attempt, record.maxAttempt ?? 0);
  return [
    { text: String(record.PandaID), title: 'PandaID' },
    ...(record.computingSite === null ? [] : [{ text: record.computingSite, title: 'Site' }]),
    { text: `attempt ${attempt}`, title: most > 1 ? `Attempt ${attempt} of at most ${most}` : 'Attempt' },
  ];
}

function buildFailure({ record, descriptions, line }: JobFacts): FailureView | null {
  const [first, ...others] = withoutRepeats(describeUnknown(jobErrors(record), descriptions));
  // A cancelled job ended as somebody wished: its errors are told in the note, and nothing is to be mended.
  if (first === undefined || ['finished', 'cancelled', 'closed'].includes(record.jobStatus)) return null;
  return {
    code: errorName(first),
    title: first.title,
    diag: first.diag === null || first.diag === first.title ? '' : first.diag,
    advice: first.advice,
    others: others.map((error) => `${errorName(error)} ${error.diag ?? error.title}`),
    line,
  };
}

function fileView(file: FileRecord, { jobStatus, startTime }: JobRecord): FileView {
  const facts = [
    ['dataset', file.dataset],
    ['scope', file.scope],
    ['checksum', file.checksum ?? file.md5sum],
    ['GUID', file.GUID],
    ['storage', file.destinationSE],
  ] as const;
  return {
    type: file.type ?? '',
    name: file.lfn ?? '',
    size: file.fsize === null || file.fsize === 0 ? '–' : formatSize(file.fsize),
    status: file.status ?? '',
    openable: file.type !== 'input' && isFinal(jobStatus) && startTime !== null,
    title: facts
      .flatMap(([name, value]) => (value === null || value === '' ? [] : [`${name}: ${value}`]))
      .join('\n'),
  };
}

function listedView({ kind, name, size, url, adler32, sha256, inside }: JobFile): FileView {
  const sums = [adler32 === null ? '' : `adler32: ${adler32}`, sha256 === null ? '' : `sha256: ${sha256}`];
  return {
    type: kind,
    name,
    size: size === null ? '–' : formatSize(size),
    status: inside === undefined ? 'staged' : 'in the log',
    openable: true,
    title: [url, ...sums].filter((fact) => fact !== '').join('\n'),
  };
}

function attemptView(record: JobRecord, current: boolean, now: number): AttemptView {
  const time = record.endTime ?? record.startTime ?? record.creationTime;
  return {
    pandaId: record.PandaID,
    attempt: String(Math.max(1, record.attemptNr ?? 0)),
    state: stateView(record.jobStatus),
    site: record.computingSite ?? '–',
    when:
      time === null ? { text: '–', title: '' } : { text: formatRelative(time, now), title: formatTime(time) },
    current,
  };
}

function timeOfDay(time: number): string {
  return `${formatTime(time).slice(11, 19)} UTC`;
}
