import type { Session } from '../../../src/editor/session.ts';
import type { SettingsReader } from '../../../src/editor/settings.ts';
import { PandaError, type PandaClient, type Profile } from '../../../src/panda/index.ts';
import { createStagingStores } from '../../../src/staging/index.ts';
import {
  createEmitter,
  createJobStore,
  type Attention,
  type Clock,
  type Disposable,
  type PollStatus,
} from '../../../src/watch/index.ts';

export const testProfile: Profile = {
  name: 'test',
  server: 'https://panda.test:25443',
  cache: 'https://panda.test:25443',
  monitor: undefined,
  authentication: { kind: 'none' },
  vo: 'lsst',
  user: 'Alice Adams',
  prodSourceLabel: 'user',
  workingGroup: undefined,
  cloud: undefined,
  defaultSite: 'SLAC',
  caFile: undefined,
  verifyHost: true,
  proxy: undefined,
};

const defaults: Readonly<Record<string, unknown>> = {
  profile: '',
  profiles: {},
  setupScript: '',
  shareSignIn: false,
  site: '',
  'sandbox.dataFolder': '',
  'sandbox.port': 0,
  'sandbox.slots': 2,
  'sandbox.heartbeatSeconds': 2,
};
/** What every call ends with while nobody is signed in. */
export function signInError(): PandaError {
  const facts = { tried: 'ask', cameBack: 'the sign-in has ended', advice: 'Sign in again' };
  return new PandaError({ kind: 'unauthorised', needsSignIn: true, ...facts });
}

/** The settings as they are by default, with some changed. */
export const settingsOf = (change: Readonly<Record<string, unknown>>): SettingsReader => ({
  get: (key) => ({ ...defaults, ...change })[key],
});

export interface FakeSession {
  readonly session: Session;
  /** What was asked of it, in order. */
  readonly calls: string[];
  setStatus(status: PollStatus): void;
}

/** No tasks, and none to come. */
const quietTasks: Session['tasks'] = {
  tasks: new Map(),
  onDidChange: () => ({ dispose: () => undefined }),
  start: () => undefined,
  setAttention: () => undefined,
  refresh: () => Promise.resolve(),
  submitted: () => undefined,
  commanded: () => undefined,
  loadJobs: () => Promise.resolve(),
  dispose: () => undefined,
};

/** A session whose poller only notes what is asked of it; `client` answers the calls that a test needs. */
export function fakeSession(client: Partial<PandaClient> = {}): FakeSession {
  const calls: string[] = [];
  const statuses = createEmitter<PollStatus>();
  let status: PollStatus = { kind: 'idle' };
  const poller: Session['poller'] = {
    get status() {
      return status;
    },
    onDidChangeStatus: statuses.event,
    start: () => void calls.push('start'),
    setAttention: (attention: Attention) => void calls.push(attention),
    refresh: (reason) => Promise.resolve(void calls.push(`refresh: ${reason}`)),
    track: (pandaIds) => void calls.push(`track ${pandaIds.join(' ')}`),
    cancelRequested: () => undefined,
    dispose: () => undefined,
  };
  const session = {
    profile: testProfile,
    client,
    signIn: undefined,
    subject: undefined,
    store: createJobStore(),
    poller,
    journal: undefined,
    tasks: quietTasks,
    findLog: () => undefined,
    staging: createStagingStores(),
    storageFolder: undefined,
    dispose: () => void calls.push('dispose'),
  } as unknown as Session;
  const setStatus = (next: PollStatus): void => {
    status = next;
    statuses.fire(next);
  };
  return { session, calls, setStatus };
}

/** A clock that stands until it is moved. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Disposable {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return { dispose: () => this.#timers.delete(timer) };
  }

  /** Runs what is due, in order, and lets promises settle. */
  async move(ms: number): Promise<void> {
    this.#now += ms;
    for (const timer of [...this.#timers].sort((one, other) => one.at - other.at)) {
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.run();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
