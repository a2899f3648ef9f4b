import { explain, isAbort, PandaError } from '../panda/index.ts';
import type { JobSpec, PandaClient, Profile, SubmitOutcome } from '../panda/index.ts';
import type { Clock } from './api.ts';
import { fileTrouble } from './submissionError.ts';
import { lookUpByName } from './submissionLookup.ts';
import type { SubmissionWriter } from './submissionWriter.ts';

/** What submitting needs of the outside world. */
export interface SubmitDeps {
  readonly client: PandaClient;
  readonly profile: Profile;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export type SubmitProgress =
  | { readonly phase: 'checking' }
  /** Files that go to the PanDA cache. */
  | { readonly phase: 'uploading'; readonly done: number; readonly total: number }
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

/**
 * Sends jobs and notes every outcome down as soon as it is known. Then looks up those whose answer was lost. Returns one
 * outcome per job, in order; never rejects: a part that could not be sent stops those after it.
 */
export async function sendJobs(
  jobs: readonly NumberedJob[],
  writer: SubmissionWriter,
  deps: SubmitDeps,
  options: SendOptions,
): Promise<SendResult> {
  const results = new Map<string, SubmitOutcome>();
  const warnings = new Set<string>();
  const note = async (outcomes: readonly SubmitOutcome[]): Promise<void> => {
    for (const outcome of outcomes) results.set(outcome.jobName, outcome);
    try {
      await writer.outcomes(outcomes);
    } catch (error) {
      warnings.add(
        `What became of the jobs could not be noted down in the journal (${fileTrouble(error)[0]}).`,
      );
    }
  };

  let stop: string | undefined;
  for (let start = 0; start < jobs.length && stop === undefined; start += PART) {
    const part = jobs.slice(start, start + PART);
    const total = jobs.length;
    const onProgress = (done: number): void =>
      options.onProgress?.({ phase: 'submitting', done: start + done, total });
    try {
      options.signal?.throwIfAborted();
      await writer.sending(part.map((job) => job.number));
    } catch (error) {
      stop = isAbort(error) ? textOf(error) : notNoted(error);
      break;
    }
    stop = await sendPart(part, results, note, deps, { signal: options.signal, onProgress });
    if (warnings.size > 0) stop ??= 'Not sent, because the journal could not be written.';
  }
  const left = jobs.filter((job) => !results.has(job.jobName));
  if (left.length > 0) {
    const reason = stop ?? 'Not sent.';
    await note(left.map(({ jobName }) => ({ kind: 'notSent', jobName, reason })));
  }

  const lost = jobs.flatMap((job) => {
    const outcome = results.get(job.jobName);
    return outcome?.kind === 'unknown' ? [outcome] : [];
  });
  if (lost.length > 0) {
    options.onProgress?.({ phase: 'lookingUp', done: 0, total: lost.length });
    await note(
      await lookUpByName(
        lost,
        { ...deps, monitor: deps.client.monitor },
        {
          pauses: options.pauses,
          signal: options.signal,
          onProgress: (done, total) => options.onProgress?.({ phase: 'lookingUp', done, total }),
        },
      ),
    );
  }
  return { outcomes: jobs.flatMap((job) => results.get(job.jobName) ?? []), warnings: [...warnings] };
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
