import type { Memento } from 'vscode';
import { createDisposables, systemClock, type Disposable } from '../../watch/index.ts';
import type { Session, Sessions } from '../session.ts';
import type { SettingsReader } from '../settings.ts';
import {
  endText,
  findEnded,
  findEndedTasks,
  taskEndText,
  type Ended,
  type EndedTask,
  type Watched,
} from './endTally.ts';

const MEMORY_KEY = 'notices.watched';
const MOST_WATCHED = 100;
/** Ends that come so close together (ms) are told together. */
const GATHER = 2000;

export interface EndNoticesDeps {
  readonly sessions: Sessions;
  readonly settings: SettingsReader;
  /** Keeps what is watched over a reload of the window; windows that are opened later watch it, too. */
  readonly memory: Memento;
  /** Whether this window is the one that tells of an end. */
  readonly isFirst: (name: string) => Promise<boolean>;
  readonly show: (ended: readonly Ended[], text: ReturnType<typeof endText>) => void;
  readonly showTask: (ended: EndedTask, text: ReturnType<typeof endText>) => void;
}

/** Tells once when what was submitted from this window, or another one, has ended. */
export class EndNotices implements Disposable {
  readonly #deps: EndNoticesDeps;
  readonly #owned = createDisposables();
  #sessionOwned = createDisposables();
  #watched: readonly Watched[];
  #gathered: readonly Ended[] = [];
  #timer: Disposable | undefined;
  #isDisposed = false;

  constructor(deps: EndNoticesDeps) {
    this.#deps = deps;
    this.#watched = readWatched(deps.memory.get<unknown>(MEMORY_KEY));
    this.#owned.add(deps.sessions.onDidChange(() => this.#follow()));
    this.#follow();
  }

  watch(submission: Watched): void {
    this.#keep([...this.#watched, submission].slice(-MOST_WATCHED));
    this.#check();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#sessionOwned.dispose();
    this.#owned.dispose();
  }

  #follow(): void {
    this.#sessionOwned.dispose();
    this.#sessionOwned = createDisposables();
    const session = this.#deps.sessions.current;
    if (session !== undefined) {
      this.#sessionOwned.add(session.store.onDidChange(() => this.#check()));
      this.#sessionOwned.add(session.tasks.onDidChange(() => this.#check()));
    }
    this.#check();
  }

  #check(): void {
    const session: Session | undefined = this.#deps.sessions.current;
    if (session === undefined || this.#watched.length === 0) return;
    const mine = this.#watched.filter(({ profile }) => profile === session.profile.name);
    const tasks = findEndedTasks(mine, session.tasks.tasks);
    const ended = findEnded(
      mine.filter(({ taskId }) => taskId === undefined),
      session.store,
    );
    if (ended.length + tasks.length === 0) return;
    const over = new Set([...ended, ...tasks].map(({ watched }) => watched));
    this.#keep(this.#watched.filter((one) => !over.has(one)));
    if (this.#deps.settings.get('notifyWhenDone') === false) return;
    for (const one of tasks) {
      void this.#first(one, () => this.#deps.showTask(one, taskEndText(one)));
    }
    for (const one of ended) {
      void this.#first(one, () => {
        this.#gathered = [...this.#gathered, one];
        this.#timer ??= systemClock.after(GATHER, () => this.#tell());
      });
    }
  }

  async #first({ watched }: Ended | EndedTask, tell: () => void): Promise<void> {
    // What is sent again later ends once more, with more jobs.
    const name = `${watched.profile} ${watched.submissionId} ${watched.count}`;
    if ((await this.#deps.isFirst(name)) && !this.#isDisposed) tell();
  }

  #tell(): void {
    this.#timer = undefined;
    const ended = this.#gathered;
    this.#gathered = [];
    this.#deps.show(ended, endText(ended));
  }

  #keep(watched: readonly Watched[]): void {
    this.#watched = watched;
    void this.#deps.memory.update(MEMORY_KEY, watched);
  }
}

/** What an older version or another program left there is not trusted. */
function readWatched(value: unknown): readonly Watched[] {
  return Array.isArray(value) ? value.filter(isWatched) : [];
}

function isWatched(value: unknown): value is Watched {
  if (typeof value !== 'object' || value === null) return false;
  const { submissionId, name, profile, count, taskId }: Partial<Record<keyof Watched, unknown>> = value;
  const hasTexts = [submissionId, name, profile].every((text) => typeof text === 'string');
  return hasTexts && typeof count === 'number' && (taskId === undefined || typeof taskId === 'number');
}
