import { literalTemplate, type SubmissionDescription } from '../../transformations/index.ts';
import type { Resources } from '../../panda/index.ts';
import type { OldRequest } from '../submitting/requestOfRecord.ts';

/** So many sites a submission file can name. */
const MOST_SITES = 50;

/** What old jobs were asked with, as far as it is the same for all of them. Their files are in the cache, not here. */
export function describeOldRequests(old: readonly OldRequest[]): SubmissionDescription {
  const same = <Value>(valueOf: (request: OldRequest) => Value): Value | undefined => {
    const [first, ...others] = old.map(valueOf);
    const text = JSON.stringify(first);
    return others.every((other) => JSON.stringify(other) === text) ? first : undefined;
  };
  const name = same((request) => request.name);
  const outputs = same((request) => request.outputs);
  const sites = new Set(old.flatMap(({ site }) => site ?? []));
  return {
    transformation: old.find(({ transformation }) => transformation !== '')?.transformation ?? 'unknown',
    ...(name === undefined ? {} : { name: literalTemplate(name) }),
    sites: [...sites].slice(0, MOST_SITES),
    resources: withoutUnknown(same(({ resources }) => resources) ?? {}),
    parameters: {},
    arguments: (same((request) => request.arguments) ?? []).map(literalTemplate),
    ...(outputs === undefined ? {} : { outputs: outputs.map(literalTemplate) }),
    inputs: [],
    sweep: [],
  };
}

/** A record of PanDA may say nothing of some: those are 0. */
function withoutUnknown(resources: Partial<Resources>): Partial<Resources> {
  return Object.fromEntries(Object.entries(resources).filter(([, value]) => value > 0));
}
