import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Tell } from '../service/account.ts';
import { orDaemonError } from './daemonError.ts';
import type { DaemonFigures } from './figures.ts';
import { startHealthServer } from './health.ts';
import type { HealthServer } from './health.ts';
import { announcedFile, CONNECTION_FILE, writeConnection } from './jobs/connectionFile.ts';
import { createJobRequests } from './jobs/requests.ts';
import type { JobRequestsDeps } from './jobs/requests.ts';

export interface LocalServerOptions extends Omit<JobRequestsDeps, 'token'> {
  /** 0: any that is free. */
  readonly port: number;
  /** The daemon's folder. */
  readonly state: string;
  /** Where it is noted for other programs of its user; undefined: nowhere but in its folder. */
  readonly announceIn: string | undefined;
  readonly figures: () => DaemonFigures;
  readonly tell: Tell;
}

/**
 * What programs of this machine may ask a daemon. Where it answers and its token, a new one each time, are in `connection.json` of
 * its folder, which goes when it is closed.
 */
export async function openLocalServer(options: LocalServerOptions): Promise<HealthServer> {
  const { port, state, announceIn, figures, tell } = options;
  const token = randomBytes(32).toString('base64url');
  const jobs = createJobRequests({ ...options, token });
  const server = await orDaemonError(`show figures at port ${port}`, () =>
    startHealthServer(port, figures, jobs),
  );
  const url = `http://127.0.0.1:${server.port}`;
  const connection = { url, token, pid: process.pid, host: hostname(), state };
  const own = join(state, CONNECTION_FILE);
  const noted = announceIn === undefined ? undefined : announcedFile(announceIn, state);
  const remove = async (): Promise<void> => {
    await rm(own, { force: true });
    if (noted !== undefined) await rm(noted, { force: true }).catch(() => undefined);
  };
  try {
    await orDaemonError(`write ${own}`, () => writeConnection(own, connection));
  } catch (error) {
    await server.close();
    throw error;
  }
  if (noted !== undefined) {
    await writeConnection(noted, connection).catch((error: unknown) => {
      tell('warning', 'announce.failed', { file: noted, reason: String(error) });
    });
  }
  return {
    port: server.port,
    async close() {
      await remove();
      await server.close();
    },
  };
}
