/**
 * The PanDA client: HTTP, authentication, jobs, sites and the monitor behind one typed interface. Also the library entry
 * `desc-panda/client`: `createPandaClient(profile)` is where to begin.
 */
export type * from './api.ts';
export { createPandaClient } from './client.ts';
export type { ClientDependencies } from './client.ts';
export * from './errors.ts';
export * from './jobRecord.ts';
export type * from './jobRequest.ts';
export type * from './profile.ts';
export * from './states.ts';
export { validateJobSpec, validateJobSpecs } from './validateJobSpec.ts';
