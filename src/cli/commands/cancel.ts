import { isFinal } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import { formatCount, plural, stateLook } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { followJobs } from '../jobs/followJobs.ts';
import { readPandaIds } from '../jobs/pandaIds.ts';
import { cleanLine } from '../render/style.ts';
import { jobOfRecord } from '../shapes.ts';

/**
 * - `cancelled`: it has ended as cancelled;
 * - `requested`: it runs, and ends when its pilot hears of it;
 * - `ended`: it had ended already;
 * - `refused`: PanDA does not let us;
 * - `notFound`: PanDA knows no such job.
 */
type Result = 'cancelled' | 'requested' | 'ended' | 'refused' | 'notFound';

interface Outcome {
  readonly pandaId: number;
  readonly name: string | null;
  readonly state: string | null;
  readonly result: Result;
}

export const cancelCommand: Command = {
  name: 'cancel',
  summary: 'Cancels jobs; a running one ends when its pilot hears of it',
  usage: ['cancel PANDAID... [options]'],
  options: [
    { name: 'yes', short: 'y', help: 'do not ask' },
    { name: 'wait', short: 'w', help: 'wait until running ones have ended' },
  ],
  examples: ['cancel 6900000001 6900000002', 'cancel 6900000001 --yes --wait'],
  async run(context) {
    const { args, io, out, connector } = context;
    const pandaIds = readPandaIds(args.positionals, 'cancel');
    const connection = await connector.connect();
    const before = await connection.client.jobs.describe(pandaIds, { signal: io.signal });
    const open = before.flatMap((record) => (record !== null && !isFinal(record.jobStatus) ? [record] : []));
    if (open.length > 0 && !(await confirm(io, question(open), args.flag('yes')))) {
      out.note('Nothing was cancelled.');
      return EXIT.refused;
    }
    const outcomes = await kill(connection, pandaIds, before, io.signal);
    const wait = args.flag('wait');
    if (!wait) out.result({ jobs: outcomes });
    for (const outcome of outcomes) {
      if (wait) out.event({ event: 'cancel', ...outcome });
      out.line(renderOutcome(outcome, context));
    }
    const waiting = outcomes.filter(({ result }) => result === 'requested');
    if (waiting.length > 0 && !wait) {
      out.note(`→ desc-panda job ${waiting[0]?.pandaId} shows when it has ended`);
    }
    const last = wait && waiting.length > 0 ? await waitForEnd(context, connection, outcomes) : outcomes;
    const exitCode = exitCodeOf(last);
    if (wait) out.event({ event: 'result', jobs: last, exitCode });
    return exitCode;
  },
};

const NAMED = 3;

function question(records: readonly JobRecord[]): string {
  const named = records
    .slice(0, NAMED)
    .map(
      (record) =>
        `${cleanLine(jobOfRecord(record).name)} (${record.PandaID}, ${cleanLine(record.jobStatus)})`,
    );
  const more = records.length > NAMED ? ` and ${formatCount(records.length - NAMED)} more` : '';
  return `Cancel ${plural(records.length, 'job')}: ${named.join(', ')}${more}?`;
}

async function kill(
  { client }: Connection,
  pandaIds: readonly number[],
  before: readonly (JobRecord | null)[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const open = pandaIds.filter((_, index) => {
    const record = before[index];
    return record !== undefined && record !== null && !isFinal(record.jobStatus);
  });
  const answers = open.length === 0 ? [] : await client.jobs.kill(open, { signal });
  const after = open.length === 0 ? [] : await client.jobs.describe(open, { signal });
  return pandaIds.map((pandaId, index): Outcome => {
    const at = open.indexOf(pandaId);
    const record = after[at] ?? before[index] ?? null;
    if (record === null) return { pandaId, name: null, state: null, result: 'notFound' };
    const facts = { pandaId, name: jobOfRecord(record).name, state: record.jobStatus };
    return { ...facts, result: at < 0 ? 'ended' : resultOf(record, answers[at] === true) };
  });
}

/** A refusal has no reason, so that the job itself is asked what became of it. */
function resultOf(record: JobRecord, accepted: boolean): Result {
  if (record.jobStatus === 'cancelled' || record.jobStatus === 'closed') return 'cancelled';
  if (isFinal(record.jobStatus)) return 'ended';
  return accepted || record.commandToPilot === 'tobekilled' ? 'requested' : 'refused';
}

async function waitForEnd(
  { io, out }: CommandContext,
  { client }: Connection,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const waiting = outcomes.filter(({ result }) => result === 'requested').map(({ pandaId }) => pandaId);
  out.progress(`Waiting for the pilot of ${plural(waiting.length, 'job')}…`);
  const ended = new Map<number, Outcome>();
  await followJobs(client, waiting, {
    clock: io.clock,
    signal: io.signal,
    onTrouble: (error) => out.progress(error === undefined ? '' : error.message),
    onChange: (record) => {
      const { PandaID: pandaId, jobStatus: state } = record;
      if (!isFinal(state)) return Promise.resolve();
      const result: Result = state === 'cancelled' || state === 'closed' ? 'cancelled' : 'ended';
      const outcome = { pandaId, name: jobOfRecord(record).name, state, result };
      ended.set(pandaId, outcome);
      out.event({ event: 'cancel', ...outcome });
      out.line(renderOutcome(outcome, { out }));
      return Promise.resolve();
    },
  });
  return outcomes.map((outcome) => ended.get(outcome.pandaId) ?? outcome);
}

function renderOutcome(
  { pandaId, name, state, result }: Outcome,
  { out }: Pick<CommandContext, 'out'>,
): string {
  const look = stateLook(state ?? 'unknown', result === 'requested');
  const job = `${pandaId}${name === null ? '' : ` ${cleanLine(name)}`}`;
  const glyph = out.style.paint(look.glyph, look.ansi);
  switch (result) {
    case 'cancelled':
      return `${glyph} ${cleanLine(look.word)}  ${job}`;
    case 'requested':
      return `${glyph} cancel requested  ${job}  waits for the pilot`;
    case 'ended':
      return `${glyph} ${cleanLine(look.word)}  ${job}  had ended`;
    case 'refused':
      return `${glyph} ${cleanLine(look.word)}  ${job}  PanDA refused: it is not yours to cancel, or it is just ending`;
    case 'notFound':
      return `${glyph} not found  ${job}`;
  }
}

function exitCodeOf(outcomes: readonly Outcome[]): ExitCode {
  const done = outcomes.every(({ result }) => result === 'cancelled' || result === 'requested');
  return done ? EXIT.ok : EXIT.refused;
}
