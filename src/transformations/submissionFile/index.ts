/** Submission files: reading and writing them, planning what they ask for, and the records of what was submitted. */
export { checkSubmissionFile } from './checkSubmissionFile.ts';
export type { SubmissionDescription, SweepPart, TaskDescription } from './description.ts';
export {
  choiceOfDescription,
  describeSubmission,
  filesOfChoice,
  rebaseDescription,
  type SubmittedChoice,
} from './describe.ts';
export { localDisk } from './disk.ts';
export { fieldsFor } from './fields.ts';
export type { GatherDeps as PlanDeps } from './gather.ts';
export { findInside, type FoundPath, type SubmissionDisk } from './paths.ts';
export {
  planSubmission,
  type PlannedSubmission,
  type PlanOptions,
  type PlanResult,
  type RequestSequence,
} from './plan.ts';
export { isSubmissionFile, readSubmissionFile, type SubmissionFile } from './readSubmissionFile.ts';
export {
  beginRecord,
  updateRecord,
  updateRecordOfTask,
  type BegunSubmission,
  type SubmissionOrigin,
} from './keepRecord.ts';
export {
  compareRecords,
  formatComparable,
  formatRecord,
  parseRecord,
  type RecordDifference,
  type SubmissionRecord,
} from './record.ts';
export {
  findRecordOfJob,
  readRecord,
  readRecords,
  recordIdOf,
  recordPath,
  writeRecord,
  type RecordFs,
} from './recordStore.ts';
export { literalTemplate } from '../sweep/template.ts';
export { submissionFileSchema } from './schema.ts';
export { submissionFields, writeSubmissionFile } from './write.ts';
