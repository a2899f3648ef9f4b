import type { ParameterValues } from '../api.ts';
import type { Resources } from '../../panda/index.ts';

/** One thing that varies, as a submission file says it. */
export type SweepPart =
  | { readonly kind: 'files'; /** As written. */ readonly files: readonly string[] }
  | { readonly kind: 'table'; readonly file: string }
  | { readonly kind: 'list'; readonly name: string; readonly values: readonly string[] }
  | {
      readonly kind: 'range';
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly step: number;
    }
  | { readonly kind: 'repeat'; readonly count: number };

/** How jobs are to be one task. */
export interface TaskDescription {
  /** Its files go along. */
  readonly folder?: string;
  readonly attempts: number;
}

/** What a submission file asks for. Paths are as written: relative to the file's folder, or absolute. */
export interface SubmissionDescription {
  readonly transformation: string;
  readonly file?: string;
  readonly name?: string;
  readonly profile?: string;
  /** Empty: the profile's site. */
  readonly sites: readonly string[];
  readonly resources: Partial<Resources>;
  readonly parameters: ParameterValues;
  readonly arguments: readonly string[];
  /** Undefined: what the transformation makes by itself. */
  readonly outputs?: readonly string[];
  readonly inputs: readonly string[];
  /** In the order in which they stand: the last varies fastest. */
  readonly sweep: readonly SweepPart[];
  /** Below the place that the profile names. */
  readonly stagingFolder?: string;
  /** Undefined: jobs of their own. */
  readonly task?: TaskDescription;
}
