import type { Profile } from '../../panda/index.ts';
import type { S3Credentials } from '../../staging/index.ts';
import type { Secrets } from '../vscode/secrets.ts';

/** Keys of an S3 store, as people are given them. */
export type StagingKeys = Extract<S3Credentials, { kind: 'keys' }>;

const PREFIX = 'stagingCredentials:';

/** Keys of staging buckets by profile, in the editor's secret storage and nowhere else. */
export interface StagingCredentials {
  /** Undefined where there are none, or none that can be used. */
  read(profile: string): Promise<StagingKeys | undefined>;
  keep(profile: string, keys: StagingKeys): Promise<void>;
  forget(profile: string): Promise<void>;
}

export function createStagingCredentials(secrets: Secrets): StagingCredentials {
  return {
    async read(profile) {
      const text = await secrets.get(PREFIX + profile);
      return text === undefined ? undefined : parseKeys(text);
    },
    async keep(profile, { accessKeyId, secretAccessKey, sessionToken }) {
      await secrets.store(PREFIX + profile, JSON.stringify({ accessKeyId, secretAccessKey, sessionToken }));
    },
    async forget(profile) {
      await secrets.delete(PREFIX + profile);
    },
  };
}

/** The profile whose keys a secret holds; undefined for other secrets. */
export function profileOfSecret(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined;
}

/**
 * The credentials that a session of this profile opens its store with; undefined where it needs none, or none are kept.
 * `note`: told of a secret storage that does not answer, as one without a keyring. Never rejects.
 */
export async function sessionCredentials(
  { name, staging }: Pick<Profile, 'name' | 'staging'>,
  credentials: StagingCredentials,
  note: (error: unknown) => void,
): Promise<S3Credentials | undefined> {
  if (staging?.kind !== 's3') return undefined;
  try {
    return await credentials.read(name);
  } catch (error) {
    note(error);
    return undefined;
  }
}

/** What is wrong with a key or token that somebody typed; undefined where it may be right. */
export function keyTrouble(text: string, most = 256): string | undefined {
  const key = text.trim();
  if (key === '') return 'It is empty';
  if (!/^[!-~]+$/u.test(key)) return 'Keys have no blanks and no letters with accents';
  return key.length > most ? `Keys are no longer than ${most} characters` : undefined;
}

/** Characters of a session token: those of AWS have no fixed length. */
export const LONGEST_TOKEN = 16_384;

function parseKeys(text: string): StagingKeys | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken }: Partial<Record<keyof StagingKeys, unknown>> = json;
  if (!isKey(accessKeyId) || !isKey(secretAccessKey)) return undefined;
  const keys = { kind: 'keys', accessKeyId, secretAccessKey } as const;
  if (sessionToken === undefined) return keys;
  return isKey(sessionToken, LONGEST_TOKEN) ? { ...keys, sessionToken } : undefined;
}

function isKey(value: unknown, most?: number): value is string {
  return typeof value === 'string' && keyTrouble(value, most) === undefined;
}
