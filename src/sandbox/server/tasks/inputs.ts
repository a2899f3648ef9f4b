import type { StoredInput } from '../store/taskTables.ts';
import type { TaskParameterMap } from '../store/tasks.ts';
import type { TaskDefinition } from './definition.ts';
import { integerIn } from './parameterMap.ts';

/** An input to be: of a list, or made up; or one range of its events. */
export type NewInput = Pick<StoredInput, 'lfn' | 'startEvent' | 'endEvent'>;

export type Inputs =
  | { readonly kind: 'inputs'; readonly inputs: readonly NewInput[] }
  /** Why the task is broken. */
  | { readonly kind: 'broken'; readonly reason: string };

/** More would keep the store busy for too long at once. */
const MOST = 50_000;

/** The inputs of a task without input data sets: those of its list, or as many as its numbers of events make. */
export function inputsOf(map: TaskParameterMap, { pfns, nEventsPerJob }: TaskDefinition): Inputs {
  const names = pfns === undefined ? ['pseudo_lfn'] : listed(pfns, integerIn(map, 'nFiles') ?? 1);
  if (names === undefined) return { kind: 'broken', reason: 'nFiles is larger than the list of pfnList' };
  const asked = integerIn(map, 'nEvents');
  const perInput = integerIn(map, 'nEventsPerFile') ?? asked;
  const inputs: NewInput[] = [];
  let events = 0;
  for (const lfn of names) {
    const ranges =
      perInput === null || perInput <= 0 || nEventsPerJob === undefined
        ? [{ startEvent: null, endEvent: null }]
        : eventRanges(perInput, nEventsPerJob);
    for (const range of ranges) {
      inputs.push({ lfn, ...range });
      if (inputs.length > MOST) return { kind: 'broken', reason: `Too many file record >${MOST}` };
    }
    events += perInput ?? 0;
    if (asked !== null && events >= asked) break;
  }
  return { kind: 'inputs', inputs };
}

/** `000000:name`, where the number finds the entry again; undefined where there are not so many. */
function listed(pfns: readonly string[], count: number): readonly string[] | undefined {
  if (count > pfns.length) return undefined;
  return pfns.slice(0, Math.max(count, 0)).map((pfn, index) => {
    const base = pfn.split('/').at(-1) ?? '';
    return `${String(index).padStart(6, '0')}:${base.split('^')[0] ?? ''}`;
  });
}

function* eventRanges(events: number, perJob: number): Generator<Pick<NewInput, 'startEvent' | 'endEvent'>> {
  for (let start = 0; start < events; start += perJob) {
    yield { startEvent: start, endEvent: Math.min(start + perJob, events) - 1 };
  }
}

/** Inputs for one job each, in their order. */
export function groupInputs(
  inputs: readonly StoredInput[],
  definition: TaskDefinition,
): readonly (readonly StoredInput[])[] {
  const { nFilesPerJob, nEventsPerJob, nMaxFilesPerJob } = definition;
  const groups: StoredInput[][] = [];
  let events = 0;
  for (const input of inputs) {
    const last = groups.at(-1);
    const more = eventsIn(input);
    const isFull =
      nFilesPerJob !== undefined
        ? last?.length === nFilesPerJob
        : last?.length === nMaxFilesPerJob || (nEventsPerJob !== undefined && events + more > nEventsPerJob);
    if (last === undefined || isFull) {
      groups.push([input]);
      events = more;
    } else {
      last.push(input);
      events += more;
    }
  }
  return groups;
}

export function eventsIn({ startEvent, endEvent }: StoredInput): number {
  return startEvent === null || endEvent === null ? 1 : endEvent - startEvent + 1;
}
