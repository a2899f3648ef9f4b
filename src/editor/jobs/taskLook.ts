import { isFinalTask, takesCommand, type TaskCommand } from '../../panda/index.ts';
import {
  describeCounts,
  plural,
  submissionOfKey,
  taskLook,
  taskOfKey,
  type JobGroup,
  type Task,
} from '../../watch/index.ts';
import type { Token } from '../contributions.ts';
import { factTable, timeFact, type Fact } from '../factTable.ts';
import { codeSpan, escapeMarkdown } from '../markdown.ts';
import type { RowLook } from '../rowLook.ts';
import { contextValue } from './contextValue.ts';

/** What menus offer of a task, by the command that its state has to take. */
const OFFERED: readonly (readonly [TaskCommand, Token])[] = [
  ['kill', 'taskKill'],
  ['finish', 'taskFinish'],
  ['retry', 'taskRetry'],
  ['retryWithNewParameters', 'taskRetryWith'],
  ['reloadInput', 'taskReload'],
  ['killUnfinishedJobs', 'taskKillUnfinished'],
  ['increaseAttempts', 'taskIncrease'],
  ['pause', 'taskPause'],
  ['resume', 'taskResume'],
];

/** The commands that a task takes, as words for menus: none until PanDA has taken it up, and of an ended one none for its jobs. */
export function taskTokens({ state }: Pick<Task, 'state'>): readonly Token[] {
  if (state === null) return [];
  const fits = (command: TaskCommand): boolean =>
    takesCommand(state, command) && !(command === 'killUnfinishedJobs' && isFinalTask(state));
  return OFFERED.flatMap(([command, token]) => (fits(command) ? [token] : []));
}

/** The row of a task. `task` is undefined for one of which only jobs are known. */
export function taskGroupLook(
  group: JobGroup,
  task: Task | undefined,
  earlier: number,
  { monitor }: { readonly monitor: boolean },
): RowLook {
  const look = task === undefined ? undefined : taskLook(task.state);
  const word = look === undefined ? 'task' : `task ${look.word}`;
  const jobs = group.size === 0 ? '' : `${plural(group.size, 'job')} · ${describeCounts(group.states)}`;
  const description = [word, jobs].filter((part) => part !== '').join(' · ');
  return {
    label: group.label,
    description,
    icon: { codicon: look?.codicon ?? 'layers', color: look?.themeColor },
    tooltip: tooltip(group, task, earlier),
    contextValue: contextValue(
      { kind: 'task', monitor, submission: submissionOfKey(group.key) !== '0' },
      task === undefined ? [] : taskTokens(task),
    ),
    expandable: group.size > 0 || (task?.state ?? null) !== null,
    spoken: `${group.label}, ${description.replaceAll(' · ', ', ')}`,
  };
}

function tooltip(group: JobGroup, task: Task | undefined, earlier: number): string {
  const facts: readonly Fact[] = [
    ['Task', String(taskOfKey(group.key) ?? '')],
    ['State', task === undefined ? null : taskLook(task.state).word],
    ['Site', task?.site ?? null],
    ['Submitted', timeFact(task?.creationTime ?? null)],
    ['Last change', timeFact(task?.modificationTime ?? null)],
    ['Inputs', describeCounts(task?.inputs ?? {})],
    ['Jobs', describeCounts(group.states)],
    ['Earlier attempts', earlier === 0 ? null : String(earlier)],
  ];
  return [
    `**${escapeMarkdown(group.label)}**`,
    '',
    ...factTable(facts),
    ...(task === undefined ? [] : ['', codeSpan(task.taskName)]),
  ].join('\n');
}
