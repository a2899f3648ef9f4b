import { taskPath } from './instances.ts';
import type { Instance } from './instances.ts';
import { isCurrent, takenBack, withDependents } from './model.ts';
import type { PipelineModel } from './model.ts';
import { isFinalState } from '../states/index.ts';

/** Process instances that did not come to a good end, the latest executions. */
export function failedInstances(model: PipelineModel): readonly Instance[] {
  return [...model.latest()].filter(
    ({ state }) => isFinalState(state) && state !== 'SUCCESS' && state !== 'SKIPPED',
  );
}

/** Why these cannot be run once more, as a sentence without its full stop; undefined where they can. */
export function rollBackProblem(model: PipelineModel, keys: readonly number[]): string | undefined {
  const chosen = new Set<Instance>();
  for (const key of keys) {
    const instance = model.instance(key);
    if (instance === undefined) return `There is no process instance ${key}`;
    if (!isCurrent(instance)) return `Process instance ${key} is not the latest execution`;
    chosen.add(instance);
  }
  const affected = withDependents(model, chosen);
  for (const instance of affected) {
    for (const one of [instance, ...takenBack(instance)]) {
      if (isFinalState(one.state) || (one.state === 'WAITING' && !chosen.has(one))) continue;
      const name = `${taskPath(one.stream)}.${one.process.name}`;
      return `${name} (${one.key}) is ${one.state}; cancel it, or wait for its end`;
    }
  }
  return undefined;
}
