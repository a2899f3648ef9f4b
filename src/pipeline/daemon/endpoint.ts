import { hostname } from 'node:os';
import { inspect } from 'node:util';
import { exportJobControl, stableObjId, startRmiServer } from '../rmi/index.ts';
import type { RemoteRef, RmiServer, ServerEvent } from '../rmi/index.ts';
import type { Tell } from '../service/account.ts';
import type { ServiceJournal } from '../service/journal.ts';
import type { JobControlService } from '../service/service.ts';
import type { DaemonConfig } from './config.ts';

/** At a port that stays the same, so that stubs that clients keep stay good. */
export async function startServer(
  { rmi }: DaemonConfig,
  journal: ServiceJournal,
  tell: Tell,
): Promise<RmiServer> {
  const listenAt = (port: number): Promise<RmiServer> =>
    startRmiServer({
      ...(rmi.host === undefined ? {} : { host: rmi.host }),
      port,
      publicHost: rmi.publicHost ?? hostname(),
      allow: rmi.allow,
      times: { callMs: rmi.answerSeconds * 1000 },
      onEvent: (event) => tellOf(event, tell),
    });
  const kept = Number(journal.database.setting('port') ?? 0);
  const server = await listenAt(rmi.port === 0 ? kept : rmi.port).catch((error: unknown) => {
    if (rmi.port !== 0 || kept === 0 || !isTaken(error)) throw error;
    // Nobody asked for this one: clients look the service up anew, which is better than none.
    tell('warning', 'port.taken', { port: kept });
    return listenAt(0);
  });
  journal.database.setSetting('port', String(server.port));
  return server;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
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
export function exportServices(
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
