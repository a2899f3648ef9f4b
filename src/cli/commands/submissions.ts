import { SANDBOX } from '../../panda/index.ts';
import { formatRelative, forgetJobs, plural, resendJobs, resumeSubmission } from '../../watch/index.ts';
import type { JournalEntry, Submission } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { noteOutcomes } from '../keepRecord.ts';
import { recoverQuietly } from '../recovery.ts';
import { countOutcomes, exitCodeOfOutcomes, printOutcomes } from '../render/outcomes.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { submissionShape } from '../shapes.ts';
import { showSubmitProgress } from '../submitProgress.ts';
import { UsageError } from '../usageError.ts';

export const submissionsCommand: Command = {
  name: 'submissions',
  summary:
    'Lists what was submitted from here; goes on with, sends again or forgets what was lost on the way',
  usage: ['submissions [options]', 'submissions show|resume|resend|forget ID [options]'],
  options: [{ name: 'days', value: 'N', help: 'of the last so many days (default 7)' }],
  examples: ['submissions', 'submissions resume mi1f9x0k2a'],
  async run(context) {
    const { args, connector } = context;
    const [action, id, more] = args.positionals;
    if (more !== undefined || (action !== undefined && id === undefined)) throw wrongWords();
    const connection = await connector.connect();
    if (action === undefined || id === undefined) return list(context, connection);
    switch (action) {
      case 'show':
        return show(context, connection, id);
      case 'resume':
        return resume(context, connection, id);
      case 'resend':
        return resend(context, connection, id);
      case 'forget':
        return forget(context, connection, id);
      default:
        throw wrongWords();
    }
  },
};

function wrongWords(): UsageError {
  return new UsageError(
    'desc-panda submissions takes nothing, or an action and the id of a submission.',
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
  throw new UsageError(
    `There is no submission ${id} of profile ${profile.name} on this machine.`,
    'Look at desc-panda submissions',
  );
}

async function show(context: CommandContext, connection: Connection, id: string): Promise<ExitCode> {
  const { submission, status } = await entryOf(connection, id);
  context.out.result({ ...submissionShape(submission), status });
  context.out.line(
    `${cleanLine(submission.name)} · ${plural(submission.jobs.length, 'job')} for ${cleanLine(submission.server)}`,
  );
  printOutcomes(submission, context.out);
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
