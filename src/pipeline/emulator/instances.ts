import type { Process, Task } from '../taskXml/model.ts';
import type { InstanceState } from '../states/index.ts';

/** A numbered run of a task. */
export interface Stream {
  readonly key: number;
  readonly task: Task;
  readonly number: number;
  readonly parent: Stream | undefined;
  /** The process instance that made it. */
  readonly creator: Instance | undefined;
  /** Given when it was created. */
  readonly variables: ReadonlyMap<string, string>;
  /** All executions of each process, the latest last, by the name of the process. */
  readonly instances: ReadonlyMap<string, Instance[]>;
  /** By task and number. */
  readonly substreams: Map<string, Map<number, Stream>>;
}

/** One execution of a process in a stream. */
export interface Instance {
  readonly key: number;
  readonly process: Process;
  readonly stream: Stream;
  /** From 1. */
  readonly execution: number;
  /** Of automatic retries, from 0. */
  readonly retry: number;
  /** This and the next: epoch milliseconds. */
  readonly created: number;
  changed: number;
  state: InstanceState;
  jobId: string | undefined;
  exitCode: number | undefined;
  host: string | undefined;
  started: number | undefined;
  ended: number | undefined;
  /** Why it failed, or what a script printed. */
  message: string | undefined;
  /** Whether the mails came, and how many came again. */
  readonly mails: { start: boolean; end: boolean; repeated: number };
  /** Set by it, for those that depend on it. */
  variables: ReadonlyMap<string, string>;
}

/** The latest execution of a process; every stream has one of each process of its task. */
export function latest(stream: Stream, process: string): Instance {
  const instance = stream.instances.get(process)?.at(-1);
  if (instance === undefined) throw new Error(`stream ${stream.key} has no process ${process}`);
  return instance;
}

/** Stream numbers from the outermost stream in: `12.3.0`. */
export function streamPath(stream: Stream): string {
  return stream.parent === undefined
    ? String(stream.number)
    : `${streamPath(stream.parent)}.${stream.number}`;
}

/** Task names from the outermost in: `Top.sub`. */
export function taskPath({ task, parent }: Stream): string {
  return parent === undefined ? task.name : `${taskPath(parent)}.${task.name}`;
}

/** A stream and all below it. */
export function* streamsBelow(stream: Stream): Generator<Stream> {
  yield stream;
  for (const substream of substreamsOf(stream)) yield* streamsBelow(substream);
}

export function* substreamsOf({ substreams }: Stream): Generator<Stream> {
  for (const numbered of substreams.values()) yield* numbered.values();
}

/** The latest executions in a stream and all below it. */
export function* latestBelow(stream: Stream): Generator<Instance> {
  for (const { instances } of streamsBelow(stream)) {
    for (const executions of instances.values()) {
      const instance = executions.at(-1);
      if (instance !== undefined) yield instance;
    }
  }
}
