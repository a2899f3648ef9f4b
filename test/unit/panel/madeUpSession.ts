import {
  PandaError,
  type ErrorDescription,
  type JobRecord,
  type PandaClient,
  type Profile,
  type StateChange,
} from '../../../src/panda/index.ts';
import { createStagingStores } from '../../../src/staging/index.ts';
import type { Session, Sessions, SessionState } from '../../../src/editor/session.ts';
import {
  createEmitter,
  createJobStore,
  type Emitter,
  type JobFile,
  type JobFileList,
  type JobFiles,
  type JobStore,
  type LogFile,
  type LogSource,
  updateOfRecord,
} from '../../../src/watch/index.ts';

export type Logs = Partial<Record<LogFile, Uint8Array>>;

/** A session on one job that is as the test says, with its logs in memory. */
export interface MadeUpSession extends Sessions {
  readonly store: JobStore;
  /** How often the server was asked for the job. */
  readonly asked: number;
  /** How often the monitor was asked for the states the job went through, and for descriptions of errors. */
  readonly askedMonitor: { readonly history: number; readonly descriptions: number };
  /** How often all files of the job were listed. */
  readonly listed: number;
  /** What the server says from now on; null for an unknown id. The store hears of it, as from a poll. */
  setRecord(record: JobRecord | null): void;
  /** The server does not answer from now on; undefined for well again. */
  setFailure(error: Error | undefined): void;
  setLog(file: LogFile, content: Uint8Array | undefined): void;
  setState(state: SessionState): void;
}

export interface MadeUp {
  readonly record: JobRecord | null;
  /** As the monitor tells it; an error for a monitor that does not. */
  readonly history?: readonly StateChange[] | Error;
  readonly descriptions?: readonly ErrorDescription[] | Error;
  readonly logs?: Logs;
  readonly profile?: string;
  readonly staged?: JobFileList;
  /** What is in the tarball of its log, by name; an error where it cannot be fetched. */
  readonly members?: readonly string[] | Error;
  /** What prmon wrote. */
  readonly usage?: string;
  /** The job is in the store, as one of mine. */
  readonly known?: boolean;
}

export function madeUpSession(given: MadeUp): MadeUpSession {
  const store = createJobStore();
  const logs: Logs = { ...given.logs };
  const changes: Emitter<SessionState> = createEmitter();
  let { record } = given;
  let failure: Error | undefined;
  let asked = 0;
  let listed = 0;
  const describe = (ids: readonly number[]): Promise<readonly (JobRecord | null)[]> => {
    asked += 1;
    if (failure !== undefined) return Promise.reject(failure);
    return Promise.resolve(ids.map((id) => (record?.PandaID === id ? record : null)));
  };
  const askedMonitor = { history: 0, descriptions: 0 };
  const told = <T>(kind: keyof typeof askedMonitor, answer: readonly T[] | Error = []) => {
    askedMonitor[kind] += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const monitor = {
    stateHistory: () => told('history', given.history),
    errorDescriptions: () => told('descriptions', given.descriptions),
    job: () =>
      Promise.reject(
        new PandaError({ kind: 'notFound', tried: 'get the job', cameBack: 'none', advice: '' }),
      ),
    jobUrl: (id: number) => `http://monitor/job/${id}/`,
  };
  const session = {
    profile: { name: given.profile ?? 'sandbox', monitor: 'http://monitor' } as unknown as Profile,
    client: { jobs: { describe }, monitor } as unknown as PandaClient,
    store,
    findLog: (of: JobRecord) => (of.pilotID === null ? undefined : memorySource(logs)),
    jobFiles: { staged: () => Promise.resolve(given.staged), ...listedFiles(given, () => (listed += 1)) },
    staging: createStagingStores(),
    storageFolder: '/tmp',
  } as unknown as Session;
  let state: SessionState = { kind: 'open', session };
  if (given.known !== false && record !== null) store.apply([updateOfRecord(record)]);
  return {
    store,
    askedMonitor,
    get listed() {
      return listed;
    },
    get asked() {
      return asked;
    },
    get state() {
      return state;
    },
    get current() {
      return state.kind === 'open' ? state.session : undefined;
    },
    onDidChange: changes.event,
    open: () => Promise.resolve(state.kind === 'open' ? state.session : undefined),
    require: () => Promise.resolve(session),
    reopen: () => Promise.resolve(session),
    isLookedAt: true,
    look: () => ({ dispose: () => undefined }),
    setFocused: () => undefined,
    dispose: () => undefined,
    setRecord(next) {
      record = next;
      if (next !== null) store.apply([updateOfRecord(next)]);
    },
    setFailure(error) {
      failure = error;
    },
    setLog(file, content) {
      if (content === undefined) Reflect.deleteProperty(logs, file);
      else logs[file] = content;
    },
    setState(next) {
      state = next;
      changes.fire(next);
    },
  };
}

function listedFiles({ usage, members = [] }: MadeUp, onList: () => void): Pick<JobFiles, 'list' | 'read'> {
  const table = { name: 'log/memory_monitor_output.txt' } as JobFile;
  const tarball = {
    name: '1.log.tgz',
    kind: 'log',
    size: 1,
    url: 'http://s',
    adler32: null,
    sha256: null,
  } as JobFile;
  const content = Buffer.from(usage ?? '');
  const inside = members instanceof Error ? [] : members;
  return {
    list: () => {
      onList();
      return Promise.resolve({
        files: [
          ...(usage === undefined ? [] : [table]),
          ...inside.map((member) => ({ ...tarball, name: `1.log/${member}`, inside: { tarball, member } })),
        ],
        inputs: [],
        unusable: 0,
        trouble: members instanceof Error ? members : null,
      });
    },
    read: (_file, from, length) =>
      Promise.resolve({ bytes: content.subarray(from, from + Math.min(length, 1000)), size: content.length }),
  };
}

export function memorySource(logs: Logs): LogSource {
  return {
    read(file, from, length, options = {}) {
      options.signal?.throwIfAborted();
      const content = logs[file];
      if (content === undefined) {
        const facts = {
          tried: `read ${file}`,
          cameBack: 'there is no such file (yet)',
          advice: 'Look again later',
        };
        return Promise.reject(new PandaError({ kind: 'notFound', ...facts }));
      }
      return Promise.resolve({ from, bytes: content.subarray(from, from + length), size: content.length });
    },
  };
}

export function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
