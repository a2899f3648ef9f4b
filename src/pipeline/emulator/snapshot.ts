import { streamPath, streamsBelow, substreamsOf, taskPath } from './instances.ts';
import type { Instance, Stream } from './instances.ts';
import type { PipelineModel } from './model.ts';
import { countStates, streamState } from '../states/index.ts';
import type { InstanceState, StateCounts } from '../states/index.ts';

/** All that is to be shown of a run at one time; JSON. Times are epoch milliseconds, null where nothing is known. */
export interface PipelineSnapshot {
  readonly task: string;
  readonly version: string;
  /** Of the latest executions. */
  readonly counts: StateCounts;
  readonly streams: readonly StreamSnapshot[];
  readonly mails: MailCounts;
  /** What could not be done as it was asked for. */
  readonly notes: readonly string[];
}

export interface MailCounts {
  readonly started: number;
  readonly ended: number;
  /** Of a kind that had come already for their process instance; the others count once. */
  readonly repeated: number;
  /** That belong to no process instance here, or are none of the pipeline's. */
  readonly refused: number;
}

export interface StreamSnapshot {
  readonly key: number;
  readonly task: string;
  /** `12.3.0`. */
  readonly path: string;
  readonly state: InstanceState;
  /** With those of its substreams. */
  readonly counts: StateCounts;
  /** The latest execution of each process, in the order of the task file. */
  readonly instances: readonly InstanceSnapshot[];
  readonly substreams: readonly StreamSnapshot[];
}

export interface InstanceSnapshot {
  readonly key: number;
  readonly process: string;
  readonly type: 'BATCH' | 'SCRIPT';
  readonly state: InstanceState;
  readonly execution: number;
  readonly retry: number;
  /** The PandaID where a PanDA runs it. */
  readonly jobId: string | null;
  /** What the daemon said last of the job; null where it said nothing. */
  readonly jobStatus: string | null;
  readonly exitCode: number | null;
  readonly host: string | null;
  readonly created: number;
  readonly started: number | null;
  readonly ended: number | null;
  /** `repeated`: how many came again. */
  readonly mails: { readonly start: boolean; readonly end: boolean; readonly repeated: number };
  readonly message: string | null;
  /** How earlier executions ended, the first first. */
  readonly earlier: readonly InstanceState[];
}

export function snapshotOf(
  model: PipelineModel,
  refusedMails: number,
  jobStatus: (instance: Instance) => string | null,
): PipelineSnapshot {
  const streamOf = (stream: Stream): StreamSnapshot => {
    const substreams = [...substreamsOf(stream)].map(streamOf);
    const counts = countsOf(stream);
    return {
      key: stream.key,
      task: taskPath(stream),
      path: streamPath(stream),
      state: streamState(counts),
      counts,
      instances: [...stream.instances.values()].flatMap((executions) => instanceOf(executions, jobStatus)),
      substreams,
    };
  };
  return {
    task: model.task.name,
    version: model.task.version,
    counts: countStates([...model.latest()].map(({ state }) => state)),
    streams: [...model.streams.values()].map(streamOf),
    mails: { ...model.mails, refused: refusedMails },
    notes: model.notes,
  };
}

function countsOf(stream: Stream): StateCounts {
  const states: InstanceState[] = [];
  for (const { instances } of streamsBelow(stream)) {
    for (const executions of instances.values()) {
      const state = executions.at(-1)?.state;
      if (state !== undefined) states.push(state);
    }
  }
  return countStates(states);
}

function instanceOf(
  executions: readonly Instance[],
  jobStatus: (instance: Instance) => string | null,
): readonly InstanceSnapshot[] {
  const instance = executions.at(-1);
  if (instance === undefined) return [];
  const { key, process, state, execution, retry, jobId, exitCode, host, created, started, ended } = instance;
  return [
    {
      key,
      process: process.name,
      type: process.run.kind === 'job' ? 'BATCH' : 'SCRIPT',
      state,
      execution,
      retry,
      jobId: jobId ?? null,
      jobStatus: jobStatus(instance),
      exitCode: exitCode ?? null,
      host: host ?? null,
      created,
      started: started ?? null,
      ended: ended ?? null,
      mails: { ...instance.mails },
      message: instance.message ?? null,
      earlier: executions.slice(0, -1).map((earlier) => earlier.state),
    },
  ];
}
