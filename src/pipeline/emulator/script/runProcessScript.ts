import type { NewSubstream, ScriptEnd } from '../events.ts';
import { latest, streamPath } from '../instances.ts';
import type { Instance } from '../instances.ts';
import type { PipelineModel } from '../model.ts';
import { lookupFor, variablesFor } from '../variables.ts';
import { runScript } from './runScript.ts';
import { ScriptFault, textOf } from './values.ts';
import type { ScriptObject, ScriptValue } from './values.ts';

const MOST_SUBSTREAMS = 10_000;

/**
 * Runs the script of a process instance. One that is more than the emulator runs fails; with `substreams` it makes that
 * many of each task that the process says it creates instead.
 */
export function runProcessScript(
  model: PipelineModel,
  instance: Instance,
  substreams: number | undefined,
): ScriptEnd {
  const { run, createsSubtasks } = instance.process;
  if (run.kind !== 'script') throw new Error(`process ${instance.process.name} has no script`);
  const done: Done = { substreams: [], variables: {} };
  const pipeline = pipelineObject(model, instance, done);
  const lookup = lookupFor(model.file, instance);
  try {
    const output = runScript(run.text, (name) => (name === 'pipeline' ? pipeline : lookup(name)));
    return { failure: null, output, ...done };
  } catch (error) {
    if (!(error instanceof ScriptFault)) throw error;
    const failure = `The script stopped at ${error.message}`;
    if (!error.beyondUs || substreams === undefined)
      return { failure, output: '', variables: {}, substreams: [] };
    const instead = createsSubtasks.flatMap(({ name }) =>
      Array.from({ length: substreams }, (_, stream): NewSubstream => ({
        task: name,
        stream,
        variables: {},
      })),
    );
    const made =
      instead.length === 0 ? 'it counts as done' : `${instead.length} substreams were made instead`;
    return { failure: null, output: `${failure}; ${made}`, variables: {}, substreams: instead };
  }
}

/** What a script has done so far. */
interface Done {
  readonly substreams: NewSubstream[];
  readonly variables: Record<string, string>;
}

type Args = readonly ScriptValue[];

/** What scripts know as `pipeline`. */
function pipelineObject(model: PipelineModel, instance: Instance, done: Done): ScriptObject {
  const { stream } = instance;
  return {
    kind: 'object',
    name: 'pipeline',
    methods: {
      createSubstream([task = null, number = null, variables = null]: Args) {
        if (done.substreams.length >= MOST_SUBSTREAMS) {
          throw new ScriptFault(0, `it makes more than ${MOST_SUBSTREAMS} substreams`, true);
        }
        if (typeof number !== 'number')
          throw new ScriptFault(0, 'the number of a substream is no number', false);
        const given = variables instanceof Map ? [...variables] : [];
        done.substreams.push({
          task: textOf(task),
          stream: number,
          variables: Object.fromEntries(given.map(([name, value]) => [name, textOf(value)])),
        });
        return null;
      },
      getProcessInstance([name = null]: Args) {
        if (!stream.instances.has(textOf(name))) {
          throw new ScriptFault(0, `there is no process ${textOf(name)} in this stream`, false);
        }
        return instanceObject(model, latest(stream, textOf(name)));
      },
      setVariable([name = null, value = null]: Args) {
        done.variables[textOf(name)] = textOf(value);
        return null;
      },
      ...variableMethods(model, instance),
      getCurrentStream: () => stream.number,
      getStream: () => stream.number,
      getStreamPath: () => streamPath(stream),
      getTask: () => stream.task.name,
      getProcess: () => instance.process.name,
    },
  };
}

function instanceObject(model: PipelineModel, instance: Instance): ScriptObject {
  const { process } = instance;
  return { kind: 'object', name: process.name, methods: variableMethods(model, instance) };
}

/** Variables that an instance has set, or sees. */
function variableMethods(model: PipelineModel, instance: Instance) {
  return {
    getVariable([name = null]: Args): ScriptValue {
      const found = instance.variables.get(textOf(name)) ?? lookupFor(model.file, instance)(textOf(name));
      if (found === undefined) {
        throw new ScriptFault(0, `${instance.process.name} has no variable ${textOf(name)}`, false);
      }
      return found;
    },
    getVariables: (): ScriptValue =>
      new Map<string, ScriptValue>([...variablesFor(model.file, instance), ...instance.variables]),
  };
}
