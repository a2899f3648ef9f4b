/** `desc-panda jobcontrold` on a sandbox server whose pilot stands still. */
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { dist } from '../../scripts/lib/paths.ts';
import { DaemonProcess, USER } from '../interop/jobControlDaemon.ts';
import type { RealSandbox } from './realSandbox.ts';

export interface BenchDaemon {
  /** Not started yet. */
  readonly daemon: DaemonProcess;
  readonly journalFile: string;
}

export async function daemonOn({ connection }: RealSandbox, folder: string): Promise<BenchDaemon> {
  const state = join(folder, 'state');
  const settings = join(folder, 'config', 'desc-panda');
  await mkdir(settings, { recursive: true });
  await mkdir(state);
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, connection.token, { mode: 0o600 });
  const bench = {
    ...{ server: connection.url, monitor: connection.url, vo: 'lsst', site: 'SANDBOX' },
    user: userInfo().username,
    authentication: { kind: 'token', tokenFile, origin: 'lsst' },
  };
  await writeFile(join(settings, 'profiles.json'), JSON.stringify({ profiles: { bench } }));
  const config = {
    state,
    users: { [USER]: { profile: 'bench' } },
    rmi: { host: '127.0.0.1', publicHost: '127.0.0.1', port: 0 },
    log: { level: 'debug' },
  };
  const env = { ...process.env, DESC_PANDA_HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') };
  const entry = join(dist, 'cli', 'main.js');
  const daemon = new DaemonProcess(entry, join(folder, 'jobcontrold.json'), JSON.stringify(config), env);
  return { daemon, journalFile: join(state, 'journal.sqlite') };
}
