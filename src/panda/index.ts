/** The PanDA client: HTTP, authentication, jobs, sites and the monitor behind one typed interface. */
export type * from './api.ts';
export * from './errors.ts';
export * from './jobRecord.ts';
export type * from './jobRequest.ts';
export type * from './profile.ts';
export * from './states.ts';
