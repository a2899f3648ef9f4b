import type { FileChanges, JobChanges, StoredFile, StoredJob } from '../store/columns.ts';

/** How a job ends, and what becomes of its files (by row). */
export interface Ending {
  readonly changes: JobChanges;
  readonly files: ReadonlyMap<number, FileChanges>;
}

interface ReportedFile {
  readonly guid: string;
  readonly fsize: number | null;
  readonly md5sum: string | null;
  readonly checksum: string;
}

const UNREADABLE = 'Could not get GUID/LFN/MD5/FSIZE/SURL from pilot JSON';

/**
 * Decides a job's end from the pilot's last word and its report of outputs: what is not reported was not made.
 * `corePower`: of the site, per core; `now`: epoch milliseconds.
 */
export function decideEnding(
  job: StoredJob,
  files: readonly StoredFile[],
  said: 'finished' | 'failed',
  report: string,
  { corePower, now }: { readonly corePower: number; readonly now: number },
): Ending {
  const expected = files.filter(({ type }) => type === 'output' || type === 'log');
  const judged = expected.length === 0 ? NOTHING_WRONG : judge(job, files, expected, said, report);
  const failed = said === 'failed' || judged.trouble !== undefined || judged.isUnreadable;
  const outputs = files.filter(({ type }) => type === 'output');
  const bytes = outputs.reduce(
    (sum, file) => sum + (judged.changes.get(file.row_ID)?.fsize ?? file.fsize ?? 0),
    0,
  );
  const cores = job.actualCoreCount ?? job.coreCount ?? 1;
  const end = job.endTime ?? now;
  return {
    files: judged.changes,
    changes: {
      jobStatus: failed ? (job.commandToPilot === 'tobekilled' ? 'cancelled' : 'failed') : 'finished',
      ...(judged.trouble === undefined ? {} : { ddmErrorCode: 200, ddmErrorDiag: judged.trouble }),
      ...(failed ? {} : { jobDispatcherErrorCode: 0, jobDispatcherErrorDiag: null }),
      endTime: end,
      modificationTime: now,
      stateChangeTime: now,
      nOutputDataFiles: outputs.length,
      outputFileBytes: Math.min(bytes, 99_999_999_999),
      hs06sec: Math.trunc((Math.max(end - (job.startTime ?? end), 0) / 1000) * cores * corePower),
    },
  };
}

interface Judgement {
  readonly changes: ReadonlyMap<number, FileChanges>;
  /** Goes into ddmErrorDiag. */
  readonly trouble: string | undefined;
  readonly isUnreadable: boolean;
}

const NOTHING_WRONG: Judgement = { changes: new Map(), trouble: undefined, isUnreadable: false };

function judge(
  job: StoredJob,
  files: readonly StoredFile[],
  expected: readonly StoredFile[],
  said: 'finished' | 'failed',
  report: string,
): Judgement {
  const inputs = new Set(files.filter(({ type }) => type === 'input').map(({ lfn }) => lfn));
  const reported = readReport(report, inputs);
  if (reported === undefined) {
    const hasReason = (job.pilotErrorCode ?? 0) !== 0 || !['0', null].includes(job.transExitCode);
    return { changes: new Map(), trouble: hasReason ? undefined : UNREADABLE, isUnreadable: true };
  }
  const changes = new Map<number, FileChanges>();
  let trouble: string | undefined;
  for (const file of expected) {
    if (said === 'failed' && file.type !== 'log') {
      if (!staysLocal(file)) changes.set(file.row_ID, { status: 'failed' });
      continue;
    }
    const facts = reported.get(file.lfn ?? '');
    if (facts === undefined) {
      trouble = `expected output ${file.lfn} is missing in pilot JSON`;
      if (!staysLocal(file)) changes.set(file.row_ID, { status: 'failed' });
    } else {
      changes.set(file.row_ID, registered(file, facts));
    }
  }
  const known = new Set(files.map(({ lfn }) => lfn));
  const extra = [...reported.keys()].find((lfn) => !known.has(lfn));
  if (extra !== undefined) trouble = `pilot produced ${extra} inconsistently with jobdef`;
  return { changes, trouble, isUnreadable: false };
}

/** Files that stay at their site keep the status `unknown`, and of their logs nothing is registered. */
function staysLocal(file: StoredFile): boolean {
  return file.destinationSE === 'local';
}

function registered(file: StoredFile, facts: ReportedFile): FileChanges {
  if (staysLocal(file) && file.type === 'log') return {};
  const { guid, fsize, md5sum, checksum } = facts;
  return { GUID: guid, fsize, md5sum, checksum, ...(staysLocal(file) ? {} : { status: 'ready' }) };
}

/** Undefined for a report that cannot be read, or lacks what a file must have. */
function readReport(
  text: string,
  inputs: ReadonlySet<string | null>,
): ReadonlyMap<string, ReportedFile> | undefined {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof report !== 'object' || report === null || Array.isArray(report)) return undefined;
  const files = new Map<string, ReportedFile>();
  for (const [lfn, facts] of Object.entries(report)) {
    const file = readReported(facts);
    const complete = file !== undefined && file.fsize !== null && file.checksum !== 'md5:None';
    if (file === undefined || (!complete && !inputs.has(lfn))) return undefined;
    files.set(lfn, file);
  }
  return files;
}

function readReported(facts: unknown): ReportedFile | undefined {
  if (typeof facts !== 'object' || facts === null) return undefined;
  const { guid, fsize, md5sum, adler32 } = facts as Readonly<Record<string, unknown>>;
  if (guid === undefined) return undefined;
  const size = fsize === undefined ? null : Math.trunc(Number(fsize));
  if (size !== null && !Number.isSafeInteger(size)) return undefined;
  const md5 = typeof md5sum === 'string' && /^[0-9a-f]{32}$/iu.test(md5sum) ? md5sum : null;
  const isAdler = typeof adler32 === 'string' || typeof adler32 === 'number';
  return {
    guid: typeof guid === 'string' ? guid : JSON.stringify(guid),
    fsize: size,
    md5sum: md5,
    checksum: isAdler ? `ad:${adler32}` : `md5:${md5 ?? 'None'}`,
  };
}
