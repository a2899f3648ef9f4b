import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatacatClient } from '../../../src/datacat/index.ts';
import type {
  DatacatAuthentication,
  DatacatClient,
  DatacatDependencies,
} from '../../../src/datacat/index.ts';
import { startSandboxServer } from '../../../src/sandbox/index.ts';
import type { SandboxServer } from '../../../src/sandbox/index.ts';

/** A sandbox of one test, for its data catalog. */
export interface SandboxCatalog {
  readonly server: SandboxServer;
  /** Address of the catalog. */
  readonly url: string;
  /** One who holds the token, unless told otherwise. */
  client(authentication?: DatacatAuthentication, deps?: DatacatDependencies): DatacatClient;
  /** A request as it is, with the token. */
  send(method: string, path: string, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

export async function startSandboxCatalog(): Promise<SandboxCatalog> {
  const folder = await mkdtemp(join(tmpdir(), 'datacat-'));
  const server = await startSandboxServer({ dataFolder: folder, owner: 'jane', runsBackground: false });
  const url = `${server.url}/datacat/r`;
  const clients: DatacatClient[] = [];
  const holder: DatacatAuthentication = {
    kind: 'token',
    token: () => Promise.resolve(server.token),
    origin: 'lsst',
  };
  return {
    server,
    url,
    client(authentication = holder, deps = {}) {
      const client = createDatacatClient({ url, authentication }, { random: () => 0, ...deps });
      clients.push(client);
      return client;
    },
    send: (method, path, body) =>
      fetch(`${url}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${server.token}`,
          Origin: 'lsst',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async close() {
      for (const client of clients) client.dispose();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
