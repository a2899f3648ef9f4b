import { isAbort } from '../panda/index.ts';

/** What came of trying something. */
export interface Finding {
  /** `skipped`: not tried, as something before it failed. */
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What came back; clauses, without a full stop at the end, or a sentence. */
  readonly detail: string;
  /** What to change, an imperative sentence without a full stop; empty where nothing. */
  readonly advice: string;
}

/** One thing that was tried. */
export interface Check extends Finding {
  /** Name of the section that it belongs to. */
  readonly section: string;
  readonly name: string;
  /** A clause: `look up panda.example.org`; empty where nothing had to be tried. */
  readonly tried: string;
  /** Milliseconds; null where nothing was tried. */
  readonly tookMs: number | null;
}

/** Checks that belong together, as of one address. */
export interface Section {
  /** One word. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** As they are done. Rejects with the reason of the signal, or an AbortError. */
  readonly checks: AsyncIterable<Check>;
}

/** One thing to try. What it throws is its finding. */
export interface Step {
  readonly name: string;
  readonly tried: string;
  readonly run: (signal: AbortSignal) => Finding | Promise<Finding>;
  /** The steps after it make sense also where it fails. */
  readonly isOptional?: boolean;
}

/** What every check needs of the outside. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  /** How one signs in at this face: `desc-panda auth login`. */
  readonly howToSignIn: string;
  /** How the program introduces itself. */
  readonly userAgent: string;
  /** Takes out of a text what others are not to see. */
  readonly share: (text: string) => string;
}

/** How long things may take, milliseconds. */
export interface Limits {
  /** A name to be looked up, a connection to be made. */
  readonly hop: number;
  /** An answer. */
  readonly answer: number;
  /** Anything, with all that the client tries again. */
  readonly step: number;
}

export const LIMITS: Limits = { hop: 8_000, answer: 20_000, step: 45_000 };

export const ok = (detail: string): Finding => ({ state: 'ok', detail, advice: '' });
export const warning = (detail: string, advice: string): Finding => ({ state: 'warning', detail, advice });
export const failed = (detail: string, advice: string): Finding => ({ state: 'failed', detail, advice });
export const skipped = (detail: string): Finding => ({ state: 'skipped', detail, advice: '' });

/** Takes the steps of a section one after the other; those after one that failed are skipped. */
export async function* inTurn(
  section: string,
  steps: readonly Step[],
  surroundings: Surroundings,
): AsyncGenerator<Check, boolean> {
  let stopped: string | undefined;
  for (const step of steps) {
    if (stopped !== undefined) {
      yield skippedCheck(section, step.name, `${stopped} failed`);
      continue;
    }
    const check = await take(section, step, surroundings);
    yield check;
    if (check.state === 'failed' && step.isOptional !== true) stopped = step.name;
  }
  return stopped === undefined;
}

export function skippedCheck(section: string, name: string, why: string): Check {
  return { section, name, tried: '', tookMs: null, ...skipped(why) };
}

async function take(section: string, step: Step, surroundings: Surroundings): Promise<Check> {
  const { name, tried, run } = step;
  const { now, signal, limits } = surroundings;
  const share = (text: string): string => surroundings.share(text).replace(/\p{Cc}+/gu, ' ');
  signal.throwIfAborted();
  const begun = now();
  let finding: Finding;
  try {
    finding = await within(limits.step, signal, async (both) => run(both));
  } catch (error) {
    signal.throwIfAborted();
    finding = isTimeout(error)
      ? failed(
          `no answer within ${limits.step / 1000} s`,
          'Try again later: the server, or the network, is slow',
        )
      : findingOf(error, surroundings);
  }
  const { state, detail, advice } = finding;
  const tookMs = tried === '' ? null : Math.max(0, now() - begun);
  return { section, name, tried: share(tried), tookMs, state, detail: share(detail), advice: share(advice) };
}

/** An error as a finding: those of ours say what to do. */
function findingOf(error: unknown, { howToSignIn }: Pick<Surroundings, 'howToSignIn'>): Finding {
  if (!(error instanceof Error)) return failed(String(error), '');
  if (isAbort(error)) return failed('it was ended before an answer came', 'Try again');
  const { code, path } = error as NodeJS.ErrnoException;
  if (code !== undefined && path !== undefined) {
    return failed(`${path} cannot be used (${code})`, 'Give yourself the right to use it');
  }
  const advice = 'advice' in error && typeof error.advice === 'string' ? error.advice : '';
  const needsSignIn = 'needsSignIn' in error && error.needsSignIn === true;
  return failed(error.message, needsSignIn ? `${advice} (${howToSignIn})` : advice);
}

/** Gives up on something after a while: rejects with a TimeoutError, or with the reason of the signal. */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(both.reason as Error);
  both.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(both), ended]);
  } catch (error) {
    both.throwIfAborted();
    throw error;
  } finally {
    both.removeEventListener('abort', onAbort);
  }
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
