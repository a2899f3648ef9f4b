import http from 'node:http';
import https from 'node:https';
import { isWithoutProxy } from './noProxy.ts';
import type { Profile } from '../profiles/profile.ts';

/** Connections kept by one client: more parallel calls than this wait. */
const CONNECTIONS = 8;

/** The connection pools of one profile; proxy support is loaded only where the profile names a proxy. */
export interface Agents {
  /** False asks Node for a connection of its own. */
  agentFor(url: string, fresh: boolean): Promise<http.Agent | false>;
  dispose(): void;
}

export function createAgents(profile: Profile): Agents {
  const made = new Map<string, Promise<http.Agent>>();
  return {
    async agentFor(url, fresh) {
      const secure = new URL(url).protocol === 'https:';
      const proxy = proxyFor(profile, url);
      if (fresh && proxy === undefined) {
        return false;
      }
      const key = `${secure ? 'https' : 'http'} ${proxy === undefined ? 'direct' : 'proxied'} ${fresh ? 'fresh' : 'kept'}`;
      const agent = made.get(key) ?? makeAgent(secure, withCredentials(proxy, profile), fresh);
      made.set(key, agent);
      return agent;
    },
    dispose() {
      for (const agent of made.values()) {
        agent.then(
          (one) => one.destroy(),
          () => undefined,
        );
      }
      made.clear();
    },
  };
}

async function makeAgent(secure: boolean, proxy: string | undefined, fresh: boolean): Promise<http.Agent> {
  const options = { keepAlive: !fresh, maxSockets: CONNECTIONS };
  if (proxy === undefined) {
    return secure ? new https.Agent(options) : new http.Agent(options);
  }
  if (secure) {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return new HttpsProxyAgent(proxy, options);
  }
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(proxy, options);
}

/** The proxy through which an address is asked; undefined where it is asked directly. */
export function proxyFor(
  { proxy, noProxy = '' }: Pick<Profile, 'proxy' | 'noProxy'>,
  url: string,
): string | undefined {
  const address = new URL(url);
  return isLoopback(address.hostname) || isWithoutProxy(address, noProxy) ? undefined : proxy;
}

export function withCredentials(
  proxy: string | undefined,
  { proxyCredentials }: Pick<Profile, 'proxyCredentials'>,
): string | undefined {
  return proxyCredentials === undefined ? proxy : proxy?.replace('://', `://${proxyCredentials()}@`);
}

/** True for names of this machine, which no proxy can reach. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}
