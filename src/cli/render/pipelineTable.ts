import { INSTANCE_STATES, instanceLook } from '../../pipeline/index.ts';
import type {
  InstanceSnapshot,
  InstanceState,
  PipelineSnapshot,
  StreamSnapshot,
} from '../../pipeline/index.ts';
import { formatDuration, plural } from '../../watch/index.ts';
import { cleanLine } from './style.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import type { Cell } from './table.ts';

export interface PipelineTableOptions {
  readonly style: Style;
  readonly width: number | undefined;
}

/** A process instance with the path of its stream: `12.3.0`. */
export interface PlacedInstance extends InstanceSnapshot {
  /** `Top.sub.process`. */
  readonly name: string;
  readonly stream: string;
}

/** All latest executions, streams in order, each with its substreams behind it. */
export function* placedInstances(streams: readonly StreamSnapshot[]): Generator<PlacedInstance> {
  for (const { instances, substreams, path, task } of streams) {
    for (const instance of instances)
      yield { ...instance, name: `${task}.${instance.process}`, stream: path };
    yield* placedInstances(substreams);
  }
}

/** Whether there is nothing that did not end in SUCCESS. */
export function isGoodEnd({ counts }: PipelineSnapshot): boolean {
  return INSTANCE_STATES.every((state) => state === 'SUCCESS' || (counts[state] ?? 0) === 0);
}

export function stateText(state: InstanceState, style: Style): Cell {
  const look = instanceLook(state);
  return { text: `${look.glyph} ${state}`, paint: (text) => style.paint(text, look.ansi) };
}

/** Have a column from the beginning, so that none moves while all goes well. */
const USUAL: ReadonlySet<InstanceState> = new Set(['WAITING', 'READY', 'SUBMITTED', 'RUNNING', 'SUCCESS']);

/** One line for each process, over all streams. */
export function processTable(
  { streams }: PipelineSnapshot,
  { style, width }: PipelineTableOptions,
): string[] {
  const rows = new Map<string, Map<InstanceState, number>>();
  for (const { name, state } of placedInstances(streams)) {
    const counts = rows.get(name) ?? new Map<InstanceState, number>();
    rows.set(name, counts);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const states = INSTANCE_STATES.filter(
    (state) => USUAL.has(state) || [...rows.values()].some((counts) => counts.has(state)),
  );
  const cells = [...rows].map(([name, counts]): Cell[] => [
    { text: cleanLine(name) },
    ...states.map((state): Cell => {
      const count = counts.get(state);
      return {
        text: count === undefined ? '' : String(count),
        paint: stateText(state, style).paint ?? String,
      };
    }),
  ]);
  const columns = [
    { title: 'PROCESS', flexible: true, keepEnd: true },
    ...states.map((title) => ({ title, align: 'right' as const })),
  ];
  return renderTable(columns, cells, { width, paintTitle: style.dim });
}

/** More lines than this are for the report. */
const MOST_LINES = 300;

/** One line for each process instance; of very many, those that did not end well. */
export function instanceTable(
  { streams }: PipelineSnapshot,
  { style, width }: PipelineTableOptions,
): string[] {
  const all = [...placedInstances(streams)];
  const shown = (all.length > MOST_LINES ? all.filter(({ state }) => state !== 'SUCCESS') : all).slice(
    0,
    MOST_LINES,
  );
  const rows = shown.map((instance): Cell[] => [
    { text: instance.stream },
    { text: cleanLine(instance.name) },
    stateText(instance.state, style),
    { text: instance.execution === 1 ? '' : String(instance.execution) },
    { text: cleanLine(instance.jobId ?? '') },
    { text: instance.exitCode === null ? '' : String(instance.exitCode) },
    { text: tookText(instance) },
    { text: mailsText(instance) },
    { text: cleanLine(instance.message ?? ''), paint: style.dim },
  ]);
  const columns = [
    { title: 'STREAM' },
    { title: 'PROCESS', flexible: true, keepEnd: true },
    { title: 'STATE' },
    { title: 'EXECUTION', align: 'right' as const },
    { title: 'PANDAID' },
    { title: 'EXIT', align: 'right' as const },
    { title: 'RAN', align: 'right' as const },
    { title: 'MAILS' },
    { title: 'MESSAGE', flexible: true },
  ];
  return renderTable(columns, rows, { width, paintTitle: style.dim });
}

export function tookText({ started, ended }: InstanceSnapshot): string {
  return started === null || ended === null ? '' : formatDuration(ended - started);
}

/** `start end`, and what came again. */
export function mailsText({ mails }: InstanceSnapshot): string {
  const again = mails.repeated === 0 ? '' : `+${mails.repeated}`;
  return [mails.start ? 'start' : '', mails.end ? 'end' : '', again].filter((word) => word !== '').join(' ');
}

/** `DESC-demo: 12 process instances: 11 SUCCESS, 1 FAILED; 20 mails`. */
export function sumLine({ task, counts, mails }: PipelineSnapshot, style: Style): string {
  const total = INSTANCE_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const repeated = mails.repeated === 0 ? '' : `, ${mails.repeated} repeated`;
  const refused = mails.refused === 0 ? '' : `, ${mails.refused} refused`;
  const words = plural(mails.started + mails.ended, 'mail');
  return style.dim(
    `${cleanLine(task)}: ${plural(total, 'process instance')}: ${countsText(counts)}; ${words}${repeated}${refused}`,
  );
}

export function countsText(counts: PipelineSnapshot['counts']): string {
  return INSTANCE_STATES.flatMap((state) => {
    const count = counts[state] ?? 0;
    return count === 0 ? [] : [`${count} ${state}`];
  }).join(', ');
}
