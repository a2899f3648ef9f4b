import type { InstanceSnapshot, StreamSnapshot } from '../../pipeline/index.ts';
import { formatCount, formatDuration, formatTime, plural } from '../../watch/index.ts';
import { contextValue } from '../jobs/contextValue.ts';
import { escapeMarkdown } from '../markdown.ts';
import type { RowLook } from '../rowLook.ts';
import { describeInstances, instanceIcon, instanceWord, isOver } from './instanceState.ts';
import type { PipelineNode, PipelineTree } from './pipelineTree.ts';

/** What is known of a run besides its rows. */
export interface RunFacts {
  /** The name of its task file, or the address of its daemon. */
  readonly name: string;
  readonly running: boolean;
  /** What keeps it from going on, or what ended it; undefined where nothing does. */
  readonly trouble: string | undefined;
}

/** `now`: epoch milliseconds. Undefined for a row that went since the tree was drawn. */
export function pipelineLook(
  node: PipelineNode,
  tree: PipelineTree,
  run: RunFacts,
  now: number,
): RowLook | undefined {
  switch (node.kind) {
    case 'run':
      return runLook(tree, run);
    case 'stream': {
      const stream = tree.stream(node);
      return stream === undefined ? undefined : streamLook(stream);
    }
    case 'instance': {
      const instance = tree.instance(node);
      return instance === undefined ? undefined : instanceLook(instance, now);
    }
    case 'more': {
      const { shown, total } = tree.page(node.parent);
      const label = 'Load more';
      const description = `${formatCount(shown)} of ${formatCount(total)}`;
      return {
        ...{ label, description, icon: undefined, tooltip: '', expandable: false },
        contextValue: contextValue({ kind: 'more' }),
        spoken: `${label}, ${description} are shown`,
      };
    }
  }
}

function runLook({ snapshot }: PipelineTree, { name, running, trouble }: RunFacts): RowLook {
  const streams = snapshot?.streams ?? [];
  const counts = snapshot?.counts ?? {};
  const word = running ? 'starting' : 'stopped';
  const facts =
    snapshot === undefined ? [word] : [plural(streams.length, 'stream'), describeInstances(counts)];
  if (snapshot !== undefined && !running && !isOver(counts)) facts.unshift('stopped');
  if (trouble !== undefined) facts.push(trouble);
  const label = snapshot?.task ?? name;
  const description = facts.filter((fact) => fact !== '').join(' · ');
  const { started = 0, ended = 0, refused = 0 } = snapshot?.mails ?? {};
  const mails = `${plural(started, 'start mail')}, ${plural(ended, 'end mail')}${refused === 0 ? '' : `, ${formatCount(refused)} refused`}`;
  return {
    label,
    description,
    icon: { codicon: 'type-hierarchy-sub', color: undefined },
    tooltip: lines(label, [
      ['Task file', name],
      ['Version', snapshot?.version ?? null],
      ['Process instances', describeInstances(counts)],
      ['Mails', mails],
      ['Trouble', trouble ?? null],
      ...(snapshot?.notes ?? []).slice(0, 10).map((note) => ['Note', note] as const),
    ]),
    contextValue: contextValue({
      kind: 'pipelineRun',
      underWay: running,
      removable: !running,
      stopped: !running && (snapshot === undefined || !isOver(counts)),
      cancellable: running && !isOver(counts),
      rollable: snapshot !== undefined && isOver(counts),
    }),
    expandable: true,
    spoken: `${label}, ${description.replaceAll(' · ', ', ')}`,
  };
}

function streamLook(stream: StreamSnapshot): RowLook {
  const number = stream.path.split('.').at(-1) ?? stream.path;
  const task = stream.task.split('.').at(-1) ?? stream.task;
  const label = stream.path === number ? `Stream ${number}` : `${task} ${number}`;
  const description = describeInstances(stream.counts);
  return {
    label,
    description,
    icon: instanceIcon(stream.state),
    tooltip: lines(label, [
      ['Task', stream.task],
      ['Stream', stream.path],
      ['Process instances', description],
    ]),
    contextValue: contextValue({
      kind: 'stream',
      cancellable: !isOver(stream.counts),
      rollable: isOver(stream.counts),
    }),
    expandable: true,
    spoken: `${label}, ${instanceWord(stream.state)}, ${description.replaceAll(' · ', ', ')}`,
  };
}

function instanceLook(instance: InstanceSnapshot, now: number): RowLook {
  const { process, state, execution, jobId, host, started, ended, message, exitCode, mails } = instance;
  const over = isOver({ [state]: 1 });
  const ran = started === null ? null : formatDuration((ended ?? now) - started);
  const facts = [
    state === 'SUCCESS' ? '' : instanceWord(state),
    state === 'FAILED' && exitCode !== null ? `exit code ${exitCode}` : '',
    jobId ?? '',
    execution > 1 ? `execution ${execution}` : '',
    (over || state === 'RUNNING') && ran !== null ? ran : '',
  ];
  const description = facts.filter((fact) => fact !== '').join(' · ');
  const sent = [mails.start ? 'start' : '', mails.end ? 'end' : ''].filter((one) => one !== '');
  return {
    label: process,
    description,
    icon: instanceIcon(state),
    tooltip: lines(process, [
      ['Process instance', String(instance.key)],
      ['State', instanceWord(state)],
      ['Type', instance.type.toLowerCase()],
      ['PandaID', jobId],
      ['Status of the job', instance.jobStatus],
      ['Exit code', exitCode === null ? null : String(exitCode)],
      ['Message', message],
      ['Host', host],
      [
        'Execution',
        execution > 1 ? `${execution}, after ${instance.earlier.map(instanceWord).join(', ')}` : null,
      ],
      ['Created', formatTime(instance.created)],
      ['Started', started === null ? null : formatTime(started)],
      ['Ended', ended === null ? null : formatTime(ended)],
      ['Mails', instance.type === 'SCRIPT' ? null : sent.join(', ') || 'none yet'],
    ]),
    contextValue: contextValue({
      kind: 'instance',
      cancellable: !over && state !== 'CANCELING',
      rollable: over,
      pandaJob: jobId !== null,
    }),
    expandable: false,
    spoken: [process, instanceWord(state), ...facts.slice(1)].filter((fact) => fact !== '').join(', '),
  };
}

/** A title and a table of what is known. */
function lines(title: string, facts: readonly (readonly [string, string | null])[]): string {
  const known = facts.filter(([, value]) => value !== null && value !== '');
  const table = known.map(([name, value]) => `| ${name} | ${escapeMarkdown(value ?? '')} |`);
  return [`**${escapeMarkdown(title)}**`, '', '| | |', '|---|---|', ...table].join('\n');
}
