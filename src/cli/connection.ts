import {
  createMonitorCache,
  identityFacts,
  resolveProfile,
  tokensOfOnePerson,
  withKnownUser,
} from '../panda/index.ts';
import type {
  MonitorCache,
  PandaClient,
  Profile,
  ProfileWish,
  ResolvedProfile,
  SignIn,
} from '../panda/index.ts';
import { defaultDataHome, sandboxProfile } from '../sandbox/index.ts';
import type { SandboxControl } from '../sandbox/index.ts';
import { createStagingStores } from '../staging/index.ts';
import {
  createJobFiles,
  createSubmissionJournal,
  createTaskJournal,
  endWarning,
  findLog,
  withTarballs,
} from '../watch/index.ts';
import type { FindLog, JobFiles, SubmissionJournal, SubmitJobsDeps, SubmitTaskDeps } from '../watch/index.ts';
import type { CliIo } from './io.ts';
import type { Output } from './output.ts';
import type { CliServices } from './services.ts';
import {
  journalFolder,
  logsFolder,
  monitorFolder,
  readProfileInputs,
  taskJournalFolder,
} from './settings.ts';
import type { ProfileOptions } from './settings.ts';
import { uploadsFolderOf } from './submit/uploads.ts';

/** A profile in use. */
export interface Connection {
  readonly profile: Profile;
  readonly client: PandaClient;
  /** Undefined where the profile proves otherwise who it is. */
  readonly signIn: SignIn | undefined;
  readonly journal: SubmissionJournal;
  readonly jobFiles: JobFiles;
  readonly findLog: FindLog;
  /** What submitting needs. */
  readonly deps: SubmitJobsDeps & SubmitTaskDeps;
}

/** Slots and heartbeat of a sandbox that is started on demand. */
export const SANDBOX_DEFAULTS = { port: 0, slots: 2, heartbeatSeconds: 2 };

/** Opens connections of one call of the program, and closes them. */
export interface Connector {
  choose(): Promise<ResolvedProfile>;
  /** What was chosen, with the user that its token or certificate names. Asks nobody, and starts nothing. */
  chooseAsUser(): Promise<ResolvedProfile>;
  /** Names a profile to use unless the command line does; to be said before anything is chosen. */
  want(name: string, by: string): void;
  /** Starts the sandbox where that is the profile and it does not run. */
  connect(): Promise<Connection>;
  /** The control of the sandbox as it is by default. */
  sandbox(): Promise<SandboxControl>;
  dispose(): void;
}

export function createConnector(
  options: ProfileOptions,
  io: CliIo,
  out: Output,
  services: CliServices,
): Connector {
  let connection: Promise<Connection> | undefined;
  const stores = createStagingStores();
  const clients: PandaClient[] = [];
  let wanted: ProfileWish | undefined;
  let chosen: Promise<ResolvedProfile> | undefined;
  const choose = (): Promise<ResolvedProfile> =>
    (chosen ??= readProfileInputs(options, wanted, io).then(resolveProfile));
  const sandbox = (): Promise<SandboxControl> =>
    services.createSandbox({ ...SANDBOX_DEFAULTS, dataFolder: sandboxFolder(options, io) });
  const chooseAsUser = async (): Promise<ResolvedProfile> => {
    const resolved = await choose();
    if (resolved.profile === undefined) return resolved;
    const { profile } = await identified(resolved.profile, resolved, services.signIn(resolved.profile), {
      io,
      out,
    });
    return { ...resolved, profile };
  };
  const open = async (): Promise<Connection> => {
    const resolved = await choose();
    const signIn = resolved.profile === undefined ? undefined : services.signIn(resolved.profile);
    const { profile, subject } =
      resolved.profile === undefined
        ? { profile: await startSandbox(await sandbox(), io, out) }
        : await identified(resolved.profile, resolved, signIn, { io, out });
    const cache = resolved.profile === undefined ? undefined : monitorCacheOf(io);
    const client = services.createClient(profile, signIn && tokensOfOnePerson(signIn, { subject }), cache);
    clients.push(client);
    const journal = createSubmissionJournal(journalFolder(io), { user: profile.signedInAs });
    const { clock, random } = io;
    const uploadsFolder = uploadsFolderOf(io);
    const tasks = createTaskJournal(taskJournalFolder(io), { clock, user: profile.signedInAs });
    const deps = { profile, client, journal, tasks, clock, random, stores, uploadsFolder };
    const jobFiles = withTarballs(createJobFiles(client, deps), logsFolder(io));
    return { profile, client, signIn, journal, jobFiles, findLog: findLog(client, deps, jobFiles), deps };
  };
  return {
    choose,
    chooseAsUser,
    want: (name, by) => {
      wanted = { name, by };
      chosen = undefined;
    },
    sandbox,
    connect: () => (connection ??= open()),
    dispose: () => {
      for (const client of clients) client.dispose();
      stores.dispose();
    },
  };
}

/** The profile with the user that its token or certificate names; says when a sign-in is soon over. */
async function identified(
  profile: Profile,
  resolved: ResolvedProfile,
  signIn: SignIn | undefined,
  { io, out }: { readonly io: CliIo; readonly out: Output },
): Promise<{ readonly profile: Profile; readonly subject?: string | undefined }> {
  const now = io.clock.now();
  const facts = await identityFacts(profile, signIn, now).catch(() => undefined);
  if (facts === undefined) return { profile };
  const warning = endWarning(facts, now);
  if (warning !== undefined && io.stderr.isTTY)
    out.note(`${warning.text}\n→ ${warning.advice} (desc-panda auth login)`);
  return { profile: withKnownUser(profile, resolved, facts), subject: facts.subject };
}

function sandboxFolder({ sandboxFolder: folder }: ProfileOptions, { env, home }: CliIo): string {
  return folder ?? defaultDataHome(env, home);
}

/** Not for the sandbox, whose PandaIDs come again after a reset. */
function monitorCacheOf(io: CliIo): MonitorCache {
  return createMonitorCache(monitorFolder(io), () => io.clock.now());
}

async function startSandbox(control: SandboxControl, io: CliIo, out: Output): Promise<Profile> {
  let starting = false;
  const connection = await control.start({
    signal: io.signal,
    onProgress: (text) => {
      starting = true;
      out.progress(`${text}…`);
    },
  });
  if (starting) out.note(`Sandbox started at ${connection.url}.`);
  const { dataFolder } = await control.status();
  return sandboxProfile(connection, io.userName, dataFolder);
}
