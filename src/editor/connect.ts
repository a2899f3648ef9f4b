import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPandaClient, type Profile } from '../panda/index.ts';
import { defaultDataHome, sandboxLayout, sandboxProfile, type SandboxControl } from '../sandbox/index.ts';
import { createStagingStores, type S3Credentials } from '../staging/index.ts';
import {
  createJobStore,
  createPoller,
  createSubmissionJournal,
  findLog,
  monitorJobFiles,
  systemClock,
} from '../watch/index.ts';
import { chosenProfile, withDefaultSite } from './profiles.ts';
import type { Session } from './session.ts';
import type { ConnectRequest } from './sessions.ts';
import type { SettingsReader } from './settings.ts';

export interface ConnectDeps {
  readonly settings: SettingsReader;
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
  const chosen = chosenProfile(deps.settings, { variables: deps.variables, user: deps.userName });
  if (chosen.kind === 'configured') return makeSession(chosen.profile, undefined, deps);
  const control = await deps.sandbox();
  const connection = request.start ? await control.start(request) : (await control.status()).connection;
  if (connection === undefined) return undefined;
  const { dataFolder } = await control.status();
  const profile = withDefaultSite(sandboxProfile(connection, deps.userName), deps.settings);
  return makeSession(profile, sandboxLayout(dataFolder).storageFolder, deps);
}

async function makeSession(
  profile: Profile,
  storageFolder: string | undefined,
  deps: ConnectDeps,
): Promise<Session> {
  const staging = createStagingStores(await deps.stagingCredentials(profile));
  const client = createPandaClient(profile, { userAgent: deps.userAgent });
  const store = createJobStore();
  const poller = createPoller({ client, store, profile, clock: systemClock, random: Math.random });
  return {
    profile,
    client,
    store,
    poller,
    journal: createSubmissionJournal(
      join(dirname(defaultDataHome(deps.variables, homedir())), 'submissions'),
    ),
    findLog: findLog(client),
    jobFiles: monitorJobFiles(client),
    staging,
    storageFolder,
    dispose() {
      poller.dispose();
      staging.dispose();
      client.dispose();
    },
  };
}
