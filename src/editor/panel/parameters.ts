import { JOB_ATTRIBUTES } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import { formatTime } from '../../watch/index.ts';
import { splitWords } from './splitWords.ts';
import type { NamedValue, ParametersView } from './view.ts';

/** A page is no place for megabytes of metadata. */
const LONGEST_VALUE = 20_000;
const MOST_WORDS = 500;

/** What of a job's many attributes says how it was submitted, under the words people use for it. */
const NAMED = [
  ['Site', 'computingSite'],
  ['User', 'prodUserName'],
  ['VO', 'VO'],
  ['Working group', 'workingGroup'],
  ['Label', 'prodSourceLabel'],
  ['Processing type', 'processingType'],
  ['Priority', 'currentPriority'],
  ['Task', 'jediTaskID'],
  ['Output dataset', 'destinationDBlock'],
  ['Output storage', 'destinationSE'],
  ['Container', 'container_name'],
] as const;

export function buildParameters(record: JobRecord): ParametersView {
  const words = splitWords(record.jobParameters ?? '');
  const named: NamedValue[] = [];
  for (const [name, attribute] of NAMED) {
    const value = record[attribute];
    if (value !== null && value !== '' && value !== 0) named.push({ name, value: clip(String(value)) });
  }
  return {
    transformation: clip(record.transformation ?? ''),
    words: words.slice(0, MOST_WORDS).map(clip),
    named,
    all: allAttributes(record),
  };
}

function allAttributes(record: JobRecord): NamedValue[] {
  const all: NamedValue[] = [];
  for (const [name, kind] of JOB_ATTRIBUTES) {
    const value = record[name];
    if (value === null || value === '') continue;
    all.push({
      name,
      value: kind === 'time' && typeof value === 'number' ? formatTime(value) : clip(String(value)),
    });
  }
  for (const [name, value] of Object.entries(record.unknown)) {
    if (value !== null && value !== '') {
      all.push({ name, value: clip(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')) });
    }
  }
  return all;
}

function clip(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)} …`;
}
