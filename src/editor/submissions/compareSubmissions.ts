import type { SubmissionRecord } from '../../transformations/index.ts';
import { systemClock } from '../../watch/index.ts';
import type { TextDocuments } from '../documents/textDocuments.ts';
import { tell } from '../vscode/prompts.ts';
import { comparisonOf } from './recordTexts.ts';

/** Shows in the diff editor in what two submissions differ, the earlier one on the left. */
export async function compareSubmissions(
  one: SubmissionRecord,
  other: SubmissionRecord,
  documents: TextDocuments,
): Promise<void> {
  const comparison = comparisonOf(one, other, systemClock.now());
  if (comparison === undefined) {
    void tell(
      'information',
      `${one.name} and ${other.name} asked for the same, in the same place, and became as many jobs.`,
    );
    return;
  }
  await documents.compare(comparison);
}
