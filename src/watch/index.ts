/** The live picture: a compact job store, the poller that keeps it true, change events, submissions and log tailing. */
export type * from './api.ts';
export * from './submissions.ts';
