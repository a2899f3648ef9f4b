import assert from 'node:assert/strict';
import type { PipelineEvent } from '../../../../src/pipeline/emulator/events.ts';
import type { Instance } from '../../../../src/pipeline/emulator/instances.ts';
import { streamPath, taskPath } from '../../../../src/pipeline/emulator/instances.ts';
import { PipelineModel } from '../../../../src/pipeline/emulator/model.ts';
import { checkTaskXml } from '../../../../src/pipeline/taskXml/checkTaskXml.ts';

export const KEY_BASE = 1000;

/** A model of a file with one task `t`, of what stands in it. */
export function modelOf(inner: string): PipelineModel {
  const { model, problems } = checkTaskXml(
    `<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline"><variables><var name="FILE">f</var></variables>
<task name="t" type="LSST" version="1.5">${inner}</task></pipeline>`,
  );
  const errors = problems.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, []);
  const task = model?.tasks[0];
  assert.ok(model && task);
  return new PipelineModel(model, task, KEY_BASE);
}

export function job(name: string, after = '', more = ''): string {
  return `<process name="${name}" ${more}><job executable="${name}"/>${dependsOn(after)}</process>`;
}

export function dependsOn(names: string): string {
  const list = names.split(' ').filter((name) => name !== '');
  if (list.length === 0) return '';
  const after = list.map((name) => {
    const [process = '', status = 'SUCCESS'] = name.split('=');
    return `<after process="${process}" status="${status}"/>`;
  });
  return `<depends>${after.join('')}</depends>`;
}

/** The latest execution of a process: `a` of stream 0, or `t.sub.a 0.1`. */
export function at(model: PipelineModel, path: string): Instance {
  const [name = '', stream = '0'] = path.split(' ');
  for (const instance of model.latest()) {
    const full = `${taskPath(instance.stream)}.${instance.process.name}`;
    if ((full === name || full === `t.${name}`) && streamPath(instance.stream) === stream) return instance;
  }
  throw new Error(`there is no ${path}`);
}

/** `a SUCCESS, b READY`, of all latest executions. */
export function states(model: PipelineModel): string {
  return [...model.latest()].map(({ process, state }) => `${process.name} ${state}`).join(', ');
}

/** Applies events by short words: `queued a`, `ended a 1`. */
export function happens(model: PipelineModel, ...words: readonly string[]): void {
  for (const word of words) {
    const [type = '', name = '', value = '0'] = word.split(/ (?=[a-z]|[-\d]+$)/);
    model.apply(eventOf(model, type, name, value));
  }
}

function eventOf(model: PipelineModel, type: string, name: string, value: string): PipelineEvent {
  const when = { at: 1 };
  const key = { ...when, key: type === 'stream' ? 0 : at(model, name).key };
  switch (type) {
    case 'queued':
      return { type, ...key };
    case 'submitted':
      return { type, ...key, jobId: `job-${name}` };
    case 'refused':
      return { type, ...key, message: 'no' };
    case 'started':
      return { type, ...key, host: 'wn1', startTime: 5 };
    case 'ended':
      return {
        type,
        ...key,
        exitCode: Number(value),
        host: 'wn1',
        startTime: 5,
        endTime: 9,
        variables: {},
        substreams: [],
      };
    case 'terminated':
      return { type, ...key, message: 'lost' };
    case 'canceled':
      return { type, ...key };
    case 'cancel':
    case 'rollback':
      return { type, ...when, keys: [key.key] };
    default:
      throw new Error(`no event ${type}`);
  }
}
