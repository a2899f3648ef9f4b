import { PandaError } from '../../panda/index.ts';
import type { Attention, Disposable, LogFile, LogSource, LogTail } from '../../watch/index.ts';
import { searchLog } from './logSearch.ts';
import type { SearchProgress } from './logSearch.ts';
import type { HostMessage, LogState, SearchQuery } from './messages.ts';
import { recentPieces } from './recentPieces.ts';
import type { RecentPieces } from './recentPieces.ts';

/** Pilots write their logs to storage as they run, or only at the end. */
export interface LogSituation {
  /** What the job says of its log's place; null while it says nothing. */
  readonly place: string | null;
  /** Opens the log at that place; undefined where there is none. */
  readonly find: () => LogSource | undefined;
  readonly over: boolean;
  /** A pilot had the job. */
  readonly started: boolean;
}

export interface LogFeedDeps {
  readonly openTail: (source: LogSource, file: LogFile) => LogTail;
  readonly send: (message: HostMessage) => void;
  readonly note: (error: unknown) => void;
}

/** Answers what the page asks of logs, and tells it how the one in view stands. */
export class LogFeed implements Disposable {
  readonly #deps: LogFeedDeps;
  #situation: LogSituation | undefined;
  #pieces: RecentPieces | undefined;
  #file: LogFile | undefined;
  #tail: LogTail | undefined;
  #hasLooked = false;
  #attention: Attention = 'visible';
  readonly #searches = new Map<number, AbortController>();
  /** Ends what is read for the page that is there: another one counts its questions anew. */
  #page = new AbortController();

  constructor(deps: LogFeedDeps) {
    this.#deps = deps;
  }

  /** What is known of the job now. */
  set(situation: LogSituation): void {
    const before = this.#situation;
    this.#situation = situation;
    if (before?.place !== situation.place) {
      const source = situation.find();
      this.#pieces = source === undefined ? undefined : recentPieces(source, () => this.#looked());
      this.#follow();
    } else if (situation.over && before?.over !== true) {
      if (this.#tail === undefined) this.#tell();
      else this.#tail.finish();
    }
    if (before === undefined) this.#tell();
  }

  /** Nothing is known any more: the connection is another one. */
  forget(): void {
    this.stopAll();
    this.#situation = undefined;
    this.#pieces = undefined;
    this.#follow();
  }

  /** The page shows this file from now on. */
  watch(file: LogFile): void {
    this.#file = file;
    this.#follow();
    this.#tell();
  }

  setAttention(attention: Attention): void {
    this.#attention = attention;
    this.#tail?.setAttention(attention);
  }

  async read(id: number, file: LogFile, from: number, length: number): Promise<void> {
    const { signal } = this.#page;
    try {
      const piece = await this.#reader().read(file, from, length, { signal });
      if (signal.aborted) return;
      // The editor passes on a plain Uint8Array as it is; a Buffer would arrive as JSON.
      this.#deps.send({ type: 'piece', id, ...piece, bytes: new Uint8Array(piece.bytes) });
    } catch (error) {
      if (!signal.aborted) this.#deps.send({ type: 'refused', id, message: this.#words(error).message });
    }
  }

  search(id: number, file: LogFile, query: SearchQuery): Promise<void> {
    return this.#look(id, (signal, onProgress) =>
      searchLog(this.#reader(), file, query, { signal, onProgress }),
    );
  }

  firstError(id: number, file: LogFile): Promise<void> {
    return this.#look(id, async (signal, onProgress) => {
      const tail = this.#deps.openTail(this.#reader(), file);
      try {
        const hit = await tail.firstError({ signal });
        const hits = hit === null ? [] : [{ offset: hit.offset, line: hit.number - 1 }];
        onProgress({ hits, scanned: 0, size: 0, done: true, more: false, problem: null });
      } finally {
        tail.dispose();
      }
    });
  }

  stop(id: number): void {
    this.#searches.get(id)?.abort();
  }

  /** The page is gone, and with it whoever asked. */
  stopAll(): void {
    for (const search of this.#searches.values()) search.abort();
    this.#searches.clear();
    this.#page.abort();
    this.#page = new AbortController();
  }

  dispose(): void {
    this.stopAll();
    this.#tail?.dispose();
    this.#tail = undefined;
  }

  #follow(): void {
    this.#tail?.dispose();
    this.#tail = undefined;
    this.#hasLooked = false;
    if (this.#file === undefined || this.#pieces === undefined) {
      this.#tell();
      return;
    }
    const tail = this.#deps.openTail(this.#pieces.noted, this.#file);
    this.#tail = tail;
    tail.onDidChange((change) => {
      if (change.kind === 'reset') this.#pieces?.keepLast();
      this.#tell();
    });
    tail.setAttention(this.#attention);
    tail.start();
    if (this.#situation?.over === true) tail.finish();
  }

  /** A first look that finds nothing changes nothing in the tail, but the page waits for it. */
  #looked(): void {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    this.#tell();
  }

  #tell(): void {
    if (this.#attention === 'hidden') return;
    if (this.#file !== undefined) this.#deps.send({ type: 'log', file: this.#file, state: this.#state() });
  }

  #state(): LogState {
    const situation = this.#situation;
    if (situation === undefined) return { kind: 'loading' };
    if (this.#tail === undefined) return withoutLog(situation);
    if (!this.#hasLooked) return { kind: 'loading' };
    const { status, size } = this.#tail.window;
    switch (status.kind) {
      case 'waiting':
        return { kind: 'waiting', message: `${this.#tail.window.file} is not there yet` };
      case 'failing':
        return { kind: 'failed', ...this.#words(status.error) };
      case 'ended':
        return status.missing
          ? { kind: 'missing', message: `The job left no ${this.#tail.window.file}` }
          : { kind: 'ready', size, growing: false };
      case 'paused':
        return size === 0 ? { kind: 'loading' } : { kind: 'ready', size, growing: !situation.over };
      case 'following':
        return { kind: 'ready', size, growing: !situation.over };
    }
  }

  async #look(
    id: number,
    run: (signal: AbortSignal, onProgress: (progress: SearchProgress) => void) => Promise<void>,
  ): Promise<void> {
    const search = new AbortController();
    this.#searches.set(id, search);
    const tell = (progress: SearchProgress): void => this.#deps.send({ type: 'hits', id, ...progress });
    try {
      await run(search.signal, tell);
    } catch (error) {
      if (search.signal.aborted) return;
      const problem = this.#words(error).message;
      tell({ hits: [], scanned: 0, size: 0, done: true, more: false, problem });
    } finally {
      if (this.#searches.get(id) === search) this.#searches.delete(id);
    }
  }

  #reader(): LogSource {
    if (this.#pieces === undefined) throw new Error('There is no log yet.');
    return this.#pieces.served;
  }

  #words(error: unknown): { readonly message: string; readonly advice: string } {
    this.#deps.note(error);
    if (error instanceof PandaError) return { message: error.message, advice: error.advice };
    return { message: error instanceof Error ? error.message : String(error), advice: '' };
  }
}

function withoutLog({ over, started }: LogSituation): LogState {
  if (!over) {
    return {
      kind: 'waiting',
      message: started ? 'The pilot has not named its log yet' : 'The job has not started',
    };
  }
  return started
    ? { kind: 'missing', message: 'The pilot left no log' }
    : { kind: 'missing', message: 'The job ended before it started: there is no log' };
}
