/** The live picture: a compact job store, the poller that keeps it true, change events, submissions and log tailing. */
export type * from './api.ts';
export { systemClock } from './clock.ts';
export { createDisposables, toDisposable } from './disposable.ts';
export type { Disposables } from './disposable.ts';
export { createEmitter } from './emitter.ts';
export type { Emitter } from './emitter.ts';
export { findLog } from './findLog.ts';
export { createJobStore } from './jobStore.ts';
export { updateOfMonitorJob, updateOfRecord } from './jobUpdate.ts';
export { ERROR_LINE, findLine } from './logScan.ts';
export { createLogTail } from './logTail.ts';
export type { LogTailOptions } from './logTail.ts';
export { createPoller } from './poller.ts';
export type { PollerOptions } from './poller.ts';
export { siteViews } from './siteViews.ts';
export * from './submissions.ts';
export * from './wording.ts';
