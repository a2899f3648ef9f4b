/** What a job's unique name says: `<name>.<submission id>.<number>`. */
export interface JobNameParts {
  /** The user's name, as far as it fits in a jobName. */
  readonly name: string;
  /** Ten characters, shared by the jobs of one submission; they sort by time. */
  readonly submissionId: string;
  /** From 1. */
  readonly number: number;
}

/** The longest jobName we make; the column takes 256, and file names are made of it. */
const LONGEST_JOB_NAME = 200;
const ID_LENGTH = 10;
const TIME_DIGITS = 8;
const FORM = /^(.+)\.([a-z0-9]{10})\.([1-9]\d{0,8})$/s;

/** The unique name of one job of a submission. Characters outside `A-Za-z0-9_.-` become `_`. */
export function makeJobName(name: string, submissionId: string, number: number): string {
  if (!/^[a-z0-9]{10}$/.test(submissionId)) {
    throw new RangeError(`${JSON.stringify(submissionId)} is not a submission id`);
  }
  if (!Number.isSafeInteger(number) || number < 1 || number > 999_999_999) {
    throw new RangeError(`${number} is not the number of a job`);
  }
  const tail = `.${submissionId}.${number}`;
  const plain = name.replace(/[^A-Za-z0-9_.-]/gu, '_').slice(0, LONGEST_JOB_NAME - tail.length);
  return `${plain === '' ? '_' : plain}${tail}`;
}

/** Takes a name made by `makeJobName` apart; null for names that other programs made. */
export function parseJobName(jobName: string): JobNameParts | null {
  const [, name, submissionId, number] = FORM.exec(jobName) ?? [];
  return name === undefined || submissionId === undefined || number === undefined
    ? null
    : { name, submissionId, number: Number(number) };
}

/** A submission id: the time in base 36, then a random tail. Ids of later milliseconds sort after earlier ones. */
export function makeSubmissionId(epochMs: number, random: () => number): string {
  const time = Math.floor(epochMs).toString(36).padStart(TIME_DIGITS, '0');
  const tail = Array.from({ length: ID_LENGTH - TIME_DIGITS }, () => Math.floor(random() * 36).toString(36));
  return time + tail.join('');
}
