import { SANDBOX } from '../../panda/index.ts';
import { formatRelative, forgetJobs, plural, resendJobs, resumeSubmission } from '../../watch/index.ts';
import type { JournalEntry, Submission } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { noteOutcomes } from '../submit/keepRecord.ts';
import { recoverQuietly } from '../submit/recovery.ts';
import { countOutcomes, exitCodeOfOutcomes, printOutcomes } from '../render/outcomes.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { submissionShape } from '../shapes.ts';
import { showSubmitProgress } from '../submit/progress.ts';
import { UsageError } from '../usageError.ts';
import { compare, find, printRecord, recordHere, recordShape } from './submissionRecords.ts';

export const submissionsCommand: Command = {
  name: 'submissions',
  summary:
    'Lists what was submitted from here, shows and compares it; goes on with, sends again or forgets what was lost',
  usage: [
    'submissions [options]',
    'submissions show|resume|resend|forget ID [options]',
    'submissions compare ID ID [options]',
    'submissions find PANDAID [options]',
  ],
  options: [{ name: 'days', value: 'N', help: 'of the last so many days (default 7)' }],
  examples: [
    'submissions',
    'submissions resume mi1f9x0k2a',
    'submissions compare mi1f9x0k2a mi1g03z44q',
    'submissions find 6900000001',
  ],
  async run(context) {
    const [word, ...words] = context.args.positionals;
    if (word === undefined) return list(context, await context.connector.connect());
    const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
    if (action?.words !== words.length) throw wrongWords();
    return action.run(context, words);
  },
};

interface Action {
  /** How many follow it. */
  readonly words: number;
  readonly run: (context: CommandContext, words: readonly string[]) => Promise<ExitCode>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  show: ofOne(show),
  resume: ofOne(resume),
  resend: ofOne(resend),
  forget: ofOne(forget),
  compare: { words: 2, run: (context, [before = '', after = '']) => compare(context, [before, after]) },
  find: { words: 1, run: (context, [pandaId = '']) => find(context, pandaId) },
};

/** What is done with one submission of the profile in use. */
function ofOne(
  run: (context: CommandContext, connection: Connection, id: string) => Promise<ExitCode>,
): Action {
  return {
    words: 1,
    run: async (context, [id = '']) => run(context, await context.connector.connect(), id),
  };
}

function wrongWords(): UsageError {
  return new UsageError(
    'desc-panda submissions takes nothing, or an action and the id of a submission (compare: of two; find: a PandaID).',
    'See desc-panda submissions --help',
  );
}

async function list(context: CommandContext, connection: Connection): Promise<ExitCode> {
  const { args, io, out } = context;
  await recoverQuietly(connection, context);
  const since = io.clock.now() - (args.count('days', 1) ?? 7) * 86_400_000;
  const { entries } = await connection.journal.list(connection.profile.name, { since });
  const newest = entries.toReversed();
  out.result({
    profile: connection.profile.name,
    submissions: newest.map(({ submission, status }) => ({ ...submissionShape(submission), status })),
  });
  if (newest.length === 0) {
    out.line('Nothing was submitted from here.');
    return EXIT.ok;
  }
  const rows = newest.map(({ submission, status }) => [
    { text: submission.id },
    { text: cleanLine(submission.name) },
    { text: formatRelative(submission.submittedAt, io.clock.now()), paint: out.style.dim },
    { text: String(submission.jobs.length) },
    { text: status === 'running' ? 'being sent' : countOutcomes(submission.outcomes) },
  ]);
  const columns = [
    { title: 'ID' },
    { title: 'NAME', flexible: true },
    { title: 'SUBMITTED' },
    { title: 'JOBS', align: 'right' as const },
    { title: 'OUTCOME' },
  ];
  for (const line of renderTable(columns, rows, { width: out.width, paintTitle: out.style.dim })) {
    out.line(line);
  }
  return EXIT.ok;
}

async function entryOf({ journal, profile }: Connection, id: string): Promise<JournalEntry> {
  const entry = await journal.read(profile.name, id);
  if (entry !== undefined) return entry;
  throw unknownSubmission({ profile }, id);
}

function unknownSubmission({ profile }: Pick<Connection, 'profile'>, id: string): UsageError {
  return new UsageError(
    `There is no submission ${id} of profile ${profile.name} on this machine.`,
    'Look at desc-panda submissions',
  );
}

async function show(context: CommandContext, connection: Connection, id: string): Promise<ExitCode> {
  const { out } = context;
  const entry = await connection.journal.read(connection.profile.name, id);
  if (entry !== undefined) await noteOutcomes(context, entry.submission);
  const record = await recordHere(context, id);
  if (entry === undefined && record === undefined) throw unknownSubmission(connection, id);
  out.result({
    ...(entry === undefined ? {} : { ...submissionShape(entry.submission), status: entry.status }),
    record: record === undefined ? null : recordShape(record),
  });
  if (entry !== undefined) {
    const { name, jobs, server } = entry.submission;
    out.line(`${cleanLine(name)} · ${plural(jobs.length, 'job')} for ${cleanLine(server)}`);
    printOutcomes(entry.submission, out);
  }
  if (record !== undefined) printRecord(context, record);
  return EXIT.ok;
}

/** After so long (ms) a sandbox has surely decided what was sent to it. */
const SANDBOX_SETTLED = 10_000;

async function resume(context: CommandContext, connection: Connection, id: string): Promise<ExitCode> {
  const { io, out } = context;
  await entryOf(connection, id);
  const result = await resumeSubmission(id, connection.deps, {
    signal: io.signal,
    onProgress: showSubmitProgress(out),
    ...(connection.profile.name === SANDBOX ? { settledAfter: SANDBOX_SETTLED } : {}),
  });
  return sentAgain(context, result);
}

async function resend(context: CommandContext, connection: Connection, id: string): Promise<ExitCode> {
  const { io, out } = context;
  await entryOf(connection, id);
  const result = await resendJobs(id, connection.deps, {
    signal: io.signal,
    onProgress: showSubmitProgress(out),
  });
  return sentAgain(context, result);
}

async function sentAgain(
  context: CommandContext,
  result: Submission & { readonly warnings: readonly string[] },
): Promise<ExitCode> {
  const { out } = context;
  out.progress('');
  await noteOutcomes(context, result);
  out.result(submissionShape(result, result.warnings));
  printOutcomes(result, out);
  return exitCodeOfOutcomes(result.outcomes);
}

async function forget(context: CommandContext, connection: Connection, id: string): Promise<ExitCode> {
  const { out } = context;
  await entryOf(connection, id);
  await forgetJobs(id, connection.deps);
  out.result({ forgotten: id });
  out.line(`Submission ${id} is not looked after any more. Nothing was sent or cancelled.`);
  return EXIT.ok;
}
