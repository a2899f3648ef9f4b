/** Submissions: sent so that none is lost or doubled, noted down, and recovered after a crash. */
export * from './submission.ts';
export { prepareSubmission } from './submissionPrepare.ts';
export type { PreparedJob, PreparedSubmission, PrepareDeps } from './submissionPrepare.ts';
export { SubmissionError } from './submissionError.ts';
export * from './submissionJournal.ts';
export type { RequestSummary, SubmissionOwner } from './submissionLines.ts';
export { adviseUnknown } from './submissionLookup.ts';
export { systemProcesses } from './submissionOwner.ts';
export type { ProcessTable } from './submissionOwner.ts';
export * from './submissionRecovery.ts';
export { resendJobs, resumeSubmission } from './submissionResend.ts';
export type { RecoverOptions, ResendOptions, ResumeOptions } from './submissionResend.ts';
export type { SubmitDeps, SubmitProgress } from './submissionSend.ts';
export { nearMatches } from './submissionSites.ts';
export { unknownJobs } from './submissionState.ts';
export type { StoredJob, StoredSubmission } from './submissionState.ts';
export type { SubmissionWriter } from './submissionWriter.ts';
