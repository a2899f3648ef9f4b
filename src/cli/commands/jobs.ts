import { JOB_STATES } from '../../panda/index.ts';
import { nearMatches } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { discoverJobs, refreshJobs, selectJobs } from '../jobs/list.ts';
import type { JobSelection } from '../jobs/list.ts';
import type { Args } from '../options.ts';
import { recoverQuietly } from '../submit/recovery.ts';
import { renderJobTable } from '../render/jobTable.ts';
import { isoTime, jobShape } from '../shapes.ts';
import { UsageError } from '../usageError.ts';
import { watchTable } from '../jobs/watchTable.ts';

export const jobsCommand: Command = {
  name: 'jobs',
  summary: 'Lists your jobs, the newest first',
  usage: ['jobs [options]'],
  options: [
    {
      name: 'state',
      short: 's',
      value: 'STATE',
      multiple: true,
      help: 'only jobs in this state; may be repeated',
    },
    {
      name: 'filter',
      value: 'WORDS',
      help: 'only jobs with all these words in name, PandaID, site, state or error',
    },
    { name: 'limit', short: 'n', value: 'N', help: 'at most so many (default 20)' },
    { name: 'days', value: 'N', help: 'of the last so many days (default 7)' },
    { name: 'watch', short: 'w', help: 'stay and show changes as they come, until Ctrl-C' },
  ],
  examples: ['jobs', 'jobs --state failed --limit 100', 'jobs --filter "R22 SLAC" --watch'],
  async run(context) {
    const { args, io, out, connector } = context;
    if (args.positionals.length > 0) throw strayWord(args.positionals[0] ?? '');
    const selection = readSelection(args);
    const connection = await connector.connect();
    await recoverQuietly(connection, context);
    if (args.flag('watch')) return watchTable(context, connection, selection);
    if (connection.client.monitor === undefined) {
      out.note('The profile names no monitor: only jobs submitted from here are listed.');
    }
    out.progress('Asking for your jobs…');
    const store = await discoverJobs(connection, selection, io.clock.now(), io.signal);
    await refreshJobs(connection, store, selectJobs(store, selection).jobs, io.signal);
    const { jobs, total } = selectJobs(store, selection);
    printJobs(context, connection.profile.name, jobs, total, selection);
    return EXIT.ok;
  },
};

function printJobs(
  { io, out }: CommandContext,
  profile: string,
  jobs: ReturnType<typeof selectJobs>['jobs'],
  total: number,
  selection: JobSelection,
): void {
  const now = io.clock.now();
  out.result({ profile, asOf: isoTime(now), total, jobs: jobs.map(jobShape) });
  if (jobs.length > 0) {
    for (const line of renderJobTable(jobs, total, { style: out.style, width: out.width, now }))
      out.line(line);
    return;
  }
  const chosen = selection.filter !== '' || selection.states.length > 0;
  out.line(chosen ? 'No job matches.' : `No jobs of the last ${selection.days} days.`);
  out.note(chosen ? '→ desc-panda jobs shows all' : '→ desc-panda submit --hello runs a first one');
}

function readSelection(args: Args): JobSelection {
  const states = args.texts('state').flatMap((text) => text.split(','));
  for (const state of states) {
    if (JOB_STATES.some((known) => known === state)) continue;
    const near = nearMatches(state, JOB_STATES);
    throw new UsageError(
      `${state} is no state of a job.`,
      near.length > 0 ? `Did you mean ${near.join(' or ')}` : `States are ${JOB_STATES.join(', ')}`,
    );
  }
  return {
    states,
    filter: args.text('filter') ?? '',
    limit: args.count('limit', 1) ?? 20,
    days: args.count('days', 1) ?? 7,
  };
}

function strayWord(word: string): UsageError {
  return new UsageError(
    `desc-panda jobs takes no ${word}.`,
    /^\d+$/.test(word) ? `desc-panda job ${word} shows one job` : `Use desc-panda jobs --filter ${word}`,
  );
}
