/** The live picture: a compact job store, the poller that keeps it true, change events, submissions and log tailing. */
export type * from './api.ts';
export { systemClock, waitFor } from './clock.ts';
export { createDisposables, toDisposable } from './disposable.ts';
export type { Disposables } from './disposable.ts';
export { createEmitter } from './emitter.ts';
export type { Emitter } from './emitter.ts';
export { currentCounts } from './store/currentCounts.ts';
export { downloadJobFile } from './files/downloadJobFile.ts';
export type { DownloadJobFileOptions } from './files/downloadJobFile.ts';
export { findJobRecord } from './findJob.ts';
export type { FindJobClient } from './findJob.ts';
export { findLog } from './log/findLog.ts';
export type { LogClient } from './log/findLog.ts';
export { createJobFiles } from './files/jobFiles.ts';
export type { JobFile, JobFileList, JobFiles, JobFilesClient, StagedObjectPlace } from './files/jobFiles.ts';
export { withTarballs } from './files/tarballFiles.ts';
export { stagedJob } from './files/stagedJob.ts';
export type { StagedJob, StagingAccess } from './files/stagedJob.ts';
export { createJobStore } from './store/jobStore.ts';
export { firstAttempt, updateOfMonitorJob, updateOfRecord } from './store/jobUpdate.ts';
export { ERROR_LINE, findLine } from './log/scan.ts';
export { createLogTail } from './log/logTail.ts';
export type { LogTailOptions } from './log/logTail.ts';
export { createPoller } from './poll/poller.ts';
export type { PollerOptions } from './poll/poller.ts';
export type { PollClient } from './poll/round.ts';
export { siteViews } from './siteViews.ts';
export { keepRenewed } from './keepRenewed.ts';
export type { KeepRenewedOptions } from './keepRenewed.ts';
export * from './submission/submissions.ts';
export { forgetTask, keepTaskArchive, prepareTask, resendTask, submitTask } from './tasks/submitTask.ts';
export type {
  NewTask,
  PreparedTask,
  SubmitTaskDeps,
  SubmitTaskOptions,
  TaskProgress,
} from './tasks/submitTask.ts';
export { createTaskJournal } from './tasks/journal.ts';
export type { TaskEntry, TaskJournal } from './tasks/journal.ts';
export { commandTask } from './tasks/commandTask.ts';
export type { CommandTaskClient, TaskOrder } from './tasks/commandTask.ts';
export { recoverTasks } from './tasks/lookup.ts';
export type { TaskLookupDeps, TaskRecovery } from './tasks/lookup.ts';
export type { TaskNote, TaskOutcome } from './tasks/note.ts';
export { endWarning } from './signInWords.ts';
export type { EndWarning } from './signInWords.ts';
export { earlierKey, isEarlierKey, submissionOfKey, taskKey, taskOfKey } from './tasks/key.ts';
export { createTaskWatch } from './tasks/taskWatch.ts';
export type { Task, TaskWatch, TaskWatchOptions } from './tasks/taskWatch.ts';
export { taskLabel, taskLook } from './tasks/wording.ts';
export { workflowMatches, workflowProgress } from './workflowWording.ts';
export * from './wording.ts';
export { fileFormat, outputDatasets } from './files/outputDatasets.ts';
export type { OutputDataset } from './files/outputDatasets.ts';
