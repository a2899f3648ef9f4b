import * as disk from 'node:fs/promises';
import {
  compareRecords,
  findRecordOfJob,
  formatRecord,
  readRecord,
  recordPath,
  submissionFields,
} from '../../transformations/index.ts';
import type { RecordDifference, SubmissionRecord } from '../../transformations/index.ts';
import { formatRelative, plural } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { readPandaId } from '../jobs/pandaIds.ts';
import { clean, cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { isoTime } from '../shapes.ts';
import { UsageError } from '../usageError.ts';

/** A record as programs get it. */
export function recordShape({ submittedAt, asked, ...facts }: SubmissionRecord) {
  return { ...facts, submittedAt: isoTime(submittedAt), asked: submissionFields(asked) };
}

/** The record of a submission in the folder one is in. */
export async function recordHere({ io }: CommandContext, id: string): Promise<SubmissionRecord | undefined> {
  return readRecord(io.cwd, id, disk);
}

/** Prints a record as the file that it is. */
export function printRecord({ io, out }: CommandContext, record: SubmissionRecord): void {
  out.line(`Record ${recordPath(io.cwd, record.id)}`);
  for (const line of clean(formatRecord(record)).trimEnd().split('\n')) out.line(`  ${line}`);
}

/** `submissions compare A B`: in what two differ. */
export async function compare(
  context: CommandContext,
  [first, second]: readonly [first: string, second: string],
): Promise<ExitCode> {
  const { io, out } = context;
  const before = await wantedRecord(context, first);
  const after = await wantedRecord(context, second);
  const differences = compareRecords(before, after);
  out.result({ before: before.id, after: after.id, differences });
  if (differences.length === 0) {
    out.line('They asked for the same, in the same place, and became as many jobs.');
    return EXIT.ok;
  }
  const named = ({ name, submittedAt }: SubmissionRecord): string =>
    `${cleanLine(name)} (${formatRelative(submittedAt, io.clock.now())})`;
  const columns = [
    { title: '' },
    { title: named(before), flexible: true },
    { title: named(after), flexible: true },
  ];
  const rows = differences.map(differenceRow);
  for (const line of renderTable(columns, rows, { width: out.width, paintTitle: out.style.dim })) {
    out.line(line);
  }
  return EXIT.ok;
}

function differenceRow({ where, before, after }: RecordDifference): readonly { readonly text: string }[] {
  return [where, before ?? '–', after ?? '–'].map((text) => ({ text: cleanLine(text) }));
}

/** `submissions find PANDAID`: the submission that a job belongs to. */
export async function find(context: CommandContext, word: string): Promise<ExitCode> {
  const { io, out } = context;
  const pandaId = readPandaId([word], 'submissions find');
  const record = await findRecordOfJob(io.cwd, pandaId, disk);
  if (record === undefined) {
    throw new UsageError(
      `No submission with a record in ${io.cwd}/.panda has job ${pandaId}.`,
      'Look in the folder that it was submitted from',
    );
  }
  out.result(recordShape(record));
  const when = formatRelative(record.submittedAt, io.clock.now());
  const facts = [cleanLine(record.name), when, cleanLine(record.profile), plural(record.jobs, 'job')];
  out.line(`${record.id}  ${facts.join(' · ')}`);
  return EXIT.ok;
}

async function wantedRecord(context: CommandContext, id: string): Promise<SubmissionRecord> {
  const record = await recordHere(context, id);
  if (record !== undefined) return record;
  if (await hasFile(context, id)) {
    throw new UsageError(
      `${recordPath(context.io.cwd, id)} is there, and is no record: it was changed or damaged.`,
      'Look at it, and take it from a copy or remove it',
    );
  }
  throw new UsageError(
    `There is no record of a submission ${cleanLine(id)} in ${context.io.cwd}/.panda.`,
    'Look at desc-panda submissions, in the folder that it was made from',
  );
}

/** Whether something lies where the record of a submission would be. */
async function hasFile({ io }: CommandContext, id: string): Promise<boolean> {
  if (!/^[a-z0-9]{10}$/u.test(id)) return false;
  return disk.access(recordPath(io.cwd, id)).then(
    () => true,
    () => false,
  );
}
