import type { PipelineSnapshot } from '../../pipeline/index.ts';
import { formatDuration } from '../../watch/index.ts';
import { countsText, mailsText, placedInstances, tookText } from './pipelineTable.ts';

export interface ReportFacts {
  readonly file: string;
  readonly daemon: string;
  /** This and the next: epoch milliseconds. */
  readonly started: number;
  readonly ended: number;
}

/** A run as Markdown. */
export function pipelineReport(
  snapshot: PipelineSnapshot,
  { file, daemon, started, ended }: ReportFacts,
): string {
  const { task, version, streams, counts, mails, notes } = snapshot;
  const facts = [
    ['Task file', file],
    ['Daemon', daemon],
    ['Started', new Date(started).toISOString()],
    ['Ended', `${new Date(ended).toISOString()} (${formatDuration(ended - started)})`],
    ['Process instances', countsText(counts)],
    [
      'Mails',
      `${mails.started} of starts, ${mails.ended} of ends, ${mails.repeated} repeated, ${mails.refused} refused`,
    ],
  ] as const;
  const rows = [...placedInstances(streams)].map((instance) => [
    instance.stream,
    instance.name,
    instance.state,
    String(instance.execution),
    instance.jobId ?? '',
    instance.exitCode === null ? '' : String(instance.exitCode),
    instance.host ?? '',
    tookText(instance),
    mailsText(instance),
    instance.message ?? '',
  ]);
  return [
    `# ${escaped(task)} ${escaped(version)}`,
    '',
    ...facts.map(([name, value]) => `- ${name}: ${escaped(value)}`),
    '',
    '## Streams',
    '',
    ...table(
      ['Stream', 'State', 'Process instances'],
      streams.map((stream) => [stream.path, stream.state, countsText(stream.counts)]),
    ),
    '',
    '## Process instances',
    '',
    ...table(
      ['Stream', 'Process', 'State', 'Execution', 'PandaID', 'Exit code', 'Host', 'Ran', 'Mails', 'Message'],
      rows,
    ),
    '',
    ...(notes.length === 0 ? [] : ['## Remarks', '', ...notes.map((note) => `- ${escaped(note)}`), '']),
  ].join('\n');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)];
}

function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\|<>`*[\]]/g, '\\$&');
}
