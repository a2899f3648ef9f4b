import { manifestSecretKey, PandaError } from '../../panda/index.ts';
import type { PandaClient, Profile } from '../../panda/index.ts';
import { SubmissionError } from './error.ts';

export interface SecretDeps {
  readonly client: PandaClient;
  readonly profile: Profile;
}

/** Another program may write the user's secrets at the same moment, and the server then keeps those of one. */
const TRIES = 3;

/**
 * Gives the server the URL of a submission's manifests, for the pilots of its jobs. Rejects with PandaError, or with
 * SubmissionError where the server keeps no secrets.
 */
export async function setManifestUrl(
  submissionId: string,
  url: string,
  { client, profile }: SecretDeps,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  const key = manifestSecretKey(submissionId);
  for (let left = TRIES; left > 0; left -= 1) {
    await client.creds.setUserSecret(key, url, options);
    const secrets = await client.creds.getUserSecrets([key], options);
    if (secrets[key] === url) return;
  }
  throw new SubmissionError(
    `${profile.name} took the secret ${key}, and does not have it. Nothing was sent.`,
    'Submit again when no other program of yours submits',
  );
}

/**
 * Removes the secrets of submissions whose URLs have run out: all of a user's secrets travel with each job. Rejects with
 * SubmissionError where the server keeps no secrets.
 */
export async function removeExpiredSecrets(
  now: number,
  { client, profile }: SecretDeps,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  let secrets: Readonly<Record<string, string>>;
  try {
    secrets = await client.creds.getUserSecrets(undefined, options);
  } catch (error) {
    throw isWithoutSecrets(error) ? withoutSecrets(profile) : error;
  }
  for (const [key, url] of Object.entries(secrets)) {
    if (!OURS.test(key) || !isExpired(url, now)) continue;
    await client.creds.setUserSecret(key, null, options);
  }
}

const OURS = new RegExp(`^${manifestSecretKey('[a-z0-9]{10}')}$`);

/** What a presigned URL says of its end; one that says nothing does not end as far as we know. */
function isExpired(url: string, now: number): boolean {
  const query = URL.canParse(url) ? new URL(url).searchParams : undefined;
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(query?.get('X-Amz-Date') ?? '') ?? [];
  const seconds = Number(query?.get('X-Amz-Expires') ?? Number.NaN);
  if (date === undefined || time === undefined) return false;
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`;
  return Date.parse(iso) + seconds * 1000 < now;
}

function isWithoutSecrets(error: unknown): boolean {
  return error instanceof PandaError && (error.status === 404 || error.status === 405);
}

function withoutSecrets({ name, server }: Profile): SubmissionError {
  return new SubmissionError(
    `The server of ${name} (${server}) keeps no secrets of its users, and jobs get the URLs of files in a bucket by one.`,
    'Stage in a folder that the worker nodes see, or ask who runs the server for a newer one',
  );
}
