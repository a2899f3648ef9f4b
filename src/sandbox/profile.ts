import { join } from 'node:path';
import type { Profile, StagingSettings } from '../panda/index.ts';
import type { SandboxConnection } from './api.ts';
import { CATALOG_PATH } from './datacat/catalogPath.ts';
import { sandboxLayout } from './layout.ts';

/** The VO of a sandbox: with this one, the owner of a job is the name it is submitted under. */
export const SANDBOX_VO = 'lsst';

/**
 * The profile of a running sandbox. `user`: the operating system's user name; `dataFolder`: of the sandbox, where it
 * stages files then.
 */
export function sandboxProfile(connection: SandboxConnection, user: string, dataFolder?: string): Profile {
  const { url, token } = connection;
  return {
    name: 'sandbox',
    server: url,
    cache: url,
    monitor: url,
    authentication: { kind: 'token', token: () => Promise.resolve(token), origin: SANDBOX_VO },
    vo: SANDBOX_VO,
    user,
    prodSourceLabel: 'user',
    workingGroup: undefined,
    cloud: undefined,
    defaultSite: 'SANDBOX',
    caFile: undefined,
    verifyHost: true,
    proxy: undefined,
    datacat: { url: `${url}${CATALOG_PATH}`, authentication: { kind: 'profile' } },
    ...(dataFolder === undefined ? {} : { staging: sandboxStaging(dataFolder) }),
  };
}

/** Where the jobs of a sandbox have their files. */
export function sandboxStaging(dataFolder: string): StagingSettings {
  return { kind: 'folder', folder: sandboxLayout(dataFolder).stagingFolder };
}

/** Where a sandbox keeps its things, unless told otherwise. */
export function defaultDataHome(env: Readonly<Record<string, string | undefined>>, homedir: string): string {
  const { DESC_PANDA_HOME: own, XDG_DATA_HOME: data } = env;
  if (own !== undefined && own !== '') return join(own, 'sandbox');
  // An XDG path that is not absolute is to be ignored.
  const base = data?.startsWith('/') === true ? data : join(homedir, '.local', 'share');
  return join(base, 'desc-panda', 'sandbox');
}
