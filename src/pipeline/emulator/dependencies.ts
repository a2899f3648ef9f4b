import { creatorsOf } from '../taskXml/graph.ts';
import type { Dependency, Process } from '../taskXml/model.ts';
import { latest } from './instances.ts';
import type { Instance, Stream } from './instances.ts';
import { isFinalState } from '../states/index.ts';
import type { InstanceState } from '../states/index.ts';

/** Whether a process instance may start: now, not yet, or never. */
export type Readiness = 'met' | 'open' | 'never';

/** What an instance waits for and the state it waits for, as far as it exists already. */
interface Condition {
  readonly instance: Instance;
  readonly status: string;
}

export function readiness(instance: Instance): Readiness {
  const answers = conditionsOf(instance).map(({ instance: { state }, status }) => answer(state, status));
  if (answers.includes('never')) return 'never';
  return answers.includes('open') ? 'open' : 'met';
}

/** The instances that this one waits for, those of other executions left out. */
export function awaited(instance: Instance): readonly Instance[] {
  return conditionsOf(instance).map((condition) => condition.instance);
}

function answer(state: InstanceState, status: string): Readiness {
  if (status === state || (status === 'DONE' && isFinalState(state))) return 'met';
  return isFinalState(state) ? 'never' : 'open';
}

function conditionsOf({ process, stream }: Instance): readonly Condition[] {
  const named = process.after.flatMap((dependency) =>
    conditions(stream, dependency.process, dependency.status),
  );
  const before = stream.task.processes.flatMap((sibling) =>
    sibling.before
      .filter((dependency) => dependency.process === process.name)
      .flatMap(conditionOn(sibling, stream)),
  );
  return [...named, ...before];
}

function conditionOn(sibling: Process, stream: Stream): (dependency: Dependency) => readonly Condition[] {
  return ({ status }) => [{ instance: latest(stream, sibling.name), status }];
}

/**
 * For a process in a subtask: that those who make its substreams are done with it, and that each substream fulfils the
 * rest of the path.
 */
function conditions(stream: Stream, path: string, status: string): readonly Condition[] {
  const dot = path.indexOf('.');
  if (dot < 0) return [{ instance: latest(stream, path), status }];
  const subtask = path.slice(0, dot);
  const made = status === 'DONE' ? 'DONE' : 'SUCCESS';
  const creators = creatorsOf(stream.task, subtask).map(({ name }) => ({
    instance: latest(stream, name),
    status: made,
  }));
  const within = [...(stream.substreams.get(subtask)?.values() ?? [])].flatMap((substream) =>
    conditions(substream, path.slice(dot + 1), status),
  );
  return [...creators, ...within];
}
