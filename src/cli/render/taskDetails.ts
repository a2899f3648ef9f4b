import { describeCounts, formatCount, plural, taskLabel, taskLook } from '../../watch/index.ts';
import type { TaskFacts } from '../tasks/shapes.ts';
import { renderFields } from './jobDetails.ts';
import { clean, cleanLine } from './style.ts';
import type { Style } from './style.ts';

/** All there is to say of one task, as lines. */
export function renderTaskDetails(facts: TaskFacts, style: Style): string[] {
  const { taskId, state, parameters, inputs, errors, monitor, monitorUrl } = facts;
  const { glyph, word, ansi } = taskLook(state);
  const taskName = text(parameters?.taskName);
  const title = taskName === null ? `Task ${taskId}` : taskLabel(taskName);
  const attempts = parameters?.maxAttempt;
  return [
    `${style.bold(cleanLine(title))}  ${style.paint(cleanLine(`${glyph} ${word}`), ansi)}`,
    '',
    ...renderFields([
      ['Task', String(taskId)],
      ['Name', taskName],
      ['Site', text(parameters?.site)],
      ['Kind', text(parameters?.processingType)],
      ['Attempts', typeof attempts === 'number' ? `${attempts} at most` : null],
      ['Inputs', text(describeCounts(inputs))],
      ['Jobs', jobsText(facts)],
      ['Message', monitor?.message ?? null],
      ['Monitor', monitorUrl],
    ]),
    ...section(
      'Errors',
      errors.map(({ name, title: what, jobs: count }) =>
        cleanLine(`${name} ×${count}${what === null ? '' : `  ${what}`}`),
      ),
      style,
    ),
    ...section(
      'Parameters',
      parameters === null ? [] : clean(JSON.stringify(parameters, null, 2)).split('\n'),
      style,
    ),
  ];
}

function jobsText({ pandaIds, described, jobs }: TaskFacts): string {
  if (pandaIds.length === 0) return 'none yet';
  const newest = described < pandaIds.length ? `of the newest ${formatCount(described)}: ` : '';
  return `${plural(pandaIds.length, 'job')} · ${newest}${describeCounts(jobs)}`;
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : ['', style.bold(title), ...lines.map((line) => `  ${line}`)];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
