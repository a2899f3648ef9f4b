import { isAbort, PandaError } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import type { Session } from '../session.ts';
import type { HostMessage, UsageState } from './messages.ts';
import { buildUsage } from './usage.ts';

/** The table that prmon leaves in a job's log; a minute is a line of a hundred bytes. */
const TABLE = 'memory_monitor_output.txt';
const LONGEST = 16 * 1024 * 1024;
const PIECE = 4 * 1024 * 1024;

export interface UsageFeedDeps {
  readonly send: (message: HostMessage) => void;
  readonly note: (error: unknown) => void;
}

/** Tells the page what the job used over time, once it looks at that. */
export class UsageFeed {
  readonly #deps: UsageFeedDeps;
  #job: { readonly session: Session; readonly record: JobRecord } | undefined;
  #isWatched = false;
  #told = '';
  #loading: Promise<void> | undefined;

  constructor(deps: UsageFeedDeps) {
    this.#deps = deps;
  }

  /** What is known of the job now. */
  set(session: Session, record: JobRecord): void {
    if (record === this.#job?.record) return;
    this.#job = { session, record };
    this.#load();
  }

  /** The page shows it from now on. */
  watch(): void {
    this.#isWatched = true;
    this.#told = '';
    this.#load();
  }

  /** The page is gone. */
  unwatch(): void {
    this.#isWatched = false;
  }

  #load(): void {
    const job = this.#job;
    if (!this.#isWatched || job === undefined || this.#loading !== undefined) return;
    this.#loading = this.#read(job.session, job.record).finally(() => {
      this.#loading = undefined;
      if (this.#job !== job) this.#load();
    });
  }

  async #read(session: Session, record: JobRecord): Promise<void> {
    this.#tell(await this.#stateOf(session, record));
  }

  async #stateOf(session: Session, record: JobRecord): Promise<UsageState> {
    if (record.startTime === null) return { kind: 'none', message: 'The job has not started.' };
    try {
      const table = await readTable(session, record);
      const view = table === undefined ? undefined : await buildUsage(table, record);
      if (view !== undefined) return { kind: 'ready', view };
      return { kind: 'none', message: 'The pilot left no record of memory and processors over time.' };
    } catch (error) {
      if (!isAbort(error)) this.#deps.note(error);
      const message = error instanceof PandaError ? `${error.message} ${error.advice}.` : String(error);
      return { kind: 'none', message };
    }
  }

  #tell(state: UsageState): void {
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    this.#deps.send({ type: 'usage', state });
  }
}

async function readTable({ jobFiles }: Session, record: JobRecord): Promise<string | undefined> {
  const { files } = await jobFiles.list(record);
  const file = files.find(({ name }) => name === TABLE || name.endsWith(`/${TABLE}`));
  if (file === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < LONGEST;) {
    const { bytes, size } = await jobFiles.read(file, at, PIECE);
    pieces.push(bytes);
    at += bytes.length;
    if (bytes.length === 0 || at >= size) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}
