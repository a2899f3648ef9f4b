/** One job as the server handed it out, checked and with lists taken apart. */
export interface PilotJob {
  readonly pandaId: number;
  readonly attemptNr: number;
  readonly taskId: number | null;
  readonly transformation: string;
  readonly jobParameters: string;
  readonly owner: string | null;
  readonly cores: number;
  /** Seconds; null for no limit. */
  readonly maxWalltime: number | null;
  /** Names of the output files, without the log. */
  readonly outputs: readonly string[];
  readonly log: { readonly lfn: string; readonly guid: string | null } | null;
  /** Of its owner, as the JSON text that the payload is given; never to be logged. Null for a job that uses none. */
  readonly secrets: string | null;
}

export type ParsedJob =
  | { readonly kind: 'job'; readonly job: PilotJob }
  /** Not even its PandaID can be read, so that nothing can be reported of it. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** Reads one entry of the answer to `acquire_jobs`. Unset travels as the text `NULL`, lists are joined by commas. */
export function parsePilotJob(entry: unknown): ParsedJob {
  if (typeof entry !== 'object' || entry === null) {
    return { kind: 'unusable', reason: 'not an object' };
  }
  const fields = entry as Readonly<Record<string, unknown>>;
  const pandaId = wholeNumber(fields.PandaID);
  // The id names folders and processes: only a positive safe integer may pass.
  if (pandaId === null || pandaId <= 0) return { kind: 'unusable', reason: 'no PandaID' };
  const logLfn = text(fields.logFile);
  const maxWalltime = wholeNumber(fields.maxWalltime);
  return {
    kind: 'job',
    job: {
      pandaId,
      attemptNr: wholeNumber(fields.attemptNr) ?? 0,
      taskId: wholeNumber(fields.taskID),
      transformation: text(fields.transformation) ?? '',
      jobParameters: text(fields.jobPars) ?? '',
      owner: text(fields.prodUserID),
      cores: wholeNumber(fields.coreCount) ?? 1,
      maxWalltime: maxWalltime !== null && maxWalltime > 0 ? maxWalltime : null,
      outputs: list(fields.outFiles).filter((lfn) => lfn !== logLfn),
      log: logLfn === null ? null : { lfn: logLfn, guid: text(fields.logGUID) },
      secrets: text(fields.secrets),
    },
  };
}

/** What is wrong with a file name that is to stand in the job's storage folder; undefined when it is fit. */
export function badFileName(lfn: string): string | undefined {
  if (lfn === '' || lfn === '.' || lfn === '..' || /[/\\\u0000-\u001f\u007f]/u.test(lfn)) {
    return `not a plain file name: ${JSON.stringify(lfn)}`;
  }
  if (Buffer.byteLength(lfn) > 255) return `file name longer than 255 bytes: ${lfn.slice(0, 60)}…`;
  if (OWN_FILES.has(lfn)) return `name is taken by a file of the pilot: ${lfn}`;
  return undefined;
}

export const STDOUT = 'payload.stdout';
export const STDERR = 'payload.stderr';
export const PILOT_LOG = 'pilotlog.txt';
/** In the job's directory while its payload runs. */
export const SECRETS = 'panda_secrets.json';
const OWN_FILES: ReadonlySet<string> = new Set([STDOUT, STDERR, PILOT_LOG, SECRETS]);

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value !== 'NULL' ? value : null;
}

function list(value: unknown): readonly string[] {
  return (text(value) ?? '').split(',').filter((item) => item !== '' && item !== 'NULL');
}

function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d+$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}
