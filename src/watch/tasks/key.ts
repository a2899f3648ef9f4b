/** What every name of a task that was submitted by us ends in. */
const SUBMISSION = /\.([a-z0-9]{10})\/?(?:\.\d+)?$/u;
const EARLIER = '/earlier';

/**
 * The key of a task among submissions, made of its id and its name, or that of a job of it. It begins with the id of the
 * submission, so that tasks stand among other submissions by their time; those of other programs come last.
 */
export function taskKey(taskId: number, name: string, superseded = false): string {
  const submission = SUBMISSION.exec(name)?.[1];
  const key = submission === undefined ? `0/${String(taskId).padStart(16, '0')}` : `${submission}/${taskId}`;
  return superseded ? key + EARLIER : key;
}

/** The task of a key; undefined for a submission of jobs. */
export function taskOfKey(key: string): number | undefined {
  const digits = /^(?:0|[a-z0-9]{10})\/(\d{1,16})(?:\/earlier)?$/u.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The id of the submission that a key is made of, also where it is no task; `0` for a task of another program. */
export function submissionOfKey(key: string): string {
  return key.split('/', 1)[0] ?? key;
}

/** The key of the attempts of a task that others followed. */
export function earlierKey(key: string): string {
  return key + EARLIER;
}

export function isEarlierKey(key: string): boolean {
  return key.endsWith(EARLIER);
}
