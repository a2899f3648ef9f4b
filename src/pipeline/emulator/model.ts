import { findSubtask } from '../taskXml/graph.ts';
import type { Process, Task, TaskFile } from '../taskXml/model.ts';
import { awaited, readiness } from './dependencies.ts';
import type { JobEnd, NewSubstream, PipelineEvent, ScriptEnd, Variables } from './events.ts';
import { latest, latestBelow, streamsBelow, substreamsOf, taskPath } from './instances.ts';
import type { Instance, Stream } from './instances.ts';
import { mayRetry } from './retry.ts';
import { hasJob } from '../states/index.ts';
import type { InstanceState } from '../states/index.ts';

/** What happens to one process instance. */
type InstanceEvent = Exclude<PipelineEvent, { readonly type: 'stream' | 'cancel' | 'rollback' }>;

/** A stream makes no more substreams of one task. */
const MOST_SUBSTREAMS = 10_000;

/**
 * The streams of one task. It changes by events only, and does the same at the same events: keys are given in the order in
 * which things come to be.
 */
export class PipelineModel {
  readonly file: TaskFile;
  readonly task: Task;
  readonly #keyBase: number;
  readonly #streams = new Map<number, Stream>();
  readonly #instances = new Map<number, Instance>();
  readonly #notes: string[] = [];
  readonly #mails = { started: 0, ended: 0, repeated: 0 };
  #keys = 0;

  /** `keyBase`: below the first key, so that keys of other runs are others. */
  constructor(file: TaskFile, task: Task, keyBase: number) {
    this.file = file;
    this.task = task;
    this.#keyBase = keyBase;
  }

  /** The outermost streams, by number. */
  get streams(): ReadonlyMap<number, Stream> {
    return this.#streams;
  }

  /** Mails that came. */
  get mails(): Readonly<Record<'started' | 'ended' | 'repeated', number>> {
    return this.#mails;
  }

  /** What could not be done as it was asked for. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  instance(key: number): Instance | undefined {
    return this.#instances.get(key);
  }

  /** The latest executions of all processes. */
  *latest(): Generator<Instance> {
    for (const stream of this.#streams.values()) yield* latestBelow(stream);
  }

  /** All executions, in the order of their keys. */
  executions(): Iterable<Instance> {
    return this.#instances.values();
  }

  apply(event: PipelineEvent): void {
    switch (event.type) {
      case 'stream':
        this.#createTop(event.number, event.variables, event.at);
        break;
      case 'cancel':
        for (const instance of this.#named(event.keys)) this.#cancel(instance, event.at);
        break;
      case 'rollback':
        this.#rollBack(new Set(this.#named(event.keys)), event.at);
        break;
      default: {
        const instance = this.#instances.get(event.key);
        if (instance !== undefined) this.#change(instance, event);
      }
    }
    this.#settle(this.#touched(event), event.at);
  }

  /** The outermost streams in which something may have changed. */
  #touched(event: PipelineEvent): Iterable<Stream> {
    if (!('key' in event)) return this.#streams.values();
    const instance = this.#instances.get(event.key);
    return instance === undefined ? [] : [outermost(instance.stream)];
  }

  #change(instance: Instance, event: InstanceEvent): void {
    switch (event.type) {
      case 'started':
        this.#jobStarted(instance, event);
        break;
      case 'ended':
        this.#jobEnded(instance, event, event.at);
        break;
      case 'repeated':
        this.#repeated(instance);
        break;
      case 'script':
        this.#scriptEnded(instance, event, event.at);
        break;
      case 'canceled':
        if (instance.state === 'CANCELING') this.#end(instance, 'CANCELED', event.at);
        break;
      case 'terminated':
        this.#lost(instance, 'TERMINATED', event.message, event.at);
        break;
      case 'refused':
        this.#lost(instance, 'FAILED', event.message, event.at);
        break;
      case 'queued':
        if (instance.state === 'READY') move(instance, 'QUEUED', event.at);
        break;
      case 'submitted':
        instance.jobId = event.jobId;
        // The job's first mail may come before the answer.
        if (instance.state === 'QUEUED') move(instance, 'SUBMITTED', event.at);
        break;
    }
  }

  /** Whoever sends it twice has a fault, which is to be seen; nothing else comes of it. */
  #repeated({ mails }: Instance): void {
    mails.repeated += 1;
    this.#mails.repeated += 1;
  }

  #jobStarted(
    instance: Instance,
    { host, startTime, at }: Extract<InstanceEvent, { type: 'started' }>,
  ): void {
    if (instance.mails.start) return this.#repeated(instance);
    instance.mails.start = true;
    this.#mails.started += 1;
    instance.host = host ?? instance.host;
    instance.started ??= startTime ?? at;
    if (instance.state === 'QUEUED' || instance.state === 'SUBMITTED') move(instance, 'RUNNING', at);
  }

  /** A job that there is no more, or never was. */
  #lost(instance: Instance, state: InstanceState, message: string, at: number): void {
    if (!hasJob(instance.state)) return;
    instance.message = message;
    this.#end(instance, instance.state === 'CANCELING' ? 'CANCELED' : state, at);
  }

  #jobEnded(instance: Instance, end: JobEnd, at: number): void {
    const { exitCode, host, startTime, endTime, variables, substreams } = end;
    if (instance.mails.end) return this.#repeated(instance);
    instance.mails.end = true;
    this.#mails.ended += 1;
    if (!hasJob(instance.state)) return;
    instance.exitCode = exitCode ?? undefined;
    instance.host = host ?? instance.host;
    instance.started ??= startTime ?? undefined;
    instance.ended = endTime ?? at;
    instance.variables = new Map(Object.entries(variables));
    if (exitCode === 0) this.#createSubstreams(instance, substreams, at);
    else if (exitCode === null) instance.message = 'The end mail has no exit code';
    const failed = instance.state === 'CANCELING' ? 'CANCELED' : 'FAILED';
    this.#end(instance, exitCode === 0 ? 'SUCCESS' : failed, at);
  }

  #scriptEnded(instance: Instance, { failure, output, variables, substreams }: ScriptEnd, at: number): void {
    if (instance.state !== 'READY') return;
    instance.started = at;
    instance.message = failure ?? (output === '' ? undefined : output);
    instance.variables = new Map(Object.entries(variables));
    if (failure === null) this.#createSubstreams(instance, substreams, at);
    this.#end(instance, failure === null ? 'SUCCESS' : 'FAILED', at);
  }

  /** Ends an instance; one that may be tried again gets its next execution. */
  #end(instance: Instance, state: InstanceState, at: number): void {
    move(instance, state, at);
    instance.ended ??= at;
    if (mayRetry(this.file, instance)) this.#addExecution(instance, instance.retry + 1, at);
  }

  #createTop(number: number, variables: Variables, at: number): void {
    if (this.#streams.has(number)) return;
    this.#streams.set(number, this.#newStream(this.task, number, undefined, variables, at));
  }

  #newStream(
    task: Task,
    number: number,
    creator: Instance | undefined,
    variables: Variables,
    at: number,
  ): Stream {
    const instances = new Map<string, Instance[]>(task.processes.map(({ name }) => [name, []]));
    const stream: Stream = {
      key: this.#nextKey(),
      task,
      number,
      parent: creator?.stream,
      creator,
      variables: new Map(Object.entries(variables)),
      instances,
      substreams: new Map(),
    };
    for (const process of task.processes) this.#add(stream, process, 1, 0, at);
    return stream;
  }

  #add(stream: Stream, process: Process, execution: number, retry: number, at: number): void {
    const instance: Instance = {
      key: this.#nextKey(),
      process,
      stream,
      execution,
      retry,
      created: at,
      changed: at,
      state: 'WAITING',
      jobId: undefined,
      exitCode: undefined,
      host: undefined,
      started: undefined,
      ended: undefined,
      message: undefined,
      mails: { start: false, end: false, repeated: 0 },
      variables: new Map(),
    };
    stream.instances.get(process.name)?.push(instance);
    this.#instances.set(instance.key, instance);
  }

  #addExecution({ stream, process, execution }: Instance, retry: number, at: number): void {
    for (const [task, numbered] of stream.substreams) {
      const kept = [...numbered].filter(([, substream]) => substream.creator?.process !== process);
      stream.substreams.set(task, new Map(kept));
    }
    this.#add(stream, process, execution + 1, retry, at);
  }

  #nextKey(): number {
    this.#keys += 1;
    return this.#keyBase + this.#keys;
  }

  #createSubstreams(creator: Instance, wanted: readonly NewSubstream[], at: number): void {
    for (const { task: path, stream: number, variables } of wanted) {
      const task = findSubtask(creator.stream.task, path);
      if (task === undefined || !creator.stream.task.tasks.includes(task)) {
        this.#note(creator, `wants a substream of ${path}, which is no subtask of its task`);
        continue;
      }
      const numbered = creator.stream.substreams.get(task.name) ?? new Map<number, Stream>();
      creator.stream.substreams.set(task.name, numbered);
      const free = number >= 0 ? number : Math.max(-1, ...numbered.keys()) + 1;
      if (numbered.has(free)) {
        this.#note(creator, `wants substream ${free} of ${task.name}, which is there already`);
      } else if (numbered.size >= MOST_SUBSTREAMS) {
        this.#note(creator, `wants more than ${MOST_SUBSTREAMS} substreams of ${task.name}`);
        return;
      } else {
        numbered.set(free, this.#newStream(task, free, creator, variables, at));
      }
    }
  }

  #note({ key, process, stream }: Instance, what: string): void {
    if (this.#notes.length < 1000) this.#notes.push(`${taskPath(stream)}.${process.name} (${key}) ${what}`);
  }

  #cancel(instance: Instance, at: number): void {
    if (instance.state === 'WAITING' || instance.state === 'READY') {
      move(instance, 'CANCELED', at);
      instance.ended = at;
    } else if (hasJob(instance.state)) {
      move(instance, 'CANCELING', at);
    }
  }

  /** New executions of these and of all that waited for them. */
  #rollBack(chosen: Set<Instance>, at: number): void {
    for (const instance of withDependents(this, chosen)) {
      // A substream of a creator that is rolled back is gone with it.
      if (isCurrent(instance)) this.#addExecution(instance, 0, at);
    }
  }

  #named(keys: readonly number[]): readonly Instance[] {
    return keys.flatMap((key) => this.#instances.get(key) ?? []);
  }

  /** Makes instances ready whose time has come, and skips those whose time never comes. */
  #settle(streams: Iterable<Stream>, at: number): void {
    for (const stream of streams) while (settleOnce(stream, at));
  }
}

/** True where something changed, so that more may change. */
function settleOnce(stream: Stream, at: number): boolean {
  let changed = false;
  for (const instance of latestBelow(stream)) {
    if (instance.state !== 'WAITING') continue;
    const ready = readiness(instance);
    if (ready === 'open') continue;
    move(instance, ready === 'met' ? 'READY' : 'SKIPPED', at);
    if (ready === 'never') instance.ended = at;
    changed = true;
  }
  return changed;
}

function outermost(stream: Stream): Stream {
  return stream.parent === undefined ? stream : outermost(stream.parent);
}

/** Whether it is the latest execution of its process, in a stream that was not taken back. */
export function isCurrent(instance: Instance): boolean {
  for (let stream: Stream | undefined = instance.stream; stream !== undefined; stream = stream.parent) {
    const { parent, task, number }: Stream = stream;
    if (parent !== undefined && parent.substreams.get(task.name)?.get(number) !== stream) return false;
  }
  return latest(instance.stream, instance.process.name) === instance;
}

/** These and all latest executions that waited for one of them, outermost streams first. */
export function withDependents(model: PipelineModel, chosen: ReadonlySet<Instance>): ReadonlySet<Instance> {
  const found = new Set(chosen);
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const instance of model.latest()) {
      if (awaited(instance).some((other) => found.has(other))) found.add(instance);
    }
  }
  return new Set([...found].sort((a, b) => depthOf(a.stream) - depthOf(b.stream) || a.key - b.key));
}

function depthOf(stream: Stream): number {
  return stream.parent === undefined ? 0 : depthOf(stream.parent) + 1;
}

/** Instances of substreams that a new execution of this one takes back. */
export function* takenBack({ stream, process }: Instance): Generator<Instance> {
  for (const substream of substreamsOf(stream)) {
    if (substream.creator?.process !== process) continue;
    for (const { instances } of streamsBelow(substream)) {
      for (const executions of instances.values()) yield* executions.slice(-1);
    }
  }
}

function move(instance: Instance, state: InstanceState, at: number): void {
  instance.state = state;
  instance.changed = at;
}
