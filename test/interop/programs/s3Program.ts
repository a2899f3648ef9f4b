import type { InteropProgram } from './program.ts';

/** How an S3 server is to run. */
export interface S3ServerSetting {
  readonly port: number;
  /** For what it keeps on disk; each folder in it is a bucket. */
  readonly folder: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** PEM files, for https. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** A program that is an S3 server. */
export interface S3Program extends InteropProgram {
  /** Whether it compares signatures, sums and expiry, as S3 does. */
  readonly strict: boolean;
  readonly arguments: (setting: S3ServerSetting) => readonly string[];
}
