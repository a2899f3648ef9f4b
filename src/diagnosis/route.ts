import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { connectionError, createHttp, HttpFailure, isLoopback, proxyFor, tlsSource } from '../panda/index.ts';
import type { HttpAnswer, Profile, ProfileValue } from '../panda/index.ts';
import { formatDuration } from '../watch/index.ts';
import { ok, warning } from './check.ts';
import type { Finding, Step, Surroundings } from './check.ts';
import { lookUp } from './hops/dns.ts';
import { judgeAnswer, judgeClock } from './hops/http.ts';
import type { HttpHop } from './hops/http.ts';
import { open } from './hops/tcp.ts';
import { secure } from './hops/tls.ts';
import { tlsTrouble } from './hops/tlsTrouble.ts';
import type { TlsPlace } from './hops/tlsTrouble.ts';
import { tunnel } from './hops/tunnel.ts';

export interface RouteOptions extends HttpHop {
  /** Of the connection: its proxy, authorities, certificate. */
  readonly profile: Profile;
  /** Of the profile, with where they come from. */
  readonly values: readonly ProfileValue[];
  /** Where one names an authority. */
  readonly whereToNameIt: string;
  /** Why no proxy is used although there is one; undefined where one may be used. */
  readonly neverProxied?: string;
}

/** Every hop to one address, each on what the one before reached. */
export function routeSteps(options: RouteOptions, surroundings: Surroundings): readonly Step[] {
  return new Route(options, surroundings).steps();
}

const LARGEST_ANSWER = 4 * 1024 * 1024;

/**
 * The profile with its certificate, if it has one that can be used, as servers may want to see one; without anything else
 * that proves who asks. A certificate that cannot be used is told of with the identity, and the way is to be seen to its end.
 */
export async function withUsableCertificate(profile: Profile, now: () => number): Promise<Profile> {
  const anonymous = { ...profile, authentication: { kind: 'none' } as const };
  if (profile.authentication.kind !== 'certificate') return anonymous;
  return tlsSource(profile, now)().then(
    () => profile,
    () => anonymous,
  );
}

class Route {
  readonly #options: RouteOptions;
  readonly #surroundings: Surroundings;
  readonly #url: URL;
  readonly #proxy: URL | undefined;
  #addresses: readonly LookupAddress[] = [];
  #socket: Socket | undefined;
  #answer: HttpAnswer | undefined;

  constructor(options: RouteOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#url = new URL(options.url);
    const proxy = options.neverProxied === undefined ? proxyFor(options.profile, options.url) : undefined;
    this.#proxy = proxy === undefined ? undefined : new URL(proxy);
    surroundings.signal.addEventListener('abort', () => this.#socket?.destroy(), { once: true });
  }

  steps(): readonly Step[] {
    const proxy = this.#proxy;
    const { host, hostname, port } = placeOf(this.#url);
    const first = proxy === undefined ? { host, hostname, port } : placeOf(proxy);
    const isSecure = this.#url.protocol === 'https:';
    const steps: (Step | undefined)[] = [
      { name: 'proxy', tried: '', run: () => this.#describeProxy() },
      {
        name: 'DNS',
        tried: `look up ${first.hostname}`,
        run: (signal) => this.#lookUp(first.hostname, signal),
      },
      { name: 'TCP', tried: `connect to ${first.host}`, run: (signal) => this.#open(first, signal) },
      proxy === undefined || !isSecure
        ? undefined
        : {
            name: 'tunnel',
            tried: `ask the proxy for a way to ${host}`,
            run: (signal) => this.#tunnel(proxy, host, signal),
          },
      isSecure
        ? {
            name: 'TLS',
            tried: `make the connection to ${host} secure`,
            run: (signal) => this.#secure(signal),
          }
        : undefined,
      { name: 'HTTP', tried: `get ${this.#url.pathname}`, run: (signal) => this.#ask(signal) },
      { name: 'clock', tried: '', run: () => this.#judgeClock(), isOptional: true },
    ];
    return steps.filter((step) => step !== undefined);
  }

  #describeProxy(): Finding {
    const { profile, neverProxied } = this.#options;
    if (this.#proxy !== undefined) return ok(`${this.#proxy.origin} (${this.#sourceOf('proxy')})`);
    if (profile.proxy === undefined) return ok('none is set');
    if (neverProxied !== undefined) return ok(`none: ${neverProxied}`);
    const isHere = proxyFor({ ...profile, noProxy: '' }, this.#options.url) === undefined;
    return ok(isHere ? 'none: it is on this machine' : `none: ${this.#sourceOf('noProxy')} names this host`);
  }

  #sourceOf(field: string): string {
    return this.#options.values.find((one) => one.field === field)?.from ?? 'the profile';
  }

  /** What stands between is the proxy, and not the server. */
  #ofProxy(finding: Finding): Finding {
    if (this.#proxy === undefined || finding.state !== 'failed') return finding;
    const advice = `Check the proxy of ${this.#sourceOf('proxy')}, and that it runs; name the host in NO_PROXY where it is reached directly`;
    return { ...finding, advice };
  }

  async #lookUp(host: string, signal: AbortSignal): Promise<Finding> {
    const { finding, addresses } = await lookUp(host, this.#surroundings.limits, signal);
    this.#addresses = addresses;
    return this.#ofProxy(finding);
  }

  async #open({ hostname: host, port }: Place, signal: AbortSignal): Promise<Finding> {
    const { finding, socket } = await open(
      { host, port },
      this.#addresses,
      this.#surroundings.limits,
      signal,
    );
    this.#socket = socket;
    if (this.#proxy !== undefined || this.#url.protocol === 'https:') return this.#ofProxy(finding);
    this.#close();
    return finding;
  }

  async #tunnel(proxy: URL, target: string, signal: AbortSignal): Promise<Finding> {
    const credentials = this.#options.profile.proxyCredentials?.();
    const { finding, socket } = await tunnel(
      this.#held(),
      { proxy, credentials, target },
      this.#surroundings.limits,
      signal,
    );
    this.#socket = socket;
    return finding;
  }

  async #secure(signal: AbortSignal): Promise<Finding> {
    const { now, limits } = this.#surroundings;
    const profile = await withUsableCertificate(this.#options.profile, this.#surroundings.now);
    const { secureContext, rejectUnauthorized: isChecked } = await tlsSource(profile, now)();
    const hop = {
      ...this.#tlsPlace(),
      secureContext,
      isChecked,
      caFile: profile.caFile,
    };
    const socket = this.#held();
    this.#socket = undefined;
    return secure(socket, hop, limits, signal);
  }

  async #ask(signal: AbortSignal): Promise<Finding> {
    this.#close();
    const { limits, userAgent } = this.#surroundings;
    const { neverProxied, url } = this.#options;
    const usable = await withUsableCertificate(this.#options.profile, this.#surroundings.now);
    const http = createHttp(neverProxied === undefined ? usable : { ...usable, proxy: undefined });
    try {
      this.#answer = await http.send({
        method: 'GET',
        url,
        headers: { Accept: 'application/json', 'User-Agent': userAgent },
        timeoutMs: limits.answer,
        maxBytes: LARGEST_ANSWER,
        freshConnection: true,
        signal,
      });
    } catch (error) {
      if (error instanceof HttpFailure && error.reason === 'certificate') {
        return tlsTrouble(error.code, undefined, this.#tlsPlace());
      }
      throw connectionError(error, { tried: `get ${url}`, changes: false });
    } finally {
      http.dispose();
    }
    const finding = judgeAnswer(this.#answer, this.#options);
    const isOpen = this.#url.protocol === 'http:' && !isLoopback(this.#url.hostname);
    return isOpen && finding.state === 'ok'
      ? warning(`${finding.detail}; unencrypted`, 'Use the https address of this server, where it has one')
      : finding;
  }

  #judgeClock(): Finding {
    const { now } = this.#surroundings;
    const answer = this.#answer;
    const finding = answer === undefined ? undefined : judgeClock(answer, now(), formatDuration);
    return finding ?? ok('the server does not tell its time');
  }

  #tlsPlace(): TlsPlace {
    const { whereToNameIt } = this.#options;
    return { host: this.#url.hostname, whereToNameIt, now: this.#surroundings.now() };
  }

  #held(): Socket {
    if (this.#socket === undefined) throw new Error('the connection is closed');
    return this.#socket;
  }

  #close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

interface Place {
  readonly host: string;
  readonly hostname: string;
  readonly port: number;
}

/** `host` has the port always. */
function placeOf({ hostname, port, protocol }: URL): Place {
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return { host: `${hostname}:${number}`, hostname, port: number };
}
