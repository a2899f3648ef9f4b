import { join } from 'node:path';
import { jobSubmissionException } from '../rmi/index.ts';
import type { Job } from '../rmi/index.ts';
import { folderOf } from './identity.ts';
import type { JobIdentity } from './identity.ts';
import { rootOf } from './paths.ts';

/** Where files of a job lie on this machine. */
export interface JobPlaces {
  /** Of its run script. */
  readonly runFolder: string;
  /** Of its own files. */
  readonly directory: string;
  /** What `directory` may not lead out of. */
  readonly root: string;
  /** The directory belongs to the service, not to the pipeline. */
  readonly own: boolean;
}

/**
 * The job's working directory, where it lies below one of the roots; without roots, or where the pipeline names none, a
 * folder of the service. Throws a JobSubmissionException for one outside of the roots.
 */
export function placesOf(
  job: Pick<Job, 'workingDirectory'>,
  identity: Pick<JobIdentity, 'instance' | 'execution'>,
  folder: string,
  roots: readonly string[],
): JobPlaces {
  const runFolder = join(folder, folderOf(identity));
  const wanted = job.workingDirectory;
  if (wanted === null || wanted === '' || roots.length === 0) {
    return { runFolder, directory: join(runFolder, 'files'), root: runFolder, own: true };
  }
  const root = rootOf(wanted, roots);
  if (root === undefined) {
    throw jobSubmissionException(`The working directory ${wanted} is not below ${roots.join(' or ')}`);
  }
  return { runFolder, directory: wanted.replace(/\/+$/u, ''), root, own: false };
}
