import { createRegistry, createRegistryClient, createRmiClient } from '../rmi/index.ts';
import type { RegistryClient, RemoteRef, RmiServer } from '../rmi/index.ts';
import type { Tell } from '../service/account.ts';

/** The names of services in a registry. */
export interface Binding {
  /** Binds them, again where the registry has lost them. Never rejects: trouble is told to the log. */
  bind(): Promise<void>;
  unbind(): Promise<void>;
  /** Whether clients can look the names up, as far as is known. */
  readonly bound: boolean;
}

/** `port`: of an rmiregistry of this machine; undefined for a registry of our own, beside the services. */
export function createBinding(
  server: RmiServer,
  refs: ReadonlyMap<string, RemoteRef>,
  port: number | undefined,
  tell: Tell,
): Binding {
  if (port !== undefined) return bindingAt(port, refs, tell);
  const registry = createRegistry();
  server.export(registry.object);
  for (const [name, ref] of refs) registry.bind(name, ref);
  return { bind: () => Promise.resolve(), unbind: () => Promise.resolve(), bound: true };
}

/** The longest (ms) that a registry of this machine takes to answer. */
const TIMEOUT_MS = 10_000;

function bindingAt(port: number, refs: ReadonlyMap<string, RemoteRef>, tell: Tell): Binding {
  let bound = false;
  const call = { timeoutMs: TIMEOUT_MS };
  const attempt = async (work: (registry: RegistryClient) => Promise<void>): Promise<boolean> => {
    const client = createRmiClient();
    try {
      await work(createRegistryClient(client, { host: '127.0.0.1', port }));
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tell('warning', 'registry.failed', { port, reason });
      return false;
    } finally {
      client.close();
    }
  };
  return {
    get bound() {
      return bound;
    },
    async bind() {
      const before = bound;
      bound = await attempt(async (registry) => {
        const known = new Set(before ? await registry.list(call) : []);
        for (const [name, ref] of refs) if (!known.has(name)) await registry.rebind(name, ref, call);
      });
      if (bound && !before) tell('info', 'registry.bound', { port });
    },
    async unbind() {
      if (!bound) return;
      bound = false;
      await attempt(async (registry) => {
        for (const name of refs.keys()) await registry.unbind(name, call);
      });
    },
  };
}
