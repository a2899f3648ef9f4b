import * as vscode from 'vscode';
import { createDisposables, type Disposable, type Grouping } from '../../watch/index.ts';
import { commands, views, type CommandId } from '../contributions.ts';
import type { JobNode } from '../jobs/jobTree.ts';
import type { Parts } from '../parts.ts';
import type { SitesView } from '../sites/sitesView.ts';
import { pickOne } from '../vscode/prompts.ts';
import { withViewProgress } from '../vscode/progress.ts';

const groupings: readonly {
  readonly grouping: Grouping;
  readonly label: string;
  readonly command: CommandId;
}[] = [
  { grouping: 'submission', label: 'Submission', command: commands.groupBySubmission },
  { grouping: 'state', label: 'State', command: commands.groupByState },
  { grouping: 'site', label: 'Site', command: commands.groupBySite },
  { grouping: 'day', label: 'Day', command: commands.groupByDay },
];

/** What changes how the Jobs view looks: refresh, filter, grouping, paging. */
export function registerViewCommands(
  { register, sessions, jobsView }: Parts,
  sitesView: SitesView,
): Disposable {
  const owned = createDisposables();
  const add = (id: CommandId, run: (...args: readonly unknown[]) => unknown): void => {
    owned.add(register(id, run));
  };
  add(commands.refresh, () =>
    withViewProgress(async () => {
      const session = sessions.state.kind === 'open' ? sessions.current : await sessions.reopen();
      jobsView.provider.refreshFiles();
      await Promise.all([
        session?.poller.refresh('asked for'),
        session?.tasks.refresh(),
        sitesView.refresh(),
      ]);
    }),
  );
  add(commands.filter, async () => {
    const text = await vscode.window.showInputBox({
      title: 'Filter jobs',
      prompt: 'Words that must all occur in the name, PandaID, site, state or error',
      value: jobsView.provider.filter,
      placeHolder: 'failed BNL r22',
    });
    if (text !== undefined) await jobsView.setFilter(text);
  });
  add(commands.clearFilter, () => jobsView.setFilter(''));
  add(commands.groupBy, async () => {
    const now = jobsView.provider.grouping;
    const choices = groupings.map(({ grouping, label }) => ({
      label: `$(${grouping === now ? 'check' : 'blank'}) ${label}`,
      value: grouping,
    }));
    const chosen = await pickOne(choices, { title: 'Group jobs', placeHolder: 'Group jobs by' });
    if (chosen !== undefined) await jobsView.setGrouping(chosen);
  });
  for (const { grouping, command } of groupings) add(command, () => jobsView.setGrouping(grouping));
  add(commands.loadMore, (node) => {
    if (isMore(node)) jobsView.provider.loadMore(node);
  });
  add(commands.showJobs, () => vscode.commands.executeCommand(`${views.jobs}.focus`));
  return owned;
}

function isMore(value: unknown): value is Extract<JobNode, { kind: 'more' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'more';
}
