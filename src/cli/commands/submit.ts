import { checkPlan, prepareSubmission, submitJobs } from '../../watch/index.ts';
import { describePlace } from '../../staging/index.ts';
import type { SubmissionPlan } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { noteBegun, noteOutcomes } from '../submit/keepRecord.ts';
import { readPlan } from '../submit/plan.ts';
import type { AskedPlan } from '../submit/plan.ts';
import { renderDryRun } from '../render/dryRun.ts';
import { exitCodeOfOutcomes, printOutcomes } from '../render/outcomes.ts';
import { cleanLine } from '../render/style.ts';
import { submissionShape } from '../shapes.ts';
import { transformationOptions } from '../submit/transformationOptions.ts';
import { submitAsTask } from '../tasks/submitAsTask.ts';
import { showSubmitProgress } from '../submit/progress.ts';
import { TASK_OPTIONS } from '../tasks/options.ts';
import { waitForJobs } from '../jobs/waitForJobs.ts';

export const submitCommand: Command = {
  name: 'submit',
  summary: 'Submits a script, an instance catalog, a pipeline, a submission file, or HelloPanda',
  usage: ['submit FILE [options] [-- ARGUMENT...]', 'submit --hello [options] [-- ARGUMENT...]'],
  options: [
    { name: 'hello', help: 'submit HelloPanda, to see that everything works' },
    { name: 'site', value: 'SITE', help: "where it is to run (default: the profile's site)" },
    { name: 'name', value: 'NAME', help: 'what you call it (default: the name of the file)' },
    { name: 'cores', value: 'N', help: 'processor cores' },
    { name: 'memory', value: 'SIZE', help: 'memory of the whole job, as 4G or 4000M' },
    { name: 'disk', value: 'SIZE', help: 'space in its working folder, as 10G' },
    { name: 'walltime', value: 'TIME', help: 'longest time it may run, as 90m or 12h' },
    {
      name: 'output',
      value: 'FILE',
      multiple: true,
      help: 'file it writes that is to be kept; may be repeated',
    },
    {
      name: 'transformation',
      value: 'NAME',
      help: 'what to run the file with, where it is not recognised as meant',
    },
    ...transformationOptions(),
    ...TASK_OPTIONS,
    { name: 'wait', short: 'w', help: 'show its states, and end with its result' },
    { name: 'follow', short: 'f', help: 'show its log, too, as it grows (means --wait)' },
    { name: 'dry-run', help: 'show exactly what would be sent, and send nothing' },
    { name: 'force', help: 'submit even to a site that is not there, not online or too small' },
  ],
  examples: [
    'submit --hello --wait --follow',
    'submit phosim_cat_900001.txt --sensor R22 --command quick.txt --wait',
    'submit simulate.sh --as-task --jobs 100 --output out.txt -- --seed %RNDM:0',
    'submit sweep.panda.yaml --dry-run',
    'submit simulate.py --site BNL-LSST --memory 4G --output result.fits -- --visit 900001',
  ],
  strayOptionAdvice:
    'Put words for the payload behind --, as in desc-panda submit simulate.py -- --visit 900001',
  async run(context) {
    const { args, io, out, connector } = context;
    const plan = await readPlan(context);
    const connection = await connector.connect();
    if (plan.task !== undefined) return submitAsTask(context, connection, plan, plan.task);
    if (args.flag('dry-run')) return dryRun(context, connection, plan);
    const result = await submitJobs(plan, connection.deps, {
      signal: io.signal,
      onProgress: showSubmitProgress(out),
      onBegin: (submission) => noteBegun(context, plan, submission),
      force: args.flag('force'),
    });
    out.progress('');
    await noteOutcomes(context, result);
    const waits = args.flag('wait') || args.flag('follow');
    const shape = submissionShape(result, result.warnings);
    if (waits) out.event({ event: 'submitted', submission: shape });
    else out.result(shape);
    out.line(
      `${cleanLine(plan.name)} → ${cleanLine(siteOf(plan, connection))} (profile ${connection.profile.name})`,
    );
    printOutcomes(result, out);
    for (const warning of result.warnings) out.note(warning);
    const pandaIds = result.outcomes.flatMap((outcome) =>
      outcome.kind === 'accepted' ? [outcome.pandaId] : [],
    );
    const submitted = exitCodeOfOutcomes(result.outcomes);
    if (!waits || pandaIds.length === 0 || io.signal.aborted)
      return io.signal.aborted ? EXIT.interrupted : submitted;
    const ended = await waitForJobs(context, connection, pandaIds, args.flag('follow'));
    return submitted === EXIT.ok ? ended : submitted;
  },
};

async function dryRun(
  { args, io, out }: CommandContext,
  connection: Connection,
  plan: AskedPlan,
): Promise<ExitCode> {
  const prepared = prepareSubmission(plan, connection.deps);
  if (!args.flag('force')) await checkPlan(plan, connection, { signal: io.signal });
  out.progress('');
  const { staging } = prepared;
  out.result({
    dryRun: true,
    profile: connection.profile.name,
    server: connection.profile.server,
    id: prepared.id,
    name: prepared.name,
    jobs: prepared.jobs.map(({ jobName, spec }) => ({ jobName, spec })),
    cacheFiles: prepared.cacheFiles.map(({ name, content }) => ({ name, size: content.length })),
    files: plan.files.map(({ path, size }) => ({ path, size })),
    staging: staging === undefined ? null : describePlace(staging.settings),
  });
  for (const line of renderDryRun(prepared, plan.files, connection.profile.server, out.style)) out.line(line);
  return EXIT.ok;
}

function siteOf(plan: SubmissionPlan, { profile }: Connection): string {
  const sites = new Set<string>();
  for (const { site } of plan.requests) sites.add(site ?? profile.defaultSite ?? 'no site');
  return [...sites].join(', ');
}
