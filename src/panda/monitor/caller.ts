import type { MonitorCallOptions } from '../api.ts';
import { connectionError } from '../http/connectionError.ts';
import type { CallFacts } from '../wire/envelope.ts';
import { PandaError } from '../errors/errors.ts';
import type { Http, HttpAnswer, HttpRequest } from '../http/types.ts';
import type { Identity } from '../auth/identity.ts';
import { decodeMonitorAnswer, decodeMonitorPage, wantsSignIn } from './answer.ts';
import type { MonitorCache } from './cache.ts';
import { createMonitorQueue } from './queue.ts';
import type { MonitorQueue } from './queue.ts';
import { createMonitorRest, isTrouble } from './rest.ts';
import type { MonitorRest } from './rest.ts';
import { withRetries } from '../http/retry.ts';
import type { RetryTools } from '../http/retry.ts';

/** One question to the monitor. */
export interface MonitorCall {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What is tried, as a clause without the monitor: `list the jobs of Jane`. */
  readonly tried: string;
  /** What is not there where a web page comes instead of data: `such job`. */
  readonly missing?: string;
  /** How long an answer holds, milliseconds; `Infinity` for what never changes, 0 for what is not to be kept. */
  readonly keep?: (value: unknown) => number;
  /** For what exists only as a web page: asks for that, and takes from it what counts. */
  readonly readPage?: (html: string) => unknown;
}

/**
 * Asks the monitor for JSON. It is slow, counts requests and limits parallel ones: calls take turns, those in the
 * background keep to ten a minute, answers are kept, and a monitor in trouble is left alone for longer each time.
 */
export interface MonitorCaller {
  /** The monitor's address. */
  readonly base: string;
  get(call: MonitorCall, options: MonitorCallOptions): Promise<unknown>;
  /** The same with the time of the answer, epoch milliseconds, which is earlier for one that was kept. */
  getDated(call: MonitorCall, options: MonitorCallOptions): Promise<DatedAnswer>;
  facts(call: Pick<MonitorCall, 'tried'>): CallFacts;
  /** Epoch milliseconds. */
  now(): number;
  dispose(): void;
}

export interface DatedAnswer {
  readonly value: unknown;
  readonly asOf: number;
}

/** The monitor keeps lists for so long itself, milliseconds. */
export const LIST_LIFE_MS = 600_000;
export const DAY_MS = 86_400_000;

/** Heavy queries take tens of seconds. */
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 3;
/** A call waits so long for a monitor that asked for a pause, milliseconds; else it is refused. */
const LONGEST_WAIT_MS = 30_000;

export interface MonitorCallerParts {
  readonly base: string;
  /** PanDA's server: a monitor at the same address wants the same token. */
  readonly server: string;
  readonly http: Http;
  readonly identity: Identity;
  readonly tools: RetryTools;
  readonly userAgent: string;
  readonly cache: MonitorCache | undefined;
}

export function createMonitorCaller(parts: MonitorCallerParts): MonitorCaller {
  const { base, tools, cache } = parts;
  const queue = createMonitorQueue(tools);
  const asker = new Asker(parts, queue);
  const getDated: MonitorCaller['getDated'] = async (call, options) => {
    const address = addressOf(base, call);
    const kept = options.fresh === true ? undefined : await cache?.get(address);
    if (kept !== undefined) return { value: kept.value, asOf: kept.storedAt };
    const url = options.fresh === true ? `${address}&timestamp=${tools.now()}` : address;
    const value = await queue.run(() => asker.ask(url, call, options), options);
    const life = call.keep?.(value) ?? 0;
    if (life > 0) await cache?.set(address, value, life === Infinity ? null : tools.now() + life);
    return { value, asOf: tools.now() };
  };
  return {
    base,
    facts: (call) => asker.facts(call),
    now: () => tools.now(),
    dispose: () => queue.dispose(),
    get: async (call, options) => (await getDated(call, options)).value,
    getDated,
  };
}

/** Asks one thing until there is an answer that counts. */
class Asker {
  readonly #parts: MonitorCallerParts;
  readonly #queue: MonitorQueue;
  readonly #rest: MonitorRest;
  readonly #origin: string;
  /** Most monitors answer without a token, and some refuse PanDA's: it goes along where it is wanted. */
  #withToken: boolean;

  constructor(parts: MonitorCallerParts, queue: MonitorQueue) {
    this.#parts = parts;
    this.#queue = queue;
    this.#rest = createMonitorRest(parts.tools);
    this.#origin = new URL(parts.base).origin;
    this.#withToken = this.#origin === new URL(parts.server).origin;
  }

  facts({ tried }: Pick<MonitorCall, 'tried'>): CallFacts {
    return { tried: `${tried} at the monitor ${this.#origin}`, changes: false };
  }

  async ask(url: string, call: MonitorCall, options: MonitorCallOptions): Promise<unknown> {
    const { identity, tools } = this.#parts;
    const { signal } = options;
    const facts = this.facts(call);
    await this.#pauseFor(facts, options);
    for (let attempt = 1; ; attempt++) {
      const answer = await withRetries(true, tools, signal, () => this.#send(url, call, signal));
      if (wantsSignIn(answer, this.#origin) && !this.#withToken && identity.hasToken) {
        this.#withToken = true;
        continue;
      }
      const wait = this.#waitAfter(answer, attempt);
      if (wait === undefined) {
        const { missing, readPage } = call;
        const known = { ...facts, origin: this.#origin, withToken: this.#withToken, missing };
        return readPage === undefined
          ? decodeMonitorAnswer(answer, known)
          : readPage(decodeMonitorPage(answer, known));
      }
      await tools.delay(wait, signal);
    }
  }

  /** How long to wait before the next try, milliseconds; undefined for an answer that counts. */
  #waitAfter(answer: HttpAnswer, attempt: number): number | undefined {
    if (!isTrouble(answer)) {
      this.#rest.recovered();
      return undefined;
    }
    const wait = this.#rest.afterTrouble(answer, attempt);
    if (wait !== undefined && attempt < ATTEMPTS) return wait;
    this.#rest.gaveUp();
    return undefined;
  }

  async #pauseFor(facts: CallFacts, { background, signal }: MonitorCallOptions): Promise<void> {
    const { tools } = this.#parts;
    const until = this.#rest.until(background === true);
    if (until === undefined) return;
    const wait = until - tools.now();
    if (background === true || wait > LONGEST_WAIT_MS) throw restingError(facts, until);
    await tools.delay(wait, signal);
  }

  async #send(url: string, call: MonitorCall, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const facts = this.facts(call);
    const { http, identity, userAgent } = this.#parts;
    const request: HttpRequest = {
      method: 'GET',
      url,
      headers: {
        Accept: call.readPage === undefined ? 'application/json' : 'text/html',
        'User-Agent': userAgent,
      },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      ...(signal === undefined ? {} : { signal }),
    };
    this.#queue.noteRequest();
    try {
      return identity.hide(
        await (this.#withToken ? identity.send(request, facts.tried) : http.send(request)),
      );
    } catch (error) {
      throw connectionError(error, facts);
    }
  }
}

function addressOf(base: string, { path, query = {}, readPage }: MonitorCall): string {
  const parameters = new URLSearchParams(query).toString();
  if (readPage !== undefined) return `${base}${path}?${parameters}`;
  return `${base}${path}?json${parameters === '' ? '' : `&${parameters}`}`;
}

function restingError({ tried }: CallFacts, until: number): PandaError {
  return new PandaError({
    kind: 'rejected',
    tried,
    cameBack: `the monitor is left alone until ${new Date(until).toISOString().slice(11, 19)} UTC, as it is busy or asked for it`,
    advice: 'Try again after that time',
    status: 429,
  });
}
