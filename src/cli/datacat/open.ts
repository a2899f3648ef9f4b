import { createDatacatClient } from '../../datacat/index.ts';
import type { DatacatClient } from '../../datacat/index.ts';
import { datacatConnection } from '../../panda/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { UsageError } from '../usageError.ts';

/** The data catalog of the profile; a UsageError where it names none. Who opens it disposes it. */
export function openDatacat({ services }: CommandContext, { profile, signIn }: Connection): DatacatClient {
  const userAgent = `desc-panda/${services.version}`;
  const connection = datacatConnection(profile, userAgent, signIn);
  if (connection === undefined) {
    throw new UsageError(
      `Profile ${profile.name} names no data catalog.`,
      'Add its address to the profile, as {"datacat": {"url": "https://host/datacat-v0.5/r"}}',
    );
  }
  return createDatacatClient(connection, { userAgent });
}
