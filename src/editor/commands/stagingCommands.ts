import { createDisposables, type Disposable } from '../../watch/index.ts';
import { commands } from '../contributions.ts';
import type { Parts } from '../parts.ts';
import { createStagingCredentials, profileOfSecret } from '../staging/credentials.ts';

/** Where files of jobs wait: the keys of the bucket, and what can go from there. */
export function registerStagingCommands(parts: Parts): Disposable {
  const owned = createDisposables();
  const { extension, register, sessions } = parts;
  const credentials = createStagingCredentials(extension.secrets);
  owned.add(
    register(commands.setStagingCredentials, async () => {
      const { setCredentials } = await import('../staging/setCredentials.ts');
      await setCredentials(parts, credentials);
    }),
  );
  owned.add(
    register(commands.forgetStagingCredentials, async () => {
      const { forgetCredentials } = await import('../staging/setCredentials.ts');
      await forgetCredentials(parts, credentials);
    }),
  );
  owned.add(
    register(commands.cleanStaging, async () => {
      const { cleanStaging } = await import('../staging/cleanStaging.ts');
      await cleanStaging(parts);
    }),
  );
  // Also when another window changed them.
  owned.add(
    extension.secrets.onDidChange(({ key }) => {
      const profile = profileOfSecret(key);
      if (profile !== undefined && sessions.current?.profile.name === profile) void sessions.reopen();
    }),
  );
  return owned;
}
