import { DaemonError, parseDaemonConfig, startDaemon } from '../../pipeline/index.ts';
import type { Daemon, DaemonConfig, DaemonDeps } from '../../pipeline/index.ts';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
  JavaThrowable,
  RmiError,
} from '../../pipeline/rmi/index.ts';
import type { JobControlRemote, RemoteRef, RmiClient } from '../../pipeline/rmi/index.ts';
import { SANDBOX } from '../../panda/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connector } from '../connection.ts';
import { daemonAccount, SANDBOX_SETTLED } from './daemonAccount.ts';
import { LocalError } from '../localError.ts';
import { ServiceUnreachable } from '../serviceUnreachable.ts';
import { UsageError } from '../usageError.ts';

/** A job control daemon that the emulator calls. */
export interface DaemonInUse {
  /** For people: `JobControlService-me at host:1099`. */
  readonly where: string;
  readonly remote: JobControlRemote;
  close(): Promise<void>;
}

/** Finds the service at a registry. `name` may be left out where there is only one. */
export async function connectDaemon(
  address: { readonly host: string; readonly port: number },
  name: string | undefined,
  signal: AbortSignal,
): Promise<DaemonInUse> {
  const client = createRmiClient();
  try {
    const registry = createRegistryClient(client, address);
    const service = name ?? onlyService(await registry.list({ signal }));
    const ref = await registry.lookup(service, { signal });
    return inUse(client, ref, `${service} at ${address.host}:${address.port}`, () => Promise.resolve());
  } catch (error) {
    client.close();
    if (error instanceof RmiError) throw new ServiceUnreachable(error.message, error.advice, error);
    if (!(error instanceof JavaThrowable)) throw error;
    const what = name ?? 'job control service';
    const message = `The registry at ${address.host}:${address.port} has no ${what}: ${error.message}.`;
    throw new ServiceUnreachable(message, 'Check the name with --service', error);
  }
}

function onlyService(names: readonly string[]): string {
  const services = names.filter((name) => name.startsWith('JobControlService'));
  const [service] = services;
  if (service !== undefined && services.length === 1) return service;
  throw new UsageError(
    `The registry has ${services.length === 0 ? 'no job control service' : services.join(', ')}.`,
    services.length === 0
      ? 'Start the daemon, or name its service with --service'
      : 'Name one with --service',
  );
}

export interface OwnDaemonOptions {
  /** For what it keeps. */
  readonly folder: string;
  /** Where jobs may have their working directories and files. */
  readonly roots: readonly string[];
  readonly smtpPort: number;
  readonly fromAddress: string;
  readonly toAddress: string;
  /** Of the sandbox, where its jobs go there; undefined: the usual one. */
  readonly sandboxFolder: string | undefined;
}

const USER = 'emulator';

/** Starts a daemon in this process: with the profile that is asked for, else with the sandbox, which is started where none runs. */
export async function startOwnDaemon(
  { folder, roots, smtpPort, fromAddress, toAddress, sandboxFolder }: OwnDaemonOptions,
  context: CommandContext,
): Promise<DaemonInUse> {
  const { args, io } = context;
  const profile = args.text('profile') ?? SANDBOX;
  const config = parseDaemonConfig(
    'the configuration of the emulator',
    JSON.stringify({
      state: folder,
      users: { [USER]: { profile } },
      rmi: { host: '127.0.0.1', port: 0, publicHost: '127.0.0.1', allow: ['127.0.0.0/8'] },
      workingDirectories: { roots },
      pollSeconds: 1,
      mail: { from: fromAddress, to: toAddress, server: '127.0.0.1', port: smtpPort, security: 'none' },
    }),
  );
  const connectors: Connector[] = [];
  const account: DaemonDeps['account'] = (user, submissions) =>
    daemonAccount(user, submissions, context, connectors, sandboxFolder);
  const daemon = await begin(config, profile, account, context, connectors);
  const dispose = async (): Promise<void> => {
    await daemon.close();
    for (const connector of connectors) connector.dispose();
  };
  const client = createRmiClient();
  try {
    const address = { host: '127.0.0.1', port: daemon.port };
    const [service = ''] = daemon.names;
    const ref = await createRegistryClient(client, address).lookup(service, { signal: io.signal });
    return inUse(
      client,
      ref,
      `a daemon of this run on ${profile === SANDBOX ? 'the sandbox' : profile}`,
      dispose,
    );
  } catch (error) {
    client.close();
    await dispose();
    throw error;
  }
}

async function begin(
  config: DaemonConfig,
  profile: string,
  account: DaemonDeps['account'],
  { io, services }: CommandContext,
  connectors: readonly Connector[],
): Promise<Daemon> {
  try {
    return await startDaemon(config, {
      account,
      clock: io.clock,
      courierProgram: services.courierProgram,
      tell: (level, event, facts) => {
        if (io.env.DESC_PANDA_DEBUG === '1')
          io.stderr.write(`${JSON.stringify({ level, event, ...facts })}\n`);
      },
      ...(profile === SANDBOX ? { settledAfter: SANDBOX_SETTLED } : {}),
    });
  } catch (error) {
    for (const connector of connectors) connector.dispose();
    throw error instanceof DaemonError ? new LocalError(error.message, error.advice, error) : error;
  }
}

function inUse(client: RmiClient, ref: RemoteRef, where: string, dispose: () => Promise<void>): DaemonInUse {
  return {
    where,
    remote: createJobControlClient(client, ref),
    async close() {
      client.close();
      await dispose();
    },
  };
}
