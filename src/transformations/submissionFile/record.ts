import { readYaml, textOf, valueOf } from '../yamlTree.ts';
import type { YamlNode } from '../yamlTree.ts';
import type { SubmissionDescription } from './description.ts';
import { describeRecorded } from './readSubmissionFile.ts';
import { submissionFields } from './write.ts';
import { yamlDocument, yamlText } from './yamlText.ts';

/** What was submitted from a folder, so that it can be repeated, compared, and found again by its jobs. */
export interface SubmissionRecord {
  readonly id: string;
  readonly name: string;
  readonly profile: string;
  /** Origin of the server it went to. */
  readonly server: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  /** The submission file it came from, relative to the folder; null where there was none. */
  readonly file: string | null;
  /** Paths are relative to the folder that holds `.panda`. */
  readonly asked: SubmissionDescription;
  /** PandaIDs of the old jobs, where these are old jobs submitted again; `asked` is then what those were asked with. */
  readonly resubmitted: readonly number[];
  readonly jobs: number;
  /** The task that the jobs became; null where they are none, or it is not known. */
  readonly taskId: number | null;
  /** Of the jobs that PanDA took; none of a task, which makes its jobs later. */
  readonly pandaIds: readonly number[];
}

/** A record as YAML for people. */
export function formatRecord(record: SubmissionRecord): string {
  const { id, name, profile, server, submittedAt, file, jobs, taskId, pandaIds, resubmitted, asked } = record;
  const facts = {
    id,
    name,
    submittedAt: new Date(submittedAt).toISOString(),
    profile,
    server,
    ...(file === null ? {} : { file }),
    jobs,
    ...(taskId === null ? {} : { taskId }),
    pandaIds: ranges(pandaIds),
    ...(resubmitted.length === 0 ? {} : { resubmitted: ranges(resubmitted) }),
    asked: submissionFields(asked),
  };
  const below =
    resubmitted.length === 0
      ? 'Below asked stands what a submission file holds.'
      : 'Old jobs were submitted again; below asked stands what those were asked with.';
  const head = `# What was submitted, when, and what it became.\n# ${below}\n`;
  return head + yamlText(yamlDocument(facts));
}

/** Reads a record; undefined for anything else. Never throws. */
export function parseRecord(text: string): SubmissionRecord | undefined {
  const { root } = readYaml(text);
  const one = (key: string): string | undefined => textOf(valueOf(root, key));
  const names = readNames(one);
  const asked = describeRecorded(valueOf(root, 'asked'));
  const pandaIds = readRanges(valueOf(root, 'pandaIds'));
  const again = valueOf(root, 'resubmitted');
  const resubmitted = again === undefined ? [] : readRanges(again);
  const submittedAt = Date.parse(one('submittedAt') ?? '');
  const [jobs, taskId] = [countOf(one('jobs')), countOf(one('taskId') ?? '0')];
  if (names === undefined || asked === undefined || Number.isNaN(submittedAt)) return undefined;
  if (pandaIds === undefined || resubmitted === undefined) return undefined;
  if (jobs === undefined || taskId === undefined) return undefined;
  const known = { ...names, submittedAt, file: one('file') ?? null, asked, resubmitted, jobs };
  return { ...known, taskId: taskId === 0 ? null : taskId, pandaIds };
}

function readNames(
  one: (key: string) => string | undefined,
): Pick<SubmissionRecord, 'id' | 'name' | 'profile' | 'server'> | undefined {
  const [id, name, profile, server] = [one('id'), one('name'), one('profile'), one('server')];
  if (id === undefined || !/^[a-z0-9]{10}$/u.test(id)) return undefined;
  if (name === undefined || profile === undefined || server === undefined) return undefined;
  return { id, name, profile, server };
}

/** A whole number from 0 on; undefined for anything else. */
function countOf(text: string | undefined): number | undefined {
  const count = Number(text);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** `6900000001-6900000003`. */
function ranges(ids: readonly number[]): readonly (string | number)[] {
  const parts: [from: number, to: number][] = [];
  for (const id of ids.toSorted((one, other) => one - other)) {
    const last = parts.at(-1);
    if (last !== undefined && id <= last[1] + 1) last[1] = id;
    else parts.push([id, id]);
  }
  return parts.map(([from, to]) => (from === to ? from : `${from}-${to}`));
}

/** More jobs than this are not in one record. */
const MOST_JOBS = 1_000_000;

function readRanges(node: YamlNode | undefined): readonly number[] | undefined {
  if (node?.kind !== 'list') return undefined;
  const ids: number[] = [];
  for (const item of node.items) {
    const [, from, to = from] = /^(\d{1,15})(?:-(\d{1,15}))?$/u.exec(textOf(item) ?? '') ?? [];
    if (from === undefined || ids.length + Number(to) - Number(from) >= MOST_JOBS) return undefined;
    for (let id = Number(from); id <= Number(to); id += 1) ids.push(id);
  }
  return ids;
}

/** One thing in which two submissions differ; null where one of them does not say it. */
export interface RecordDifference {
  /** `asked.resources.memory`. */
  readonly where: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What `compareRecords` compares, as YAML for people to compare by themselves. */
export function formatComparable(record: SubmissionRecord): string {
  const { asked, name, profile, server, jobs } = record;
  const facts = { asked: submissionFields(asked), name, profile, server, jobs, accepted: acceptedOf(record) };
  return yamlText(yamlDocument(facts));
}

/** In what two submissions differ: first in what was asked, then in where it went and how many jobs it became. */
export function compareRecords(
  before: SubmissionRecord,
  after: SubmissionRecord,
): readonly RecordDifference[] {
  const one = flatten(before);
  const other = flatten(after);
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((where) => {
    const [first = null, second = null] = [one.get(where), other.get(where)];
    return first === second ? [] : [{ where, before: first, after: second }];
  });
}

/** How many jobs PanDA took: of a task all. */
function acceptedOf({ jobs, taskId, pandaIds }: SubmissionRecord): number {
  return taskId === null ? pandaIds.length : jobs;
}

function flatten(record: SubmissionRecord): Map<string, string> {
  const { asked, name, profile, server, jobs } = record;
  const leaves = new Map<string, string>();
  const add = (where: string, value: unknown): void => {
    if (Array.isArray(value) || typeof value !== 'object' || value === null) {
      leaves.set(where, typeof value === 'string' ? value : JSON.stringify(value));
      return;
    }
    for (const [key, inner] of Object.entries(value)) add(`${where}.${key}`, inner);
  };
  add('asked', submissionFields(asked));
  for (const [key, value] of Object.entries({ name, profile, server, jobs })) add(key, value);
  add('accepted', acceptedOf(record));
  return leaves;
}
