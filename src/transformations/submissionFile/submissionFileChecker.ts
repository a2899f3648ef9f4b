import { dirname } from 'node:path';
import type { Checker } from '../checker.ts';
import { readWhole } from '../readWhole.ts';
import { checkSubmissionFile } from './checkSubmissionFile.ts';
import { isSubmissionFile } from './readSubmissionFile.ts';

/** Submission files, with the files that they name. */
export const submissionFileChecker: Checker = {
  kind: 'submission-file',
  label: 'submission file',
  recognise: (path) => isSubmissionFile(path),
  async check(file, { signal, roots = [] }) {
    const text = new TextDecoder().decode(await readWhole(file, signal));
    const folder = dirname(file.path);
    const place = { folder, roots: [...new Set([folder, ...roots])] };
    const { description, ...found } = await checkSubmissionFile(
      text,
      place,
      signal === undefined ? {} : { signal },
    );
    return { ...found, summary: description };
  },
};
