import { setImmediate } from 'node:timers/promises';
import { InvalidJobsError } from '../../panda/index.ts';
import type { JobSpec, PandaClient, SiteSpec, SubmitOptions, SubmitOutcome } from '../../panda/index.ts';

/** For so long (ms) the list of sites is good. */
const SITES_MS = 10_000;
/** For so long (ms) a file that was found in the cache counts as there; the cache keeps files for days. */
const FILE_MS = 60_000;
/** Files up to this size (bytes), and so many of them, are remembered: payloads, not what belongs to one job. */
const LARGEST_FILE = 256 * 1024;
const MOST_FILES = 20;

/**
 * The client of many submissions at a time, which stay as separate as they are: what all of them ask is asked once, and
 * jobs that are to be sent while others are on their way go together in the next call.
 */
export function shareCalls(client: PandaClient, now: () => number): SharedClient {
  const submits = new SubmitGatherer(client);
  const sites = sharedSites(client, now);
  return {
    client: {
      ...client,
      jobs: { ...client.jobs, submit: (specs, options) => submits.submit(specs, options) },
      metaconfig: { ...client.metaconfig, getSiteSpecs: sites.ask },
      files: { ...client.files, ensureCacheFile: sharedFiles(client, now) },
    },
    forgetSites: sites.forget,
  };
}

export interface SharedClient {
  readonly client: PandaClient;
  /** Whoever was refused by what was known of the sites is to find them as they are then. */
  readonly forgetSites: () => void;
}

interface Asked<T> {
  readonly answer: Promise<T>;
  readonly at: number;
}

function isYoung({ at }: Asked<unknown>, now: number, goodMs: number): boolean {
  // A clock that was set back makes no answer young for ever.
  return now >= at && now - at < goodMs;
}

function sharedSites(
  { metaconfig }: PandaClient,
  now: () => number,
): { readonly ask: () => Promise<readonly SiteSpec[]>; readonly forget: () => void } {
  let known: Asked<readonly SiteSpec[]> | undefined;
  return {
    ask() {
      if (known !== undefined && isYoung(known, now(), SITES_MS)) return known.answer;
      const asked = { answer: metaconfig.getSiteSpecs(), at: now() };
      known = asked;
      asked.answer.catch(() => {
        if (known === asked) known = undefined;
      });
      return asked.answer;
    },
    forget() {
      known = undefined;
    },
  };
}

function sharedFiles({ files }: PandaClient, now: () => number): PandaClient['files']['ensureCacheFile'] {
  const known = new Map<string, Asked<void> & { readonly content: Uint8Array }>();
  return (name, content, options) => {
    if (content.length > LARGEST_FILE) return files.ensureCacheFile(name, content, options);
    const before = known.get(name);
    if (before !== undefined && isYoung(before, now(), FILE_MS)) {
      if (before.content === content || Buffer.compare(before.content, content) === 0) return before.answer;
    }
    const asked = { answer: files.ensureCacheFile(name, content), at: now(), content };
    known.delete(name);
    known.set(name, asked);
    for (const oldest of known.keys()) {
      if (known.size <= MOST_FILES) break;
      known.delete(oldest);
    }
    asked.answer.catch(() => {
      if (known.get(name) === asked) known.delete(name);
    });
    return asked.answer;
  };
}

/** Calls under way at a time; one that hangs does not keep the others. */
const MOST_CALLS = 3;
const MOST_TOGETHER = 100;

interface WaitingSubmit {
  readonly specs: readonly JobSpec[];
  readonly options: SubmitOptions | undefined;
  readonly resolve: (outcomes: readonly SubmitOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

class SubmitGatherer {
  readonly #client: PandaClient;
  readonly #waiting: WaitingSubmit[] = [];
  #calls = 0;

  constructor(client: PandaClient) {
    this.#client = client;
  }

  submit(specs: readonly JobSpec[], options: SubmitOptions | undefined): Promise<readonly SubmitOutcome[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ specs, options, resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#calls === MOST_CALLS || this.#waiting.length === 0) return;
    this.#calls += 1;
    void this.#call();
  }

  async #call(): Promise<void> {
    // Those that come at the same time go together, and nobody waits for more.
    await setImmediate();
    await this.#send(this.#waiting.splice(0, MOST_TOGETHER));
    this.#calls -= 1;
    this.#begin();
  }

  async #send(together: readonly WaitingSubmit[]): Promise<void> {
    const live = together.filter(({ options }) => options?.signal?.aborted !== true);
    if (live.length < 2 || live.length < together.length) return this.#sendEach(together);
    let outcomes: readonly SubmitOutcome[];
    try {
      outcomes = await this.#client.jobs.submit(live.flatMap(({ specs }) => specs));
    } catch (error) {
      // Nothing was sent, because of one of them.
      if (error instanceof InvalidJobsError) return this.#sendEach(live);
      for (const one of live) one.reject(error);
      return;
    }
    // A server that refuses a call says nothing of its jobs: it may be one of them that it does not like.
    if (outcomes.every(({ kind }) => kind === 'refused')) return this.#sendEach(live);
    let at = 0;
    for (const { specs, resolve } of live) {
      resolve(outcomes.slice(at, at + specs.length));
      at += specs.length;
    }
  }

  async #sendEach(waiting: readonly WaitingSubmit[]): Promise<void> {
    const { jobs } = this.#client;
    await Promise.all(
      waiting.map(({ specs, options, resolve, reject }) => jobs.submit(specs, options).then(resolve, reject)),
    );
  }
}
