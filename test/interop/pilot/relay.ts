import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Profile } from '../../../src/panda/index.ts';
import type { Later } from '../doAfter.ts';
import { translateOldCall } from './oldCalls.ts';

/** One request of the pilot, and how it was answered. */
export interface SeenCall {
  /** `POST /server/panda/getJob` */
  readonly call: string;
  /** What it sent along, without values. */
  readonly names: readonly string[];
  /** Its `state`, where it sends one. */
  readonly state: string | undefined;
  readonly status: number;
  /** Why it could not be passed on. */
  readonly trouble: string | undefined;
}

export interface Relay {
  readonly port: number;
  readonly url: string;
  readonly seen: SeenCall[];
  /** Whether retired calls are answered by those that took their place; else all goes on as it came. */
  translates: boolean;
}

/**
 * Stands between a pilot and the sandbox, and notes what the pilot asks. It is a proxy for the web, too: what the pilot
 * fetches from the one host that it trusts with scripts, `trusted`, comes from the sandbox's cache.
 */
export async function startRelay(later: Later, profile: Profile, trusted: string): Promise<Relay> {
  const translate = translateOldCall(profile);
  const relay = { port: 0, url: '', seen: [] as SeenCall[], translates: false };

  const answer = async (
    request: IncomingMessage,
    body: string,
  ): Promise<{ status: number; text: string }> => {
    const { method = '', url = '', headers } = request;
    const values = new Map(new URLSearchParams(body));
    const old = /^\/server\/panda\/(\w+)$/u.exec(url)?.[1];
    if (relay.translates && old !== undefined) {
      const found = await translate({ name: old, values });
      if (found !== undefined) return { status: 200, text: JSON.stringify(found) };
    }
    const target = url.startsWith(trusted)
      ? `${profile.server}/cache/${url.slice(trusted.length)}`
      : `${profile.server}${url}`;
    const sent = ['accept', 'authorization', 'origin', 'content-type'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as [string, string]] : [];
    });
    const response = await fetch(target, { method, headers: sent, ...(method === 'POST' ? { body } : {}) });
    return { status: response.status, text: await response.text() };
  };

  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const values = new URLSearchParams(body);
      const { status, text: said } = await answer(request, body).catch((error: unknown) => ({
        status: 502,
        text: String(error),
      }));
      const call = `${request.method} ${request.url}`;
      const trouble = status === 502 ? said : undefined;
      const state = values.get('state') ?? undefined;
      relay.seen.push({ call, names: [...values.keys()], state, status, trouble });
      response.writeHead(status, { 'Content-Type': 'text/plain' }).end(said);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  later(() => server.close());
  relay.port = (server.address() as AddressInfo).port;
  relay.url = `http://127.0.0.1:${relay.port}`;
  return relay;
}
