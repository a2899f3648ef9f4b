/**
 * Where job files wait: an S3 bucket or a local folder, behind one interface. Jobs get presigned URLs in a manifest and
 * hold no credentials. Everything rejects with `StagingError`, whose message says what was tried and what came back and
 * whose `advice` says what to do, or with the reason of the `AbortSignal` given.
 */
export type * from './api.ts';
export { localError, StagingError } from './errors.ts';
export type { StagingErrorKind } from './errors.ts';
export * from './keys.ts';
export * from './reference.ts';
export { attemptOfRun } from './attemptOfRun.ts';
export { checksumsOf, checksumsOfFile, checksumTrouble, createSummer } from './checksums.ts';
export { folderStore } from './stores/folder.ts';
export { s3Store } from './stores/s3.ts';
export type { S3Config, S3Credentials, S3Patience } from './stores/s3/config.ts';
export { describeCredentials, isAwsItself, stagingEndpoint } from './describeCredentials.ts';
export { createStagingStores, openStagingStore } from './openStore.ts';
export type { StagingStores } from './openStore.ts';
export { uploadFiles, uploadInputs } from './transfer/upload.ts';
export type {
  FileToKey,
  InputFile,
  TransferOptions,
  UploadedFile,
  UploadOptions,
} from './transfer/upload.ts';
export { downloadFiles } from './transfer/download.ts';
export type { DownloadedFile, DownloadOptions, KeyToFile } from './transfer/download.ts';
export { missingObjects } from './transfer/present.ts';
export type { TransferProgress } from './transfer/progress.ts';
export * from './manifest.ts';
export * from './jobPlan.ts';
export * from './jobManifest.ts';
export * from './outManifest.ts';
export { packManifests } from './packManifests.ts';
export { createLiveLog, livePieces } from './liveLog.ts';
export type { LiveLog } from './liveLog.ts';
export * from './cleanup.ts';
