import type { Checker } from '../checker.ts';
import { readWhole } from '../readWhole.ts';
import { isSubmissionFile, readSubmissionFile } from './readSubmissionFile.ts';

/** Submission files, without the files that they name: those are read when jobs are made. */
export const submissionFileChecker: Checker = {
  kind: 'submission-file',
  label: 'submission file',
  recognise: (path) => isSubmissionFile(path),
  async check(file, { signal }) {
    const text = new TextDecoder().decode(await readWhole(file, signal));
    const { description, diagnostics, unlisted, counts } = readSubmissionFile(text);
    return { diagnostics, unlisted, counts, summary: description };
  },
};
