import type { Profile } from '../panda/index.ts';
import type { S3Credentials } from '../staging/index.ts';

/** Names of variables that hold secrets; one whose value is a path names where one is. */
const NAMES = /TOKEN|SECRET|PASSW|CREDENTIAL|ACCESS_KEY|API_KEY|COOKIE/i;

/** The secrets of an environment, which are not to be shown wherever they turn up. */
export function secretsOfVariables(
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(variables).flatMap(([name, value = '']) =>
    NAMES.test(name) && !value.startsWith('/') && !value.startsWith('~') ? [value] : [],
  );
}

/** The secrets of a profile and its staging store, as far as they are at hand. */
export async function secretsOfProfile(
  { authentication, proxyCredentials }: Profile,
  stagingKeys: S3Credentials | undefined,
): Promise<readonly string[]> {
  const token =
    authentication.kind === 'token' ? await authentication.token().catch(() => undefined) : undefined;
  const [, password] = /^[^:]*:(.*)$/.exec(proxyCredentials?.() ?? '') ?? [];
  const keys =
    stagingKeys?.kind === 'keys'
      ? [stagingKeys.accessKeyId, stagingKeys.secretAccessKey, stagingKeys.sessionToken]
      : [];
  return [token, proxyCredentials?.(), password, ...keys].filter((secret) => secret !== undefined);
}
