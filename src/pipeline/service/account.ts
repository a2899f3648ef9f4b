import type { PandaClient } from '../../panda/index.ts';
import type { Transformation } from '../../transformations/index.ts';
import type { FindLog, JobFiles, SubmitJobsDeps } from '../../watch/index.ts';

/** PanDA as one of the pipeline's users sees it. */
export interface PandaAccount {
  readonly client: PandaClient;
  /** Its profile names the user that the jobs belong to; its journal is the service's own. */
  readonly deps: SubmitJobsDeps;
  readonly jobFiles: JobFiles;
  readonly findLog: FindLog;
  readonly transformations: readonly Transformation[];
  /** Jobs go to a sandbox. */
  readonly sandbox: boolean;
  /** Their files are staged one by one. */
  readonly staged: boolean;
}

/** What happens, for the log: a word for programs, and facts. Facts hold no secret. */
export type Tell = (
  level: 'debug' | 'info' | 'warning' | 'error',
  event: string,
  facts?: Readonly<Record<string, string | number | boolean | null | undefined>>,
) => void;
