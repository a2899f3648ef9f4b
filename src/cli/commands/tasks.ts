import type { TaskSummary } from '../../panda/index.ts';
import {
  describeCounts,
  formatRelative,
  plural,
  recoverTasks,
  taskLabel,
  taskLook,
} from '../../watch/index.ts';
import type { TaskNote } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import { noteTask } from '../submit/keepRecord.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { isoTime } from '../shapes.ts';
import { noteShape, taskShape } from '../tasks/shapes.ts';
import { UsageError } from '../usageError.ts';

/** With details the server lists no more. */
const MOST_WITH_DETAILS = 500;
const DAY = 86_400_000;

export const tasksCommand: Command = {
  name: 'tasks',
  summary: 'Lists your tasks, the newest first',
  usage: ['tasks [options]'],
  options: [
    { name: 'limit', short: 'n', value: 'N', help: 'at most so many (default 20)' },
    { name: 'days', value: 'N', help: 'that changed in the last so many days (default 7)' },
  ],
  examples: ['tasks', 'tasks --days 30 --json'],
  async run(context) {
    const { args, io, out, connector } = context;
    const [stray] = args.positionals;
    if (stray !== undefined) {
      throw new UsageError(
        `desc-panda tasks takes no ${stray}.`,
        `desc-panda task ${stray} is about one task`,
      );
    }
    const days = args.count('days', 1) ?? 7;
    const limit = args.count('limit', 1) ?? 20;
    const connection = await connector.connect();
    out.progress('Asking for your tasks…');
    const { unknown } = await sayRecovered(context, connection);
    const tasks = await listTasks(connection, io.clock.now() - days * DAY, io.signal);
    const waiting = await notListedYet(connection, tasks);
    const shown = tasks.toReversed().slice(0, limit);
    out.progress('');
    out.result({
      profile: connection.profile.name,
      asOf: isoTime(io.clock.now()),
      total: tasks.length,
      tasks: shown.map(taskShape),
      submitted: [...waiting, ...unknown].map(noteShape),
    });
    for (const line of renderTasks(shown, waiting, context)) out.line(line);
    if (shown.length < tasks.length) out.line(`${plural(shown.length, 'task')} of ${tasks.length}`);
    if (shown.length + waiting.length === 0) {
      out.line(`No tasks of the last ${plural(days, 'day')}.`);
      out.note('→ desc-panda submit FILE --as-task submits one');
    }
    return EXIT.ok;
  },
};

/** Finds tasks whose answer was lost, and says of which nobody knows. */
async function sayRecovered(
  context: CommandContext,
  { deps }: Connection,
): Promise<{ readonly unknown: readonly TaskNote[] }> {
  const { io, out } = context;
  const { found, unknown, problems } = await recoverTasks(deps, io.signal);
  for (const { file, message } of problems) {
    out.note(`The task noted in ${file} cannot be used: ${message}.`);
    out.note('→ Look at the file, and move it away');
  }
  for (const note of found) {
    const { name, outcome } = note;
    await noteTask(context, note);
    if (outcome.kind === 'accepted') out.note(`${cleanLine(name)} was found: it is task ${outcome.taskId}.`);
  }
  for (const { id, name, outcome } of unknown) {
    const why = outcome.kind === 'unknown' ? ` ${cleanLine(outcome.reason)}` : '';
    out.note(`The task ${cleanLine(name)} may or may not exist.${why}`);
    out.note(`→ Wait some minutes and look again, or desc-panda task resend|forget ${id}`);
  }
  return { unknown };
}

/** Details of so many tasks the server does not give at once: they are told without. */
async function listTasks(
  { client, profile }: Connection,
  since: number,
  signal: AbortSignal,
): Promise<readonly TaskSummary[]> {
  const { prodSourceLabel } = profile;
  const tasks = await client.tasks.getTasksModifiedSince(since, {
    prodSourceLabel,
    withDetails: true,
    signal,
  });
  return tasks.length < MOST_WITH_DETAILS
    ? tasks
    : client.tasks.getTasksModifiedSince(since, { prodSourceLabel, signal });
}

/** Tasks of ours that the server took, and that the task engine has not taken up yet. */
async function notListedYet(
  { deps, profile }: Connection,
  tasks: readonly TaskSummary[],
): Promise<readonly TaskNote[]> {
  const newest = tasks.at(-1)?.taskId ?? 0;
  const { entries } = await deps.tasks.list(profile.name);
  return entries.flatMap(({ note }) =>
    note.outcome.kind === 'accepted' && note.outcome.taskId > newest ? [note] : [],
  );
}

function renderTasks(
  tasks: readonly TaskSummary[],
  waiting: readonly TaskNote[],
  { io, out }: CommandContext,
): string[] {
  if (tasks.length + waiting.length === 0) return [];
  const now = io.clock.now();
  const row = (
    id: number,
    state: string | null,
    name: string,
    site: unknown,
    time: number | null,
    inputs: string,
  ) => {
    const { glyph, word, ansi } = taskLook(state);
    return [
      { text: String(id) },
      { text: cleanLine(`${glyph} ${word}`), paint: (text: string) => out.style.paint(text, ansi) },
      { text: cleanLine(name) },
      { text: typeof site === 'string' ? cleanLine(site) : '' },
      { text: time === null ? '' : formatRelative(time, now), paint: out.style.dim },
      { text: inputs },
    ];
  };
  const rows = [
    ...waiting.toReversed().map(({ outcome, name, submittedAt, parameters }) => {
      const id = outcome.kind === 'accepted' ? outcome.taskId : 0;
      return row(id, null, name, parameters.site, submittedAt, '');
    }),
    ...tasks.map(({ taskId, state, name, site, creationTime, details }) =>
      row(taskId, state, taskLabel(name), site, creationTime, describeCounts(details?.inputs ?? {})),
    ),
  ];
  const columns = [
    { title: 'TASK' },
    { title: 'STATE' },
    { title: 'NAME', flexible: true },
    { title: 'SITE', flexible: true },
    { title: 'SUBMITTED' },
    { title: 'INPUTS', flexible: true },
  ];
  return renderTable(columns, rows, { width: out.width, paintTitle: out.style.dim });
}
