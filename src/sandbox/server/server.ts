import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { SandboxSignIn } from '../api.ts';
import { SandboxError } from '../controlError.ts';
import { takeLock, type FolderLock } from '../folderLock.ts';
import { sandboxLayout, type SandboxLayout } from '../layout.ts';
import { catalogCallers } from '../datacat/callers.ts';
import { createBackground, type Background } from './background.ts';
import { runBackground, type BackgroundLoop } from './backgroundLoop.ts';
import type { ServerContext } from './context.ts';
import { tokenAuthentication, type Authenticate } from './identity.ts';
import type { MethodTable } from './method.ts';
import { credsMethods } from './methods/credsMethods.ts';
import { fileMethods } from './methods/fileMethods.ts';
import { jobMethods } from './methods/jobMethods.ts';
import { metaconfigMethods } from './methods/metaconfigMethods.ts';
import { pilotMethods } from './methods/pilotMethods.ts';
import { statisticsMethods } from './methods/statisticsMethods.ts';
import { systemMethods } from './methods/systemMethods.ts';
import { taskMethods } from './methods/taskMethods.ts';
import { keptToken } from './ownToken.ts';
import { createRequestHandler } from './requestHandler.ts';
import { patienceFor, type Patience } from './rules/lostHeartbeat.ts';
import { signedInPeople } from './signedInPeople.ts';
import { createSites, sandboxSites, type SiteOptions } from './sites.ts';
import { openStore, type Store } from './store/store.ts';
import { createTaskEngine, type TaskEngine } from './tasks/engine.ts';
import { explainTrouble } from './trouble.ts';

export interface SandboxServerOptions {
  /** Everything is kept below this folder. */
  readonly dataFolder: string;
  /** 0 for the port of the last time, or any free one. */
  readonly port?: number;
  /** Who the token's holder is: the operating system's user name. */
  readonly owner: string;
  /** Payload scripts to serve at `/trf/<name>`. */
  readonly payloadFolder?: string;
  readonly heartbeatSeconds?: number;
  /** Milliseconds from submission to activation, and from a pilot's last word to a job's end. */
  readonly setUpDelay?: number;
  readonly adderDelay?: number;
  readonly patience?: Patience;
  readonly watchInterval?: number;
  /** Milliseconds from the submission of a task, or a command to one, to its being taken up; and between two steps of a task. */
  readonly taskDelay?: number;
  readonly taskInterval?: number;
  readonly sites?: readonly SiteOptions[];
  /** Users sign in with an identity provider; the token is then the pilot's alone. */
  readonly signIn?: SandboxSignIn;
  /** In place of the token; for servers that act as another deployment. */
  readonly authenticate?: Authenticate;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly uuid?: () => string;
  /** Told of trouble inside; free of secrets. */
  readonly onError?: (what: string, error: unknown) => void;
  /** False to take the background steps by hand. */
  readonly runsBackground?: boolean;
}

export interface SandboxServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly token: string;
  readonly background: Background;
  readonly tasks: TaskEngine;
  /** Answers what is under way, then closes everything. */
  close(): Promise<void>;
}

/** Opens the store and starts to answer, alone on its folder. Rejects with `SandboxError`. */
export async function startSandboxServer(options: SandboxServerOptions): Promise<SandboxServer> {
  const layout = sandboxLayout(options.dataFolder);
  const { store, lock } = openFolder(layout);
  const closeFolder = (): void => {
    store.close();
    lock.dispose();
  };
  try {
    const token = keptToken(store, options.owner);
    const onError = options.onError ?? (() => undefined);
    const { now = Date.now, uuid = randomUUID } = options;
    const machine = { cores: cpus().length, memoryMB: Math.floor(totalmem() / 1024 / 1024) };
    const sites = createSites(options.sites ?? sandboxSites(machine));
    const { background, tasks } = createWorkers({ store, sites, now, uuid }, options, () => loop.submitted());
    const loop =
      options.runsBackground === false ? IDLE_LOOP : startLoop(background, tasks, options, onError);
    const context: ServerContext = {
      store,
      sites,
      signIn: options.signIn,
      folders: { cache: layout.cacheFolder, storage: layout.storageFolder, payloads: options.payloadFolder },
      now,
      uuid,
      notice: { ...loop, heard: background.heard },
    };
    const authenticate = options.authenticate ?? authentication(token, options, now);
    const handler = createRequestHandler({
      context,
      methods: allMethods(context),
      authenticate,
      catalog: { store, authenticate: catalogCallers(token, authenticate, now), now },
      onError,
      explain: explainTrouble,
    });
    const server = createHttpServer(handler);
    const port = await listenSomewhere(server, options.port ?? 0, store).catch((error: unknown) => {
      loop.dispose();
      throw error;
    });
    return {
      url: urlAt(port),
      token,
      background,
      tasks,
      close: async () => {
        loop.dispose();
        await closeServer(server);
        closeFolder();
      },
    };
  } catch (error) {
    closeFolder();
    throw error;
  }
}

function authentication(
  token: string,
  { owner, signIn }: SandboxServerOptions,
  now: () => number,
): Authenticate {
  const own = tokenAuthentication(token, owner);
  return signIn === undefined ? own : signedInPeople(signIn, own, now);
}

/** Those who do the work nobody asks for. `submitted` is told of jobs that were made. */
function createWorkers(
  parts: Pick<ServerContext, 'store' | 'sites' | 'now' | 'uuid'>,
  options: SandboxServerOptions,
  submitted: () => void,
): Pick<SandboxServer, 'background' | 'tasks'> {
  return {
    background: createBackground({
      ...parts,
      monotonic: () => performance.now(),
      patience: options.patience ?? patienceFor(options.heartbeatSeconds ?? 2),
    }),
    tasks: createTaskEngine({
      ...parts,
      delay: options.taskDelay ?? 500,
      interval: options.taskInterval ?? TASK_INTERVAL,
      submitted,
      url: () => urlAt(Number(parts.store.setting('port'))),
    }),
  };
}

const TASK_INTERVAL = 250;

const IDLE_LOOP: BackgroundLoop = {
  submitted: () => undefined,
  reported: () => undefined,
  taskChanged: () => undefined,
  dispose: () => undefined,
};

function startLoop(
  background: Background,
  tasks: TaskEngine,
  options: SandboxServerOptions,
  onError: (what: string, error: unknown) => void,
): BackgroundLoop {
  const { setUpDelay = 20, adderDelay = 200, watchInterval = 5000, taskInterval = TASK_INTERVAL } = options;
  return runBackground(background, tasks, { setUpDelay, adderDelay, watchInterval, taskInterval }, onError);
}

/** Every module; methods that are not among them are refused as unknown ones are. */
function allMethods(context: ServerContext): MethodTable {
  return {
    ...systemMethods(),
    ...jobMethods(context),
    ...pilotMethods(context),
    ...statisticsMethods(context),
    ...metaconfigMethods(context),
    ...taskMethods(context),
    ...fileMethods(context),
    ...credsMethods(context),
  };
}

function openFolder(layout: SandboxLayout): { readonly store: Store; readonly lock: FolderLock } {
  try {
    for (const folder of [layout.root, layout.cacheFolder, layout.storageFolder, layout.workFolder]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    const lock = takeLock(layout.lockFile);
    if (lock === undefined) {
      throw new SandboxError(
        `A sandbox is already running on ${layout.root}`,
        'Use that one, stop it with desc-panda sandbox stop, or choose another folder with DESC_PANDA_HOME',
      );
    }
    return { store: openStoreHolding(lock, layout), lock };
  } catch (error) {
    if (error instanceof SandboxError) throw error;
    throw new SandboxError(
      `The sandbox’s folder ${layout.root} cannot be used: ${explainTrouble(error)}`,
      'Free space, check its permissions, or choose another folder with DESC_PANDA_HOME',
      error,
    );
  }
}

function openStoreHolding(lock: FolderLock, layout: SandboxLayout): Store {
  try {
    // Uploads that a kill broke off.
    for (const name of readdirSync(layout.cacheFolder)) {
      if (name.startsWith('.upload-')) rmSync(join(layout.cacheFolder, name), { force: true });
    }
    return openStore(layout.database);
  } catch (error) {
    lock.dispose();
    throw error;
  }
}

function createHttpServer(handler: ReturnType<typeof createRequestHandler>): Server {
  const server = createServer(
    {
      // Room for a request line that is then refused with the right status.
      maxHeaderSize: 64 * 1024,
      headersTimeout: 15_000,
      requestTimeout: 600_000,
      keepAliveTimeout: 75_000,
      connectionsCheckingInterval: 5000,
    },
    handler,
  );
  server.timeout = 300_000;
  server.maxConnections = 512;
  return server;
}

/** Listens at the port asked for, else at the last one if it is still free, else at any. */
async function listenSomewhere(server: Server, asked: number, store: Store): Promise<number> {
  const last = Number(store.setting('port') ?? 0);
  try {
    await listen(server, asked === 0 ? last : asked);
  } catch (error) {
    if (asked !== 0) {
      throw new SandboxError(
        `Port ${asked} on this machine is in use`,
        'Choose another port, or 0 for any free one',
        error,
      );
    }
    await listen(server, 0);
  }
  const port = (server.address() as AddressInfo).port;
  // Before the first request is heard: waiting jobs name their payload, and ended ones their log, by the old address.
  if (last !== 0 && last !== port) store.moveUrls(urlAt(last), urlAt(port));
  store.setSetting('port', String(port));
  return port;
}

function urlAt(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** Idle connections are closed at once, busy ones when they are answered, or after two seconds. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), 2000);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
