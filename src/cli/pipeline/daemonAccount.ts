import { SANDBOX } from '../../panda/index.ts';
import type { PandaAccount, UserConfig } from '../../pipeline/index.ts';
import { createSubmissionJournal } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { createConnector } from '../connection.ts';
import type { Connector } from '../connection.ts';

/** A sandbox has decided about a request after this long (ms). */
export const SANDBOX_SETTLED = 5_000;

/**
 * PanDA as a user of the pipeline sees it, through a connector of its own, which is added to `connectors`. `sandboxFolder`:
 * absolute path; undefined for the sandbox as it is by default.
 */
export async function daemonAccount(
  user: UserConfig,
  submissionsFolder: string,
  context: CommandContext,
  connectors: Connector[],
  sandboxFolder?: string,
): Promise<PandaAccount> {
  const { name, profile, prodUserName } = user;
  const connector = accountConnector(user, context, sandboxFolder);
  connectors.push(connector);
  const connection = await connector.connect();
  const sandbox = profile === SANDBOX;
  const owner = prodUserName ?? connection.profile.user;
  const deps = {
    ...connection.deps,
    profile: { ...connection.profile, user: owner },
    journal: createSubmissionJournal(`${submissionsFolder}/${name}`),
  };
  const { client, jobFiles, findLog } = connection;
  const staged = connection.profile.staging !== undefined;
  const transformations = await context.services.transformations();
  return { client, deps, jobFiles, findLog, transformations, sandbox, staged };
}

/** Opens nothing by itself. */
export function accountConnector(
  { name, profile }: UserConfig,
  { io, out, services }: CommandContext,
  sandboxFolder?: string,
): Connector {
  const connector = createConnector(
    { profile: undefined, setup: undefined, sandboxFolder },
    io,
    out,
    services,
  );
  connector.want(profile, `users.${name}.profile`);
  return connector;
}
