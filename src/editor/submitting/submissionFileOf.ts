import { basename, dirname, extname, join } from 'node:path';
import { describeSubmission, writeSubmissionFile } from '../../transformations/index.ts';
import type { SubmitForm } from './submitForm.ts';

/** What the form holds as the text of a submission file in `folder`; submitting that gives the same jobs. */
export function submissionFileText(
  { transformation, file, options, task }: SubmitForm,
  folder: string,
): string {
  const choice = { transformation, file: file.path, options, ...(task === undefined ? {} : { task }) };
  return writeSubmissionFile(describeSubmission(choice, folder));
}

/** `r22.panda.yaml` beside `r22.cat`. */
export function submissionFileName(path: string): string {
  return join(dirname(path), `${basename(path, extname(path))}.panda.yaml`);
}
