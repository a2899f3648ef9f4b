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
  { name, profile, prodUserName }: UserConfig,
  submissionsFolder: string,
  { io, out, services }: CommandContext,
  connectors: Connector[],
  sandboxFolder?: string,
): Promise<PandaAccount> {
  const connector = createConnector({ profile, setup: undefined, sandboxFolder }, io, out, services);
  connectors.push(connector);
  const connection = await connector.connect();
  const sandbox = profile === SANDBOX;
  const user = prodUserName ?? connection.profile.user;
  const deps = {
    ...connection.deps,
    profile: { ...connection.profile, user },
    journal: createSubmissionJournal(`${submissionsFolder}/${name}`),
  };
  const { client, jobFiles, findLog } = connection;
  const staged = connection.profile.staging !== undefined;
  const transformations = await services.transformations();
  return { client, deps, jobFiles, findLog, transformations, sandbox, staged };
}
