import { createTransformations } from '../catalog.ts';
import { MOST_LISTED } from '../findings.ts';
import type { ListedFindings } from '../findings.ts';
import type { SubmissionDescription } from './description.ts';
import { localDisk } from './disk.ts';
import type { GatherDeps } from './gather.ts';
import { planSubmission } from './plan.ts';
import type { PlanOptions } from './plan.ts';
import { readSubmissionFile } from './readSubmissionFile.ts';

/** Where a submission file stands, and from where files may be sent. */
export type SubmissionPlace = Pick<GatherDeps, 'folder' | 'roots'>;

/**
 * Reads a submission file and works out all of its jobs, as a dry run does, so that files that are not there, sensors that do not
 * exist and bad tables are found. Which profile will be used is not known here: what it alone can forbid, as a job without
 * software or inputs without staging, is left to the dry run. Rejects with the reason of the signal only.
 */
export async function checkSubmissionFile(
  text: string,
  place: SubmissionPlace,
  options: PlanOptions = {},
): Promise<ListedFindings & { readonly description: SubmissionDescription | undefined }> {
  const file = readSubmissionFile(text);
  const { description } = file;
  if (description === undefined) return { ...file, description };
  // Nothing is sent: the scripts themselves are not needed.
  const transformations = createTransformations(() => new Uint8Array());
  const deps = { ...place, transformations, disk: localDisk, sandbox: true, staged: true };
  const { diagnostics } = await planSubmission(file, deps, options);
  const found = diagnostics.length - file.diagnostics.length;
  return {
    description,
    diagnostics: diagnostics.slice(0, MOST_LISTED),
    unlisted: file.unlisted + Math.max(0, diagnostics.length - MOST_LISTED),
    counts: { ...file.counts, error: file.counts.error + found },
  };
}
