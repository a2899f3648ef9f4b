import { isAbort, isFinal, PandaError } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import type { LogSource } from '../api.ts';
import type { JobFile, JobFileList, JobFiles } from './jobFiles.ts';
import { byName } from './stagedFiles.ts';
import { createTarballStore } from './tarballStore.ts';
import type { TarballLimits, TarballStore } from './tarballStore.ts';

/** A list shows what is in a log of this size at most; a larger one is only fetched when a log is asked for. */
const LISTED = 8 * 1024 ** 2;

/** The same files, with those that are in the tarball of the log. `folder`: where fetched tarballs are kept. */
export function withTarballs(files: JobFiles, folder: string, limits?: TarballLimits): JobFiles {
  const store = createTarballStore(folder, files, limits);
  return {
    ...files,
    async list(job, options = {}) {
      const list = await files.list(job, options);
      const isSmall = async (file: JobFile): Promise<boolean> =>
        options.unpack === true || (file.size ?? Infinity) <= LISTED || store.has(file);
      return isFinal(job.jobStatus) ? withMembers(store, list, isSmall, options) : list;
    },
    read(file, from, length, options = {}) {
      const { inside } = file;
      return inside === undefined
        ? files.read(file, from, length, options)
        : store.read(inside.tarball, inside.member, from, length, options);
    },
    address: (file, options) => files.address(file.inside?.tarball ?? file, options),
  };
}

/** Logs of an ended job among its files, as the monitor's file browser lists them or in the tarball of the log. */
export function logAmongFiles(files: Pick<JobFiles, 'list' | 'read'>, job: JobRecord): LogSource {
  let listed: JobFileList | undefined;
  return {
    async read(name, from, length, options = {}) {
      // Not shared while it is on its way: whoever asked first may be stopped.
      const list = (listed ??= await files.list(job, { ...options, unpack: true }));
      const file = list.files.find((one) => one.name === name || one.name.endsWith(`/${name}`));
      if (file !== undefined) return { from, ...(await files.read(file, from, length, options)) };
      if (list.trouble !== null) throw list.trouble;
      throw new PandaError({
        kind: 'notFound',
        tried: `read ${name} of job ${job.PandaID}`,
        cameBack: 'its files hold no such log',
        advice: 'Look at the files it has',
      });
    },
  };
}

async function withMembers(
  store: TarballStore,
  list: JobFileList,
  isWanted: (file: JobFile) => Promise<boolean>,
  options: { readonly signal?: AbortSignal },
): Promise<JobFileList> {
  const found: JobFile[] = [];
  let { trouble } = list;
  for (const tarball of list.files.filter(isLogTarball)) {
    if (!(await isWanted(tarball))) continue;
    try {
      const members = await membersOf(store, tarball, list, options);
      found.push(...members.files);
      trouble ??= members.trouble;
    } catch (error) {
      if (isAbort(error) || !(error instanceof Error)) throw error;
      // The tarball itself is listed all the same.
      trouble ??= error;
    }
  }
  return found.length === 0 && trouble === list.trouble
    ? list
    : { ...list, files: byName([...found, ...list.files]), trouble };
}

async function membersOf(
  store: TarballStore,
  tarball: JobFile,
  { files }: JobFileList,
  options: { readonly signal?: AbortSignal },
): Promise<Pick<JobFileList, 'files' | 'trouble'>> {
  const folder = tarball.name.replace(TARBALL, '');
  const { members, trouble } = await store.members(tarball, options);
  // What lies beside the tarball as well is listed once.
  const isThere = (name: string, size: number): boolean =>
    files.some((file) => file.size === size && baseName(file.name) === baseName(name));
  const inTarball = members.flatMap(({ name, size, modified }): JobFile[] => {
    if (isThere(name, size)) return [];
    const { url } = tarball;
    const inside = { tarball, member: name };
    const sums = { adler32: null, sha256: null, staged: undefined };
    return [{ name: `${folder}/${name}`, kind: 'log', size, modified, url, ...sums, inside }];
  });
  return { files: inTarball, trouble };
}

const TARBALL = /\.(?:tgz|tar\.gz)$/u;

/** Pilots call it `log.tgz`, `<name>.log.tgz` or `<name>.job.log.tgz`. */
function isLogTarball({ name, kind }: JobFile): boolean {
  return kind !== 'input' && TARBALL.test(name) && /(?:^|[./])log\./u.test(name);
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
