import { explain, isAbort, PandaError } from '../../panda/index.ts';
import type { JobSpec, SubmitOutcome } from '../../panda/index.ts';
import type { TransferProgress } from '../../staging/index.ts';
import { fileTrouble } from './error.ts';
import { lookUpByName } from './lookup.ts';
import type { SigningDeps } from './signing.ts';
import type { SubmissionWriter } from './writer.ts';

/** What submitting needs of the outside world. */
export type SubmitDeps = SigningDeps;

export type SubmitProgress =
  /** `done` of `total` jobs were looked at, where there are many. */
  | { readonly phase: 'checking'; readonly done?: number; readonly total?: number }
  /** Files that go to the PanDA cache. */
  | { readonly phase: 'uploading'; readonly done: number; readonly total: number }
  /** Files that go where the profile stages them. */
  | ({ readonly phase: 'staging' } & TransferProgress)
  /** Jobs whose manifests are signed. */
  | { readonly phase: 'signing'; readonly done: number; readonly total: number }
  | { readonly phase: 'submitting'; readonly done: number; readonly total: number }
  /** Jobs of a lost answer: `done` of them are found. */
  | { readonly phase: 'lookingUp'; readonly done: number; readonly total: number };

export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: SubmitProgress) => void) | undefined;
  /** Pauses (ms) between looks for jobs whose answer was lost. */
  readonly pauses: readonly number[];
}

export interface SendResult {
  readonly outcomes: readonly SubmitOutcome[];
  /** What did not go as it should without changing an outcome. */
  readonly warnings: readonly string[];
}

interface NumberedJob {
  readonly number: number;
  readonly jobName: string;
  readonly spec: JobSpec;
}

/**
 * Jobs noted as being sent at a time. Those of later parts are surely not at the server when the program dies, so small
 * parts leave less to find out; but each part ends with a wait for its last answer.
 */
const PART = 1000;

/** Outcomes noted in one line of the journal. */
const NOTED = 1000;

/**
 * Sends jobs and notes every outcome down as soon as it is known. Then looks up those whose answer was lost. Returns one
 * outcome per job, in order; never rejects: a part that could not be sent stops those after it. Of the jobs only those
 * of the part that is being sent are in memory.
 */
export async function sendJobs(
  jobs: Iterable<NumberedJob> & { readonly length: number },
  writer: SubmissionWriter,
  deps: SubmitDeps,
  options: SendOptions,
): Promise<SendResult> {
  const results = new Map<string, SubmitOutcome>();
  const warnings = new Set<string>();
  const note = async (outcomes: readonly SubmitOutcome[]): Promise<void> => {
    for (const outcome of outcomes) results.set(outcome.jobName, outcome);
    try {
      for (let start = 0; start < outcomes.length; start += NOTED) {
        await writer.outcomes(outcomes.slice(start, start + NOTED));
      }
    } catch (error) {
      warnings.add(
        `What became of the jobs could not be noted down in the journal (${fileTrouble(error)[0]}).`,
      );
    }
  };

  /** In the order of the jobs. */
  const names: string[] = [];
  let stop: string | undefined;
  for (const part of partsOf(jobs)) {
    const start = names.length;
    names.push(...part.map(({ jobName }) => jobName));
    if (stop === undefined) {
      const onProgress = (done: number): void =>
        options.onProgress?.({ phase: 'submitting', done: start + done, total: jobs.length });
      stop = await noteAndSend(part, writer, results, note, deps, { signal: options.signal, onProgress });
      if (warnings.size > 0) stop ??= 'Not sent, because the journal could not be written.';
    }
    const left = part.filter((job) => !results.has(job.jobName));
    const reason = stop ?? 'Not sent.';
    if (left.length > 0) await note(left.map(({ jobName }) => ({ kind: 'notSent', jobName, reason })));
  }
  await lookUpLost(results, note, deps, options);
  return { outcomes: names.flatMap((name) => results.get(name) ?? []), warnings: [...warnings] };
}

function* partsOf(jobs: Iterable<NumberedJob>): Generator<readonly NumberedJob[]> {
  let part: NumberedJob[] = [];
  for (const job of jobs) {
    part.push(job);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

async function lookUpLost(
  results: ReadonlyMap<string, SubmitOutcome>,
  note: (outcomes: readonly SubmitOutcome[]) => Promise<void>,
  deps: SubmitDeps,
  { pauses, signal, onProgress }: SendOptions,
): Promise<void> {
  const lost = [...results.values()].filter((outcome) => outcome.kind === 'unknown');
  if (lost.length === 0) return;
  const tell = (done: number, total: number): void => onProgress?.({ phase: 'lookingUp', done, total });
  tell(0, lost.length);
  await note(
    await lookUpByName(lost, { ...deps, monitor: deps.client.monitor }, { pauses, signal, onProgress: tell }),
  );
}

/** Notes a part as being sent, and sends it; returns why no more should be sent, or undefined. */
async function noteAndSend(
  part: readonly NumberedJob[],
  writer: SubmissionWriter,
  results: ReadonlyMap<string, SubmitOutcome>,
  note: (outcomes: readonly SubmitOutcome[]) => Promise<void>,
  deps: SubmitDeps,
  options: { readonly signal: AbortSignal | undefined; readonly onProgress: (done: number) => void },
): Promise<string | undefined> {
  try {
    options.signal?.throwIfAborted();
    const numbers = part.map((job) => job.number);
    await writer.sending(numbers, deps.clock.now());
  } catch (error) {
    return isAbort(error) ? textOf(error) : notNoted(error);
  }
  return sendPart(part, results, note, deps, options);
}

/** Sends one part; returns why no more should be sent, or undefined. */
async function sendPart(
  part: readonly NumberedJob[],
  results: ReadonlyMap<string, SubmitOutcome>,
  note: (outcomes: readonly SubmitOutcome[]) => Promise<void>,
  deps: SubmitDeps,
  options: { readonly signal: AbortSignal | undefined; readonly onProgress: (done: number) => void },
): Promise<string | undefined> {
  let trouble: unknown;
  let outcomes: readonly SubmitOutcome[] = [];
  try {
    outcomes = await deps.client.jobs.submit(
      part.map((job) => job.spec),
      {
        onOutcomes: note,
        onProgress: options.onProgress,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
    );
  } catch (error) {
    trouble = error;
  }
  const missed = outcomes.filter((outcome) => !results.has(outcome.jobName));
  if (missed.length > 0) await note(missed);
  if (trouble !== undefined) {
    // Only an error that says so, or a cancel, is trusted to have left nothing at the server.
    const kind =
      isAbort(trouble) || (trouble instanceof PandaError && !trouble.mayHaveActed) ? 'notSent' : 'unknown';
    const reason = textOf(trouble);
    const silent = part.filter((job) => !results.has(job.jobName));
    if (silent.length > 0) await note(silent.map(({ jobName }) => ({ kind, jobName, reason })));
    return reason;
  }
  const halted = part
    .map((job) => results.get(job.jobName))
    .find((outcome) => outcome?.kind === 'unknown' || outcome?.kind === 'notSent');
  if (halted?.kind === 'unknown') {
    return `Not sent, because an earlier part of the submission failed. ${halted.reason}`;
  }
  return halted?.kind === 'notSent' ? halted.reason : undefined;
}

function notNoted(error: unknown): string {
  return `Not sent, because the journal could not be written (${fileTrouble(error)[0]}).`;
}

/** An error as sentences, as they stand in an outcome. */
function textOf(error: unknown): string {
  if (isAbort(error)) return 'The submission was stopped before this job was sent.';
  if (error instanceof PandaError) return explain(error);
  return error instanceof Error ? error.message : String(error);
}
