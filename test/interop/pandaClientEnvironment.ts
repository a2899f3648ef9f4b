import { dirname, join } from 'node:path';
import type { SandboxConnection } from '../../src/sandbox/index.ts';

/** What `docs/tasks.md` tells a shell. `python`: the interpreter that knows PanDA's client; `folder`: where it keeps its own. */
export function pandaClientEnvironment(
  { url, token }: SandboxConnection,
  python: string,
  folder: string,
): NodeJS.ProcessEnv {
  const server = `${url}/server/panda`;
  const programs = dirname(python);
  return {
    PATH: `${programs}:${process.env.PATH ?? ''}`,
    HOME: folder,
    LANG: 'C.UTF-8',
    PANDA_URL: server,
    PANDA_URL_SSL: server,
    PANDACACHE_URL: server,
    PANDA_AUTH: 'oidc',
    PANDA_AUTH_VO: 'lsst',
    PANDA_AUTH_ID_TOKEN: token,
    PANDA_BEHIND_REAL_LB: '1',
    PANDA_SYS: dirname(programs),
    VIRTUAL_ENV: dirname(programs),
    PANDA_CONFIG_ROOT: join(folder, '.pathena'),
  };
}
