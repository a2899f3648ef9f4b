/** What can be run on PanDA: each transformation recognises a file, checks it, and turns it into job requests. */
export type * from './api.ts';
export { createTransformations } from './catalog.ts';
export { payloadFolderReader, type ReadPayload } from './payloads.ts';
