import type { MonitorWorkflow } from '../../panda/index.ts';
import {
  describeCounts,
  formatRelative,
  plural,
  workflowMatches,
  workflowProgress,
} from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { isoTime } from '../shapes.ts';
import { UsageError } from '../usageError.ts';

export const workflowsCommand: Command = {
  name: 'workflows',
  summary: 'Lists the workflow requests of BPS that the monitor knows, the newest first',
  usage: ['workflows [options]'],
  options: [
    {
      name: 'filter',
      value: 'WORDS',
      help: 'only requests with all these words in name, number, user or state',
    },
    { name: 'limit', short: 'n', value: 'N', help: 'at most so many (default 20)' },
  ],
  examples: ['workflows', 'workflows --filter jane --json'],
  async run(context) {
    const { args, io, out, connector } = context;
    const [stray] = args.positionals;
    if (stray !== undefined) {
      throw new UsageError(
        `desc-panda workflows takes no ${stray}.`,
        `Use desc-panda workflows --filter ${stray}`,
      );
    }
    const limit = args.count('limit', 1) ?? 20;
    const filter = args.text('filter') ?? '';
    const { client, profile } = await connector.connect();
    const { monitor } = client;
    if (monitor === undefined) {
      throw new UsageError(
        `The profile ${profile.name} names no monitor, and only a monitor knows workflow requests.`,
        'Choose another profile with --profile',
      );
    }
    out.progress('Asking the monitor for workflow requests…');
    const { asOf, workflows } = await monitor.workflows({ signal: io.signal });
    out.progress('');
    const found = workflows.filter((workflow) => workflowMatches(workflow, filter));
    const shown = found.slice(0, limit);
    out.result({
      profile: profile.name,
      asOf: isoTime(asOf),
      total: found.length,
      workflows: shown.map((workflow) => ({
        ...workflow,
        creationTime: isoTime(workflow.creationTime),
        monitorUrl: monitor.workflowUrl(workflow.requestId),
      })),
    });
    sayWorkflows(shown, found.length, workflows.length, context);
    return EXIT.ok;
  },
};

function sayWorkflows(
  shown: readonly MonitorWorkflow[],
  found: number,
  all: number,
  context: CommandContext,
): void {
  const { out } = context;
  if (all === 0) {
    out.line('The monitor lists no workflow request of the last days.');
    out.note('→ A new one may take 20 minutes to appear');
  } else if (found === 0) {
    out.line('No workflow request matches.');
    out.note('→ desc-panda workflows shows all');
  } else {
    for (const line of renderWorkflows(shown, context)) out.line(line);
    if (shown.length < found) out.line(`${plural(shown.length, 'request')} of ${found}`);
  }
}

function renderWorkflows(workflows: readonly MonitorWorkflow[], { io, out }: CommandContext): string[] {
  const now = io.clock.now();
  const { style, width } = out;
  const rows = workflows.map((workflow) => {
    const { requestId, name, state, user, creationTime, tasks, taskStates } = workflow;
    const states = describeCounts(taskStates);
    return [
      { text: String(requestId) },
      { text: cleanLine(state) },
      { text: cleanLine(name) },
      { text: cleanLine(user ?? '') },
      { text: creationTime === null ? '' : formatRelative(creationTime, now), paint: style.dim },
      { text: cleanLine(states === '' ? String(tasks) : states) },
      { text: workflowProgress(workflow) },
    ];
  });
  const columns = [
    { title: 'REQUEST' },
    { title: 'STATE' },
    { title: 'NAME', flexible: true },
    { title: 'USER', flexible: true },
    { title: 'CREATED' },
    { title: 'TASKS', flexible: true },
    { title: 'PROGRESS', flexible: true },
  ];
  return renderTable(columns, rows, { width, paintTitle: style.dim });
}
