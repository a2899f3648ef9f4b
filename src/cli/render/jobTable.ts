import {
  describeCounts,
  formatDuration,
  formatRelative,
  plural,
  runTime,
  stateLook,
} from '../../watch/index.ts';
import type { Job } from '../../watch/index.ts';
import { cleanLine } from './style.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import type { Cell } from './table.ts';

export interface TableOptions {
  readonly style: Style;
  readonly width: number | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A table of jobs, one line each, and how many there are of each state. */
export function renderJobTable(
  jobs: readonly Job[],
  total: number,
  { style, width, now }: TableOptions,
): string[] {
  const rows = jobs.map((job): Cell[] => {
    const ran = runTime(job, now);
    return [
      { text: String(job.pandaId) },
      stateCell(job, style),
      { text: cleanLine(job.name) },
      { text: cleanLine(job.site ?? '') },
      { text: ran === null ? '' : formatDuration(ran) },
      { text: job.creationTime === null ? '' : formatRelative(job.creationTime, now), paint: style.dim },
      { text: cleanLine(job.error ?? ''), paint: (text) => style.paint(text, 31) },
    ];
  });
  const columns = [
    { title: 'PANDAID' },
    { title: 'STATE' },
    { title: 'NAME', flexible: true },
    { title: 'SITE', flexible: true },
    { title: 'RAN', align: 'right' as const },
    { title: 'SUBMITTED' },
    { title: 'ERROR' },
  ];
  const lines = renderTable(columns, rows, { width, paintTitle: style.dim });
  return [...lines, style.dim(renderTotal(jobs, total))];
}

/** `✓ finished`, `⟲ cancel requested`. */
export function stateCell(job: Pick<Job, 'state' | 'cancelRequested'>, style: Style): Cell {
  const look = stateLook(job.state, job.cancelRequested);
  return { text: cleanLine(`${look.glyph} ${look.word}`), paint: (text) => style.paint(text, look.ansi) };
}

function renderTotal(jobs: readonly Job[], total: number): string {
  const counts: Record<string, number> = {};
  for (const { state } of jobs) counts[state] = (counts[state] ?? 0) + 1;
  const shown =
    total > jobs.length ? `${plural(jobs.length, 'job')} of ${total}` : plural(jobs.length, 'job');
  return `${shown} · ${describeCounts(counts)}`;
}
