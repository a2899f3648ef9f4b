import { parseJobName } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import type { JobFile } from './jobFiles.ts';

/** An output of a job as a data catalog has it: what it is, where it lies, and of which job it is. */
export interface OutputDataset {
  /** Unique among the outputs of all jobs. */
  readonly name: string;
  readonly fileFormat: string;
  readonly metadata: readonly OutputMetadata[];
  readonly location: {
    readonly site: string;
    readonly resource: string;
    /** Bytes. */
    readonly size?: number;
    /** Adler-32, hexadecimal. */
    readonly checksum?: string;
  };
}

export type OutputMetadata =
  | { readonly name: string; readonly type: 'integer'; readonly value: number }
  | { readonly name: string; readonly type: 'string'; readonly value: string };

/** The outputs among the files of a job. `site`: what the catalog calls the place where they are; default: the job's site. */
export function outputDatasets(
  record: JobRecord,
  files: readonly JobFile[],
  site = record.computingSite ?? '',
): readonly OutputDataset[] {
  const ofJob = jobMetadata(record);
  // The tarball of the log is named like an output.
  const logs = new Set(
    record.files.flatMap(({ type, lfn }) => (type === 'log' && lfn !== null ? [lfn] : [])),
  );
  return files
    .filter(({ kind, name }) => kind === 'output' && !logs.has(name))
    .map(({ name, url, size, adler32, sha256 }) => ({
      name: datasetName(record, name),
      fileFormat: fileFormat(name),
      metadata: [...ofJob, ...text('sha256', sha256)],
      location: {
        site,
        resource: url,
        ...(size === null ? {} : { size }),
        ...(adler32 === null ? {} : { checksum: adler32 }),
      },
    }));
}

/** What a file is by its name: `fits` of `f1.fits.gz`; `txt` where that says nothing. */
export function fileFormat(name: string): string {
  const ending = /\.([A-Za-z]\w{0,9})(?:\.(?:gz|bz2|xz|zst))?$/u.exec(name)?.[1];
  return (ending ?? 'txt').toLowerCase();
}

/** Names of files repeat from job to job; those of jobs do not. */
function datasetName({ jobName, PandaID }: JobRecord, name: string): string {
  const own = jobName ?? String(PandaID);
  const flat = name.replaceAll('/', '.');
  return flat.startsWith(`${own}.`) ? flat : `${own}.${flat}`;
}

function jobMetadata(record: JobRecord): readonly OutputMetadata[] {
  const { PandaID, jobName, transformation, computingSite, prodUserName, attemptNr, jediTaskID } = record;
  return [
    { name: 'PandaID', type: 'integer', value: PandaID },
    ...integer('jediTaskID', jediTaskID),
    ...text('jobName', jobName),
    ...text('submission', jobName === null ? null : (parseJobName(jobName)?.submissionId ?? null)),
    ...text('transformation', transformation),
    ...text('computingSite', computingSite),
    ...text('prodUserName', prodUserName),
    ...integer('attemptNr', attemptNr),
  ];
}

function text(name: string, value: string | null): readonly OutputMetadata[] {
  return value === null || value === '' ? [] : [{ name, type: 'string', value }];
}

function integer(name: string, value: number | null): readonly OutputMetadata[] {
  return value === null || value === 0 ? [] : [{ name, type: 'integer', value }];
}
