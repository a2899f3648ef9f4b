import * as vscode from 'vscode';
import { commands } from '../contributions.ts';
import type { Sessions } from '../session.ts';
import type { SettingsReader } from '../settings.ts';
import type { ErrorReporter } from '../vscode/errors.ts';
import { offer } from '../vscode/prompts.ts';
import { EndNotices } from './endNotices.ts';
import type { Ended } from './endTally.ts';
import { createToldOnce } from './toldOnce.ts';

export interface EndDeps {
  readonly sessions: Sessions;
  readonly settings: SettingsReader;
  readonly memory: vscode.Memento;
  /** Shared by the windows of this machine. */
  readonly folder: string;
  readonly errors: ErrorReporter;
  /** Shows the row of a task. */
  readonly revealTask: (taskId: number) => Promise<unknown>;
}

/** Tells of ends by a notification that leads to the job, or to the jobs. */
export function createEndNotices({
  sessions,
  settings,
  memory,
  folder,
  errors,
  revealTask,
}: EndDeps): EndNotices {
  const open = async (ended: readonly Ended[]): Promise<void> => {
    const pandaId = onlyJob(ended, sessions);
    if (pandaId === undefined) await vscode.commands.executeCommand(commands.showJobs);
    else await vscode.commands.executeCommand(commands.show, { pandaId });
  };
  return new EndNotices({
    sessions,
    settings,
    memory,
    isFirst: createToldOnce(folder, Date.now),
    show: (ended, { kind, text }) => offer(kind, text, { Show: () => open(ended) }, errors.show),
    showTask: ({ task }, { kind, text }) =>
      offer(kind, text, { Show: () => revealTask(task.taskId) }, errors.show),
  });
}

/** The job, where all that ended is one. */
function onlyJob(ended: readonly Ended[], sessions: Sessions): number | undefined {
  const [first] = ended;
  const store = sessions.current?.store;
  if (ended.length !== 1 || first === undefined || store === undefined || first.watched.count !== 1)
    return undefined;
  const group = store.groups('submission', '').find(({ key }) => key === first.watched.submissionId);
  return group === undefined ? undefined : store.members(group, '', 0, 1)[0];
}
