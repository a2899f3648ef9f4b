import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDisposables, toDisposable } from '../../watch/index.ts';
import type { Clock } from '../../watch/index.ts';
import type { PandaAccount, Tell } from '../service/account.ts';
import type { ServiceJournal } from '../service/journal.ts';
import { createJobControlService } from '../service/service.ts';
import type { JobControlService } from '../service/service.ts';
import { createBinding } from './binding.ts';
import type { DaemonConfig, UserConfig } from './config.ts';
import { orDaemonError } from './daemonError.ts';
import { exportServices, startServer } from './endpoint.ts';
import { daemonStatus, figuresOf } from './figures.ts';
import type { DaemonFigures, FigureSources } from './figures.ts';
import type { HealthServer } from './health.ts';
import { openLocalServer } from './localServer.ts';
import type { LocalServerOptions } from './localServer.ts';
import { openMailing } from './mailing.ts';
import { createRounds } from './rounds.ts';
import { createSweep } from './sweep.ts';

export interface DaemonDeps {
  /** PanDA as a user of the pipeline sees it; submissions are to be noted below the folder given. */
  account(user: UserConfig, submissionsFolder: string): Promise<PandaAccount>;
  readonly clock: Clock;
  readonly tell: Tell;
  /** The program that sends mails, `mail/courier/main.ts` as it was built. */
  readonly courierProgram: string;
  /** How submissions are settled whose answer was lost; by default patiently. */
  readonly settledAfter?: number;
  /** Folder where running daemons are noted for other programs of this user; without it, and without a port, none can ask. */
  readonly announceIn?: string;
}

/** A job control service that runs. */
export interface Daemon {
  /** Of the endpoint of its objects. */
  readonly port: number;
  /** Names that clients look up. */
  readonly names: readonly string[];
  /** Where programs of this machine may ask it; undefined where none can. */
  readonly healthPort: number | undefined;
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
  const journal = await orDaemonError(`open the journal in ${config.state}`, () =>
    openJournalIn(config.state),
  );
  onFailure(() => journal.close());
  const services: JobControlService[] = [];
  for (const user of config.users) services.push(await serviceOf(user, config, journal, deps));
  const server = await orDaemonError(`listen at port ${config.rmi.port}`, () =>
    startServer(config, journal, tell),
  );
  onFailure(() => void server.close());
  const refs = exportServices(server, config, services);
  const names = [...refs.keys()];
  const binding = createBinding(server, refs, config.rmi.registryPort, tell);
  await binding.bind();
  const mailing = await orDaemonError('read the password of the mail server', () =>
    openMailing(config, journal, deps),
  );
  const startTime = clock.now();
  const health = await openHealth(config, deps, {
    services,
    database: journal.database,
    journal,
    ledger: mailing.ledger,
    startTime,
    mails: () => (mailing.mailer === undefined ? null : mailing.ledger.counts()),
    connections: () => server.connections,
    bound: () => binding.bound,
  });
  const sweep = createSweep(journal, config.state, config.keepDays, clock, tell);
  const pause = config.pollSeconds * 1000;
  const rounds = createRounds({ services, binding, mailing, sweep, pause, clock, tell });
  rounds.begin();
  tell('info', 'started', { port: server.port, names: names.join(' '), healthPort: health?.port });
  return {
    port: server.port,
    names,
    healthPort: health?.port,
    async close() {
      tell('info', 'stopping');
      await rounds.end();
      await binding.unbind();
      await server.close(GRACE_MS);
      await Promise.all(services.map(({ submitter }) => submitter.idle()));
      await health?.close();
      journal.close();
      tell('info', 'stopped');
    },
  };
}

async function openJournalIn(folder: string): Promise<ServiceJournal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Loaded here, so that the room can be entered where there is no SQLite.
  const { openJournal } = await import('../service/journal.ts');
  return openJournal(join(folder, 'journal.sqlite'));
}

type Sources = FigureSources & Pick<LocalServerOptions, 'journal' | 'ledger'>;

async function openHealth(
  { healthPort, state }: DaemonConfig,
  { announceIn, tell }: DaemonDeps,
  sources: Sources,
): Promise<HealthServer | undefined> {
  if (healthPort === undefined && announceIn === undefined) return undefined;
  const figures = (): DaemonFigures => figuresOf(sources);
  const status = (): string => daemonStatus(sources);
  return openLocalServer({ ...sources, port: healthPort ?? 0, state, announceIn, figures, status, tell });
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
    jobMails: config.mail?.sender === 'job' ? config.mail : undefined,
    settling: settledAfter === undefined ? {} : { settledAfter },
    tell,
  });
}
