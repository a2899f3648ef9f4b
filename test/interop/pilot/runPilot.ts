import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../doAfter.ts';
import type { Later } from '../doAfter.ts';
import type { Relay } from './relay.ts';

const SITE = 'SANDBOX';
const STORAGE = 'SANDBOX_DATADISK';
const limitMs = 200_000;

export interface PilotRun {
  readonly code: number | null;
  /** What it said. */
  readonly log: string;
  /** Its folder: it leaves outputs and logs there, as there is no storage. */
  readonly home: string;
}

export interface PilotOrder {
  /** `pilot.py` */
  readonly program: string;
  readonly relay: Relay;
  readonly token: string;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}

/** Runs the pilot for one job, told all that a grid site would tell it. */
export async function runPilot(
  later: Later,
  { program, relay, token, signal }: PilotOrder,
): Promise<PilotRun> {
  const folder = await temporaryFolder(later);
  const home = join(folder, 'home');
  const site = join(folder, 'site');
  await Promise.all([mkdir(home), mkdir(site)]);
  await writeSite(site);
  await writeFile(join(home, 'token'), token, { mode: 0o600 });
  const configuration = join(folder, 'pilot.cfg');
  await writeFile(configuration, await ownConfiguration(program, site));
  const python = join(dirname(dirname(program)), 'bin', 'python');
  // It makes a group of its own after a while, which it cannot where it leads a session: a shell leads, and says who it is.
  const led = ['-c', '"$@" & echo $!; wait $!', 'sh', python, program, ...words(home, relay)];
  const child = spawn('sh', led, {
    detached: true,
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      LANG: 'C.UTF-8',
      // On a worker node it ends whatever its user has left running: here that would be anything of the user's.
      PILOT_NOKILL: '1',
      HARVESTER_PILOT_CONFIG: configuration,
      PANDA_AUTH_TOKEN: 'token',
      PANDA_AUTH_DIR: `${home}/`,
      PANDA_AUTH_ORIGIN: 'lsst',
      http_proxy: relay.url,
      no_proxy: '127.0.0.1',
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (said: string) => (log += said));
  }
  const ended = once(child, 'close');
  const end = (): void => {
    for (const group of [child.pid, Number(/^\d+/u.exec(log)?.[0])]) endGroup(group);
  };
  const timer = setTimeout(end, limitMs);
  signal?.addEventListener('abort', end, { once: true });
  const [code] = (await ended) as [number | null];
  clearTimeout(timer);
  return { code, log, home };
}

/** A group that is gone, or that was never made, is no error. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined || !(leader > 1)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function words(home: string, { port }: Relay): readonly string[] {
  const queue = ['-q', SITE, '-r', SITE, '-s', SITE, '-j', 'user', '-i', 'PR', '-w', 'generic'];
  const server = ['--url', 'http://127.0.0.1', '-p', String(port)];
  const site = ['--pilot-user', 'rubin', '-a', home, '--output-dir', home, '-l', '120'];
  const once = ['-v', '1', '-t', '-u', '--cleanup', 'False', '-d'];
  return [...queue, ...server, ...site, ...once];
}

/** What it would fetch from the catalogue of sites, or CVMFS. */
async function writeSite(folder: string): Promise<void> {
  const queue = {
    name: SITE,
    nickname: SITE,
    resource: SITE,
    panda_resource: SITE,
    atlas_site: SITE,
    state: 'ACTIVE',
    status: 'online',
    maxwdir: 1000,
    maxrss: 4000,
    timefloor: 0,
    corecount: 1,
    is_cvmfs: false,
    params: { internet_protocol_version: 'IPv4' },
    copytools: { mv: { setup: '' } },
    acopytools: { default: ['mv'] },
    astorages: { default: [STORAGE], pr: [STORAGE], pw: [STORAGE], pl: [STORAGE] },
  };
  const storage = {
    name: STORAGE,
    type: 'DATADISK',
    pk: 1,
    arprotocols: { pw: [{ endpoint: 'file://localhost', path: '/nowhere' }] },
  };
  await writeFile(join(folder, 'queuedata.json'), JSON.stringify(queue));
  await writeFile(join(folder, 'cric_pandaqueues.json'), JSON.stringify({ [SITE]: queue }));
  await writeFile(join(folder, 'cric_ddmendpoints.json'), JSON.stringify({ [STORAGE]: storage }));
}

/** The pilot's, but for a heartbeat each few seconds, and what is known of the site. */
async function ownConfiguration(program: string, site: string): Promise<string> {
  const given = await readFile(join(dirname(program), 'pilot', 'util', 'default.cfg'), 'utf8');
  return given
    .replace(/^heartbeat: .*$/mu, 'heartbeat: 2')
    .replace(/^update_sleep: .*$/mu, 'update_sleep: 1')
    .replace(/^cache_dir:.*$/mu, `cache_dir: ${site}`);
}
