import { isFinal, PandaError } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import type {
  Clock,
  Disposable,
  JobFile,
  JobFileList,
  LogFile,
  LogSource,
  LogTail,
} from '../../watch/index.ts';
import { createDisposables, findJobRecord, toDisposable } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';
import type { Session, Sessions } from '../session.ts';
import { createConduit } from './conduit.ts';
import { NO_DETAILS, readDetails, readMembers } from './jobDetails.ts';
import type { JobDetails } from './jobDetails.ts';
import { LogFeed } from './logFeed.ts';
import type { ActionName, HostMessage, JobView, LogName, PageMessage } from './messages.ts';
import { parsePageMessage } from './pageMessage.ts';
import { findTellingLine } from './tellingLine.ts';
import { withoutSession } from './trouble.ts';
import { UsageFeed } from './usageFeed.ts';
import type { TellingLine } from './view.ts';
import { buildJobView } from './viewModel.ts';

/** Texts that tell of time ("14 s ago", a state that grows) are made anew this often while somebody looks, ms. */
const TICK = 1000;
/** A job that no poll tells of is asked for this often while somebody looks, ms. */
const REFRESH = 15_000;

export interface JobPanelDeps {
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly openTail: (source: LogSource, file: LogFile) => LogTail;
  readonly act: (action: Exclude<ActionName, 'refresh'>, pandaId: number) => void;
  readonly openLog: (pandaId: number, file: LogName) => void;
  readonly openFile: (pandaId: number, name: string) => void;
  readonly openJob: (pandaId: number) => void;
  readonly copy: (text: string) => void;
  /** Notes an error that the page tells of, or that hinders nothing. */
  readonly note: (error: unknown) => void;
}

/** The window a panel is shown in. */
export interface PageWindow {
  post(message: HostMessage): void;
  /** What the tab says: the job's name and state. */
  setTitle(view: JobView): void;
}

/** What is known of the job, read at `asOf`. */
interface Known extends JobDetails {
  readonly session: Session;
  readonly record: JobRecord;
  readonly staged: JobFileList | undefined;
  readonly members: readonly JobFile[] | undefined;
  readonly asOf: number;
}

/** Keeps the page of one job true. The truth is here: the page may be thrown away at any time and asks anew. */
export class JobPanel implements Disposable {
  readonly pandaId: number;
  readonly #deps: JobPanelDeps;
  readonly #window: PageWindow;
  /** Name of the profile the PandaID belongs to; undefined until one is known. */
  #profile: string | undefined;
  readonly #conduit;
  readonly #log: LogFeed;
  readonly #usage: UsageFeed;
  readonly #owned = createDisposables();
  #known: Known | undefined;
  #line: TellingLine | null = null;
  #lineSearch: AbortController | undefined;
  #visible = true;
  #filesWatched = false;
  readonly #membersSearch = new AbortController();
  #membersOf: Session | undefined;
  #loading: Promise<void> | undefined;
  #again = false;
  #shown = '';
  #unsubscribe: Disposable | undefined;
  #tick: Disposable | undefined;

  constructor(deps: JobPanelDeps, window: PageWindow, pandaId: number, profile: string | undefined) {
    this.#deps = deps;
    this.#window = window;
    this.pandaId = pandaId;
    this.#profile = profile;
    this.#conduit = createConduit((message) => window.post(message));
    this.#owned.add(toDisposable(() => this.#conduit.gone()));
    this.#log = this.#owned.add(
      new LogFeed({
        openTail: deps.openTail,
        send: (message) => this.#conduit.send(message),
        note: deps.note,
      }),
    );
    this.#usage = new UsageFeed({ send: (message) => this.#conduit.send(message), note: deps.note });
    this.#owned.add(deps.sessions.onDidChange(() => this.#sessionChanged()));
    this.#owned.add(toDisposable(() => this.#lineSearch?.abort()));
    this.#owned.add(toDisposable(() => this.#membersSearch.abort()));
    this.#owned.add(toDisposable(() => this.#unsubscribe?.dispose()));
    this.#owned.add(toDisposable(() => this.#tick?.dispose()));
  }

  /** Asks the server, and shows what it says. */
  refresh(): void {
    if (this.#loading !== undefined) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#loading = this.#load().finally(() => {
      this.#loading = undefined;
      if (this.#again && !this.#owned.disposed) this.refresh();
    });
  }

  /** A message from the page, unchecked. */
  receive(value: unknown): void {
    const message = parsePageMessage(value);
    if (message === undefined) {
      this.#deps.note(new Error('The job page sent a message that is none of ours.'));
      return;
    }
    switch (message.type) {
      case 'ready':
        this.#log.stopAll();
        this.#filesWatched = false;
        this.#shown = '';
        if (this.#known === undefined) this.refresh();
        else this.#show();
        this.#conduit.ready();
        break;
      case 'do':
        if (message.action === 'refresh') this.refresh();
        else this.#deps.act(message.action, this.pandaId);
        break;
      case 'openJob':
        this.#deps.openJob(message.pandaId);
        break;
      case 'openLog':
        this.#deps.openLog(this.pandaId, message.file);
        break;
      case 'openFile':
        this.#deps.openFile(this.pandaId, message.name);
        break;
      case 'copy':
        this.#deps.copy(message.text);
        break;
      default:
        this.#answer(message);
    }
  }

  /** What the page asks of logs, and of what the job used. */
  #answer(
    message: Exclude<PageMessage, { type: 'ready' | 'do' | 'openJob' | 'openLog' | 'openFile' | 'copy' }>,
  ): void {
    switch (message.type) {
      case 'watchUsage':
        this.#usage.watch();
        break;
      case 'watchFiles':
        this.#filesWatched = true;
        void this.#findMembers();
        break;
      case 'watchLog':
        this.#log.watch(message.file);
        break;
      case 'read':
        void this.#log.read(message.id, message.file, message.from, message.length);
        break;
      case 'search':
        void this.#log.search(message.id, message.file, message.query);
        break;
      case 'firstError':
        void this.#log.firstError(message.id, message.file);
        break;
      case 'stopSearch':
        this.#log.stop(message.id);
        break;
    }
  }

  /** A hidden page is thrown away by the editor; nothing is read for it. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#log.setAttention(visible ? 'focused' : 'hidden');
    if (visible) {
      this.refresh();
    } else {
      this.#conduit.gone();
      this.#usage.unwatch();
      this.#log.stopAll();
      this.#tick?.dispose();
    }
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #sessionChanged(): void {
    const { session } = this.#known ?? {};
    if (session !== undefined && session === this.#deps.sessions.current) return;
    this.#known = undefined;
    this.#unsubscribe?.dispose();
    this.#unsubscribe = undefined;
    this.#lineSearch?.abort();
    this.#lineSearch = undefined;
    this.#line = null;
    this.#log.forget();
    this.refresh();
  }

  async #load(): Promise<void> {
    const { sessions } = this.#deps;
    try {
      const session = sessions.current ?? (await sessions.open());
      if (this.#owned.disposed) return;
      if (session === undefined) {
        this.#conduit.send({ type: 'trouble', ...withoutSession(sessions.state, this.pandaId) });
        return;
      }
      if (this.#profile !== undefined && this.#profile !== session.profile.name) {
        this.#conduit.send({
          type: 'trouble',
          message: `Job ${this.pandaId} belongs to profile ${this.#profile}; the one in use is ${session.profile.name}.`,
          advice: `Switch to profile ${this.#profile} to see it`,
          waiting: false,
          retry: false,
        });
        return;
      }
      await this.#read(session);
    } catch (error) {
      if (!this.#owned.disposed) this.#fail(error);
    }
  }

  async #read(session: Session): Promise<void> {
    this.#subscribe(session);
    const record = await findJobRecord(session.client, this.pandaId);
    if (this.#owned.disposed || this.#deps.sessions.current !== session) return;
    if (record === null) {
      throw new PandaError({
        kind: 'notFound',
        tried: `show job ${this.pandaId}`,
        cameBack: `${session.profile.name} knows no such job`,
        advice: 'Look whether the PandaID and the profile are right',
      });
    }
    this.#profile = session.profile.name;
    const before = this.#known ?? { ...NO_DETAILS, staged: undefined, members: undefined };
    this.#take({ ...before, session, record, asOf: this.#deps.clock.now() });
    const asked = this.#stagedOf(session, record);
    const details = await readDetails(session, record, before, this.#deps.note);
    if (this.#owned.disposed || this.#known?.record !== record) return;
    this.#take({ ...this.#known, ...details });
    const staged = await asked;
    if (staged === undefined || this.#owned.disposed || this.#known.record !== record) return;
    this.#take({ ...this.#known, staged });
  }

  /** The record is as old as the last poll: what the store hears of the job, the page shows. */
  #subscribe(session: Session): void {
    if (this.#unsubscribe !== undefined) return;
    this.#unsubscribe = session.store.onDidChange(({ added, changed }) => {
      if (!this.#visible || !(changed.includes(this.pandaId) || added.includes(this.pandaId))) return;
      this.#show();
      this.refresh();
    });
  }

  #take(known: Known): void {
    const before = this.#known;
    this.#known = known;
    const { record, session } = known;
    const over = isFinal(record.jobStatus);
    this.#usage.set(session, record);
    const started = record.startTime !== null;
    const place = record.pilotID ?? (started ? 'where it is staged' : null);
    this.#log.set({ place, find: () => session.findLog(record), over, started });
    if (record.jobStatus === 'failed' && this.#lineSearch === undefined) void this.#findLine(known);
    if (record !== before?.record) void this.#findMembers();
    this.#show();
  }

  #show(): void {
    const known = this.#known;
    if (known === undefined) return;
    const { session, record } = known;
    const job = session.store.get(this.pandaId);
    const view = buildJobView(
      {
        ...known,
        profile: session.profile.name,
        cancelRequested: job?.cancelRequested === true,
        submittedByUs: job !== undefined && job.submissionId !== null,
        outputsHere: session.storageFolder !== undefined || session.profile.staging?.kind === 'folder',
        monitor: session.profile.monitor !== undefined,
        line: this.#line,
      },
      this.#deps.clock.now(),
    );
    const text = JSON.stringify(view);
    if (text !== this.#shown) {
      this.#shown = text;
      this.#conduit.send({ type: 'job', view });
      this.#window.setTitle(view);
    }
    this.#tick?.dispose();
    if (this.#visible && !isFinal(record.jobStatus))
      this.#tick = this.#deps.clock.after(TICK, () => this.#ticked(known));
  }

  #ticked(known: Known): void {
    this.#show();
    if (this.#deps.clock.now() - known.asOf > REFRESH) this.refresh();
  }

  #fail(error: unknown): void {
    const text = errorText(error);
    if (text === undefined) return;
    this.#deps.note(error);
    // What is shown next takes this away, even if it is what was shown before.
    this.#shown = '';
    this.#conduit.send({
      type: 'trouble',
      message: text.message,
      advice: text.advice,
      waiting: false,
      retry: true,
    });
  }

  async #stagedOf({ jobFiles }: Session, record: JobRecord): Promise<JobFileList | undefined> {
    try {
      return await jobFiles.staged(record);
    } catch (error) {
      this.#deps.note(error);
      return this.#known?.staged;
    }
  }

  /** Looks into the tarball of the log, once, when somebody looks at the files. */
  async #findMembers(): Promise<void> {
    const { session, record, members } = this.#known ?? {};
    if (session === undefined || record === undefined || members !== undefined) return;
    if (!this.#filesWatched || this.#membersOf === session) return;
    this.#membersOf = session;
    const found = await readMembers(session, record, this.#membersSearch.signal, this.#deps.note);
    this.#membersOf = undefined;
    if (found === undefined || this.#owned.disposed || this.#known?.session !== session) return;
    this.#take({ ...this.#known, members: found });
  }

  async #findLine({ session, record }: Known): Promise<void> {
    const source = session.findLog(record);
    if (source === undefined) return;
    const search = new AbortController();
    this.#lineSearch = search;
    try {
      const line = await findTellingLine(source, this.#deps.openTail, search.signal);
      if (search.signal.aborted) return;
      this.#line = line;
      this.#show();
    } catch (error) {
      if (search.signal.aborted) return;
      // It is looked for again when the job is asked for again.
      this.#lineSearch = undefined;
      this.#deps.note(error);
    }
  }
}
