import type { TextPlace } from './xmlTree.ts';

/** What a task file says. Texts are as they stand there: `${…}` is worked out for each process instance. */
export interface TaskFile {
  readonly variables: readonly Variable[];
  readonly tasks: readonly Task[];
}

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly place: TextPlace;
}

export interface Task {
  readonly name: string;
  readonly type: string;
  readonly version: string;
  readonly notation: string;
  readonly variables: readonly Variable[];
  /** Variables that have to be given when a stream is created. */
  readonly prerequisites: readonly Prerequisite[];
  readonly processes: readonly Process[];
  readonly tasks: readonly Task[];
  readonly place: TextPlace;
}

export interface Prerequisite {
  readonly name: string;
  readonly type: string;
}

export interface Process {
  readonly name: string;
  readonly notation: string;
  /** The job site, whose daemon runs its jobs; '' where nothing is said. */
  readonly site: string;
  /** How often it is run again after it failed; an expression or a number. */
  readonly autoRetryMaxAttempts: string;
  /** Which failures it is run again after; '' for all. */
  readonly retryOn: string;
  readonly variables: readonly Variable[];
  readonly run: JobCommand | Script;
  /** What has to have ended before it starts. */
  readonly after: readonly Dependency[];
  /** What may start only after it has ended. */
  readonly before: readonly Dependency[];
  /** Tasks that it makes substreams of. */
  readonly createsSubtasks: readonly SubtaskName[];
  readonly place: TextPlace;
}

export interface Dependency {
  /** A sibling, or one of a subtask: `task.process`. */
  readonly process: string;
  readonly status: string;
  readonly place: TextPlace;
}

export interface SubtaskName {
  readonly name: string;
  readonly place: TextPlace;
}

/** A batch job. */
export interface JobCommand {
  readonly kind: 'job';
  /** The command; '' where there is a shell script instead. */
  readonly executable: string;
  /** For bash. */
  readonly script: string;
  /** `maxCPU`, `batchOptions` and the like, by name, as far as they are given. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly environment: readonly Variable[];
  readonly place: TextPlace;
}

/** Jython that the pipeline's server runs itself. */
export interface Script {
  readonly kind: 'script';
  readonly language: string;
  readonly text: string;
  readonly place: TextPlace;
}
