import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDatacatClient } from '../datacat/index.ts';
import {
  createMonitorCache,
  createPandaClient,
  datacatConnection,
  identityFacts,
  tokensOfOnePerson,
  withKnownUser,
  type Profile,
  type ResolvedProfile,
  type SignIn,
} from '../panda/index.ts';
import { defaultDataHome, sandboxLayout, sandboxProfile, type SandboxControl } from '../sandbox/index.ts';
import { createStagingStores, type S3Credentials } from '../staging/index.ts';
import {
  createJobFiles,
  createJobStore,
  createPoller,
  createSubmissionJournal,
  createTaskJournal,
  createTaskWatch,
  findLog,
  systemClock,
  withTarballs,
} from '../watch/index.ts';
import type { Session } from './session.ts';
import type { ConnectRequest } from './sessions.ts';

export interface ConnectDeps {
  readonly profile: (signal: AbortSignal | undefined) => Promise<ResolvedProfile>;
  readonly signIn: (profile: Profile) => SignIn | undefined;
  /** Told that the profile is used as another person than the session's by now. */
  readonly onOtherPerson: () => void;
  /** Name of the user on this machine: whose the jobs of the sandbox are. */
  readonly userName: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  readonly sandbox: () => Promise<SandboxControl>;
  /** Keys of the profile's staging bucket that this window keeps; undefined for what AWS tools find by themselves. */
  readonly stagingCredentials: (profile: Profile) => Promise<S3Credentials | undefined>;
}

/** Makes the session of the profile that the settings choose; undefined for a sandbox that is not to be started. */
export async function connect(deps: ConnectDeps, request: ConnectRequest): Promise<Session | undefined> {
  const chosen = await deps.profile(request.signal);
  if (chosen.profile !== undefined) {
    const signIn = deps.signIn(chosen.profile);
    // A token that cannot be read is told of by the first call that needs it.
    const facts = await identityFacts(chosen.profile, signIn, systemClock.now()).catch(() => undefined);
    const profile = facts === undefined ? chosen.profile : withKnownUser(chosen.profile, chosen, facts);
    return makeSession({ profile, signIn, subject: facts?.subject, storageFolder: undefined }, deps);
  }
  const control = await deps.sandbox();
  const connection = request.start ? await control.start(request) : (await control.status()).connection;
  if (connection === undefined) return undefined;
  const { dataFolder } = await control.status();
  const usual = sandboxProfile(connection, deps.userName, dataFolder);
  const site = chosen.values.find(({ field }) => field === 'site')?.value;
  const profile = site === undefined ? usual : { ...usual, defaultSite: site };
  const { storageFolder } = sandboxLayout(dataFolder);
  return makeSession({ profile, signIn: undefined, subject: undefined, storageFolder }, deps);
}

async function makeSession(
  known: Pick<Session, 'profile' | 'signIn' | 'subject' | 'storageFolder'>,
  deps: ConnectDeps,
): Promise<Session> {
  const { profile, signIn, subject, storageFolder } = known;
  const tokens = signIn && tokensOfOnePerson(signIn, { subject, onOther: deps.onOtherPerson });
  const staging = createStagingStores(await deps.stagingCredentials(profile));
  const home = dirname(defaultDataHome(deps.variables, homedir()));
  const client = createPandaClient(profile, {
    userAgent: deps.userAgent,
    ...(tokens === undefined ? {} : { tokens }),
    // PandaIDs of a sandbox come again after a reset.
    ...(storageFolder === undefined
      ? { monitorCache: createMonitorCache(join(home, 'monitor'), Date.now) }
      : {}),
  });
  const catalog = datacatConnection(profile, deps.userAgent, tokens);
  const datacat =
    catalog === undefined ? undefined : createDatacatClient(catalog, { userAgent: deps.userAgent });
  const { signedInAs: user } = profile;
  const access = { profile, stores: staging };
  const jobFiles = withTarballs(createJobFiles(client, access), join(home, 'logs'));
  const store = createJobStore();
  const poller = createPoller({ client, store, profile, clock: systemClock, random: Math.random });
  const taskJournal = createTaskJournal(join(home, 'tasks'), { clock: systemClock, user });
  const tasks = createTaskWatch({
    ...{ client, store, poller, profile },
    journal: taskJournal,
    clock: systemClock,
    random: Math.random,
  });
  return {
    ...known,
    client,
    store,
    poller,
    journal: createSubmissionJournal(join(home, 'submissions'), { user }),
    tasks,
    taskJournal,
    findLog: findLog(client, access, jobFiles),
    jobFiles,
    datacat,
    staging,
    dispose() {
      tasks.dispose();
      poller.dispose();
      staging.dispose();
      datacat?.dispose();
      client.dispose();
    },
  };
}
