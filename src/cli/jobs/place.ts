import { SANDBOX } from '../../panda/index.ts';
import type { Connector } from '../connection.ts';

/** What jobs are to know of the profile that they go to. */
export async function jobPlace(
  connector: Connector,
): Promise<{ readonly sandbox: boolean; readonly staged: boolean }> {
  const { name, profile } = await connector.choose();
  const sandbox = name === SANDBOX;
  return { sandbox, staged: sandbox || profile?.staging !== undefined };
}
