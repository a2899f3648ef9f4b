import { isFinal, PandaError } from '../../panda/index.ts';
import { findJobRecord } from '../../watch/index.ts';
import type { Disposable, JobFile, JobFileList } from '../../watch/index.ts';
import type { Session, Sessions } from '../session.ts';
import type { FileAddress } from './fileUri.ts';

/** A file of a job, and the session that reads it. */
export interface FoundFile {
  readonly session: Session;
  readonly file: JobFile;
}

/** The files of jobs, asked for once: those of a job that ended do not change any more. */
export interface FileLists extends Disposable {
  /** Rejects with what the user can do. */
  of(session: Session, pandaId: number): Promise<JobFileList>;
  /** Rejects `notFound` where the job has no such file, or the profile is not the one in use. */
  find(address: FileAddress): Promise<FoundFile>;
  /** Asks again from now on. */
  forget(): void;
}

const KEPT = 500;

export function createFileLists(sessions: Sessions): FileLists {
  const known = new Map<number, Promise<JobFileList>>();
  const forget = (): void => known.clear();
  const changes = sessions.onDidChange(forget);

  const ask = async (session: Session, pandaId: number): Promise<JobFileList> => {
    const record = await findJobRecord(session.client, pandaId);
    if (record === null) {
      throw notFound(`list the files of job ${pandaId}`, 'PanDA does not know this job', 'Check the PandaID');
    }
    const list = await session.jobFiles.list(record);
    if (!isFinal(record.jobStatus)) known.delete(pandaId);
    return list;
  };
  const of: FileLists['of'] = (session, pandaId) => {
    const there = known.get(pandaId);
    if (there !== undefined) return there;
    const list = ask(session, pandaId);
    known.set(pandaId, list);
    list.catch(() => known.get(pandaId) === list && known.delete(pandaId));
    const [oldest] = known.keys();
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
    return list;
  };
  return {
    of,
    async find({ profile, pandaId, name }) {
      const tried = `open ${name} of job ${pandaId}`;
      const session = await sessions.open();
      if (session?.profile.name !== profile) {
        const came = `it belongs to the profile ${profile}, which is not in use`;
        throw notFound(tried, came, 'Switch to that profile, and open it again');
      }
      const { files, inputs } = await of(session, pandaId);
      const file = [...files, ...inputs].find((one) => one.name === name);
      if (file === undefined) throw notFound(tried, 'the job has no such file', 'Look at the files it has');
      return { session, file };
    },
    forget,
    dispose() {
      changes.dispose();
      forget();
    },
  };
}

function notFound(tried: string, cameBack: string, advice: string): PandaError {
  return new PandaError({ kind: 'notFound', tried, cameBack, advice });
}
