import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createDisposables, toDisposable } from '../../watch/index.ts';
import type { Clock } from '../../watch/index.ts';
import { exportJobControl, stableObjId, startRmiServer } from '../rmi/index.ts';
import type { RemoteRef, RmiServer, ServerEvent } from '../rmi/index.ts';
import type { PandaAccount, Tell } from '../service/account.ts';
import type { ServiceJournal } from '../service/journal.ts';
import { createJobControlService } from '../service/service.ts';
import type { JobControlService } from '../service/service.ts';
import { createBinding } from './binding.ts';
import type { DaemonConfig, UserConfig } from './config.ts';
import { openMailing } from './mailing.ts';
import { createRounds } from './rounds.ts';

export interface DaemonDeps {
  /** PanDA as a user of the pipeline sees it; submissions are to be noted below the folder given. */
  account(user: UserConfig, submissionsFolder: string): Promise<PandaAccount>;
  readonly clock: Clock;
  readonly tell: Tell;
  /** How submissions are settled whose answer was lost; by default patiently. */
  readonly settledAfter?: number;
}

/** A job control service that runs. */
export interface Daemon {
  /** Of the endpoint of its objects. */
  readonly port: number;
  /** Names that clients look up. */
  readonly names: readonly string[];
  /** Hears no more calls, and ends when what it began is done or noted down. */
  close(): Promise<void>;
}

/** Rejects where it cannot begin, with everything closed. */
export async function startDaemon(config: DaemonConfig, deps: DaemonDeps): Promise<Daemon> {
  const opened = createDisposables();
  try {
    return await start(config, deps, (resource) => opened.add(toDisposable(() => resource())));
  } catch (error) {
    opened.dispose();
    throw error;
  }
}

async function start(
  config: DaemonConfig,
  deps: DaemonDeps,
  onFailure: (close: () => void) => void,
): Promise<Daemon> {
  const { clock, tell } = deps;
  await mkdir(config.state, { recursive: true, mode: 0o700 });
  // Loaded here, so that the room can be entered where there is no SQLite.
  const { openJournal } = await import('../service/journal.ts');
  const journal = openJournal(join(config.state, 'journal.sqlite'));
  onFailure(() => journal.close());
  const services: JobControlService[] = [];
  for (const user of config.users) services.push(await serviceOf(user, config, journal, deps));
  const server = await startServer(config, journal, tell);
  onFailure(() => void server.close());
  const refs = exportServices(server, config, services);
  const names = [...refs.keys()];
  const binding = createBinding(server, refs, config.rmi.registryPort, tell);
  await binding.bind();
  tell('info', 'started', { port: server.port, names: names.join(' ') });
  const mailing = await openMailing(config.mail, journal, clock, tell);
  const rounds = createRounds({ services, binding, mailing, pause: config.pollSeconds * 1000, clock, tell });
  rounds.begin();
  return {
    port: server.port,
    names,
    async close() {
      tell('info', 'stopping');
      await rounds.end();
      await binding.unbind();
      await server.close(GRACE_MS);
      await Promise.all(services.map(({ submitter }) => submitter.idle()));
      journal.close();
      tell('info', 'stopped');
    },
  };
}

/** So long (ms) calls under way may take to end when the daemon stops. */
const GRACE_MS = 10_000;

async function serviceOf(
  user: UserConfig,
  config: DaemonConfig,
  journal: ServiceJournal,
  deps: DaemonDeps,
): Promise<JobControlService> {
  const { tell, settledAfter } = deps;
  const folder = join(config.state, 'jobs', user.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return createJobControlService({
    user: user.name,
    account: await deps.account(user, join(config.state, 'submissions')),
    journal,
    folder,
    ...config.workingDirectories,
    cacheMs: config.pollSeconds * 1000,
    settling: settledAfter === undefined ? {} : { settledAfter },
    tell,
  });
}

/** At a port that stays the same, so that stubs that clients keep stay good. */
async function startServer({ rmi }: DaemonConfig, journal: ServiceJournal, tell: Tell): Promise<RmiServer> {
  const kept = Number(journal.database.setting('port') ?? 0);
  const server = await startRmiServer({
    ...(rmi.host === undefined ? {} : { host: rmi.host }),
    port: rmi.port === 0 ? kept : rmi.port,
    publicHost: rmi.publicHost ?? hostname(),
    allow: rmi.allow,
    times: { callMs: rmi.answerSeconds * 1000 },
    onEvent: (event) => tellOf(event, tell),
  });
  journal.database.setSetting('port', String(server.port));
  return server;
}

/** Calls and trouble; connections that come and go are for those who look closely. */
function tellOf(event: ServerEvent, tell: Tell): void {
  if (event.kind !== 'call') {
    const level = event.kind === 'failed' || event.kind === 'refused' ? 'warning' : 'debug';
    tell(level, `rmi.${event.kind}`, { ...event });
    return;
  }
  const { address, method, ms, thrown, error } = event;
  const trouble = thrown === undefined ? {} : { thrown: thrown.className, message: thrown.detail };
  tell('info', 'call', { address, method, ms, ...trouble });
  if (error === undefined || (error instanceof Error && error.name === 'AbortError')) return;
  tell('error', 'fault', {
    method,
    error: inspect(error),
  });
}

/** The services by the names that clients look up. */
function exportServices(
  server: RmiServer,
  { users }: DaemonConfig,
  services: readonly JobControlService[],
): ReadonlyMap<string, RemoteRef> {
  return new Map(
    services.flatMap(({ handlers }, index) => {
      const user = users[index];
      if (user === undefined) return [];
      const name = `${user.service}-${user.name}`;
      return [[name, exportJobControl(server, handlers, { objId: stableObjId(name) })] as const];
    }),
  );
}
