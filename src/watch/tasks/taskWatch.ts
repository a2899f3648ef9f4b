import { isFinalTask } from '../../panda/index.ts';
import type { Profile, StateCounts, TasksApi, TaskState, TaskSummary } from '../../panda/index.ts';
import type { Attention, Clock, Disposable, Event, JobStore, Poller } from '../api.ts';
import { createDisposables } from '../disposable.ts';
import { createEmitter } from '../emitter.ts';
import { waitFor } from '../poll/pace.ts';
import type { Failure } from '../poll/pace.ts';
import { toError } from '../poll/round.ts';
import type { TaskJournal } from './journal.ts';
import { taskKey } from './key.ts';
import type { TaskNote } from './note.ts';
import { taskLabel } from './wording.ts';

/** A task of mine, as last heard of. */
export interface Task {
  readonly taskId: number;
  readonly taskName: string;
  /** What its user called it. */
  readonly label: string;
  /** Null while PanDA has not taken it up. */
  readonly state: TaskState | null;
  readonly site: string | null;
  /** Epoch milliseconds; null where not known. */
  readonly creationTime: number | null;
  readonly modificationTime: number | null;
  /** By what became of them. */
  readonly inputs: StateCounts;
}

/** My tasks, kept true; their jobs come into the job store. */
export interface TaskWatch extends Disposable {
  /** By id, the oldest first. */
  readonly tasks: ReadonlyMap<number, Task>;
  /** Ids of tasks that came or changed. */
  readonly onDidChange: Event<readonly number[]>;
  start(): void;
  setAttention(attention: Attention): void;
  /** Asks now; rejects as the poll did. */
  refresh(): Promise<void>;
  /** Takes in a task that was just submitted. */
  submitted(note: TaskNote): void;
  /** Tasks were given a command: they are soon to change, though they may have ended. */
  commanded(taskIds: readonly number[]): void;
  /** Brings the jobs of a task into the store: those that had ended before it was looked at are not there by themselves. */
  loadJobs(taskId: number): Promise<void>;
}

export interface TaskWatchOptions {
  readonly client: { readonly tasks: Pick<TasksApi, 'getTasksModifiedSince' | 'getJobIds'> };
  readonly store: JobStore;
  readonly poller: Pick<Poller, 'track'>;
  readonly journal: Pick<TaskJournal, 'list'>;
  readonly profile: Pick<Profile, 'name' | 'prodSourceLabel'>;
  readonly clock: Clock;
  /** `[0, 1)`, for jitter. */
  readonly random: () => number;
}

const DAY = 86_400_000;
/** Tasks that changed before are not looked for. */
const FIRST_LOOK = 7 * DAY;
/** With details the server lists no more at a time. */
const PAGE = 500;
const MOST_PAGES = 20;
/** Between looks for jobs of a task of which nothing changed, ms. */
const LOOK_FOR_JOBS = 30_000;
/** Between looks into the journal, ms. */
const READ_JOURNAL = 30_000;
/** Tasks whose jobs are looked for in one poll. */
const MOST_LOOKS = 10;

export function createTaskWatch(options: TaskWatchOptions): TaskWatch {
  return new PolledTasks(options);
}

class PolledTasks implements TaskWatch {
  readonly #options: TaskWatchOptions;
  readonly #owned = createDisposables();
  readonly #emitter = this.#owned.add(createEmitter<readonly number[]>());
  readonly #ending = new AbortController();
  readonly #tasks = new Map<number, Task>();
  /** When the jobs of a task were looked for since it changed. */
  readonly #looked = new Map<number, number>();
  /** Tasks whose jobs are to be in the store. */
  readonly #followed = new Set<number>();
  /** Tasks that were given a command and have not changed since. */
  readonly #expected = new Set<number>();
  #since: number | undefined;
  #journalReadAt: number | undefined;
  #attention: Attention = 'focused';
  #started = false;
  #timer: Disposable | undefined;
  #underWay: Promise<void> | undefined;
  #quietPolls = 0;
  #lastDuration = 0;
  #failure: Failure | undefined;

  readonly onDidChange = this.#emitter.event;

  constructor(options: TaskWatchOptions) {
    this.#options = options;
  }

  get tasks(): ReadonlyMap<number, Task> {
    return this.#tasks;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.refresh().catch(() => undefined);
  }

  setAttention(attention: Attention): void {
    if (attention === this.#attention) return;
    this.#attention = attention;
    this.#schedule();
  }

  refresh(): Promise<void> {
    this.#quietPolls = 0;
    return this.#poll();
  }

  submitted(note: TaskNote): void {
    this.#quietPolls = 0;
    this.#publish(this.#takeNotes([note]));
    this.#schedule();
  }

  commanded(taskIds: readonly number[]): void {
    for (const taskId of taskIds) {
      this.#expected.add(taskId);
      this.#followed.add(taskId);
    }
    this.#quietPolls = 0;
    this.#schedule();
  }

  async loadJobs(taskId: number): Promise<void> {
    if (this.#followed.has(taskId)) return;
    this.#followed.add(taskId);
    await this.#lookForJobs(taskId);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#ending.abort();
    this.#owned.dispose();
  }

  #schedule(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (!this.#started || this.#ending.signal.aborted || this.#underWay !== undefined) return;
    const wait = waitFor({
      attention: this.#attention,
      unfinished: this.#expected.size > 0 || [...this.#tasks.values()].some(isMoving),
      quietPolls: this.#quietPolls,
      lastDuration: this.#lastDuration,
      failure: this.#failure,
    });
    if (wait === undefined) return;
    this.#timer = this.#options.clock.after(wait, () => {
      this.#poll().catch(() => undefined);
    });
  }

  #poll(): Promise<void> {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#underWay ??= this.#pollOnce().finally(() => {
      this.#underWay = undefined;
      this.#schedule();
    });
    return this.#underWay;
  }

  async #pollOnce(): Promise<void> {
    const { clock } = this.#options;
    const startedAt = clock.now();
    try {
      const changed = await this.#list();
      this.#quietPolls = changed.length > 0 ? 0 : this.#quietPolls + 1;
      this.#publish(changed);
      for (const taskId of changed) this.#looked.delete(taskId);
      await this.#lookForAll();
      this.#failure = undefined;
    } catch (error) {
      const failure = { error: toError(error), count: (this.#failure?.count ?? 0) + 1 };
      this.#failure = { ...failure, jitter: this.#options.random() };
      throw error;
    } finally {
      this.#lastDuration = Math.max(0, clock.now() - startedAt);
    }
  }

  /** Takes in what changed since the last look; returns the ids. */
  async #list(): Promise<readonly number[]> {
    const { client, clock, profile } = this.#options;
    const { signal } = this.#ending;
    const isFirst = this.#since === undefined;
    const since = this.#since ?? clock.now() - FIRST_LOOK;
    const { prodSourceLabel } = profile;
    const changed: number[] = [];
    let newest = since;
    let minTaskId = 0;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const options = { prodSourceLabel, withDetails: true, minTaskId, signal };
      const found = await client.tasks.getTasksModifiedSince(since, options);
      for (const summary of found) {
        if (this.#take(summary, isFirst)) changed.push(summary.taskId);
        newest = Math.max(newest, summary.modificationTime ?? 0);
        minTaskId = summary.taskId;
      }
      if (found.length < PAGE) break;
    }
    // By the server's clock, which may differ from ours; what changed within that second is listed again.
    this.#since = newest;
    return [...changed, ...(await this.#readJournal())];
  }

  /** True when it is news. Jobs of tasks that had ended before are brought in only when somebody looks. */
  #take(summary: TaskSummary, isFirst: boolean): boolean {
    const { taskId, name, state, site, creationTime, modificationTime, details } = summary;
    const inputs = details?.inputs ?? {};
    const label = taskLabel(name);
    const task = { taskId, taskName: name, label, state, site, creationTime, modificationTime, inputs };
    const before = this.#tasks.get(taskId);
    if (before?.state !== state) this.#expected.delete(taskId);
    this.#tasks.set(taskId, task);
    if (!isFirst || !isFinalTask(state)) this.#followed.add(taskId);
    if (before === undefined) this.#options.store.nameSubmission(taskKey(taskId, name), label);
    return before === undefined || JSON.stringify(before) !== JSON.stringify(task);
  }

  /** What other programs of this machine submitted: it is listed by the server soon enough. */
  async #readJournal(): Promise<readonly number[]> {
    const { clock, journal, profile } = this.#options;
    const now = clock.now();
    const since = this.#journalReadAt;
    if (since !== undefined && now >= since && now - since < READ_JOURNAL) return [];
    this.#journalReadAt = now;
    const { entries } = await journal.list(profile.name, { since: now - DAY });
    return this.#takeNotes(entries.map(({ note }) => note));
  }

  /** Tasks that the server took and does not list yet. */
  #takeNotes(notes: readonly TaskNote[]): readonly number[] {
    return notes.flatMap(({ name, outcome, parameters, submittedAt }) => {
      if (outcome.kind !== 'accepted' || this.#tasks.has(outcome.taskId)) return [];
      const { taskId } = outcome;
      this.#tasks.set(taskId, {
        taskId,
        taskName: parameters.taskName,
        label: name,
        state: null,
        site: typeof parameters.site === 'string' ? parameters.site : null,
        creationTime: submittedAt,
        modificationTime: null,
        inputs: {},
      });
      this.#options.store.nameSubmission(taskKey(taskId, parameters.taskName), name);
      return [taskId];
    });
  }

  #publish(taskIds: readonly number[]): void {
    if (taskIds.length > 0) this.#emitter.fire(taskIds);
  }

  /** Jobs of tasks that changed, and now and then of those that are at work. */
  async #lookForAll(): Promise<void> {
    const now = this.#options.clock.now();
    const due = [...this.#tasks.values()].filter((task) => {
      if (task.state === null || !this.#followed.has(task.taskId)) return false;
      const looked = this.#looked.get(task.taskId);
      const isLongAgo = looked === undefined || now < looked || now - looked >= LOOK_FOR_JOBS;
      return looked === undefined || (isMoving(task) && isLongAgo);
    });
    due.sort((a, b) => (this.#looked.get(a.taskId) ?? 0) - (this.#looked.get(b.taskId) ?? 0));
    for (const { taskId } of due.slice(0, MOST_LOOKS)) await this.#lookForJobs(taskId);
  }

  async #lookForJobs(taskId: number): Promise<void> {
    const { client, store, poller, clock } = this.#options;
    const pandaIds = await client.tasks.getJobIds(taskId, { signal: this.#ending.signal });
    this.#looked.set(taskId, clock.now());
    poller.track(pandaIds.filter((pandaId) => store.get(pandaId) === undefined));
  }
}

function isMoving({ state }: Task): boolean {
  return state === null || !isFinalTask(state);
}
