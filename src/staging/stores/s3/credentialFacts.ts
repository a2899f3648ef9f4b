import type { S3Credentials } from './config.ts';

/** What is known of the keys that a bucket is asked with; never the keys. */
export interface CredentialFacts {
  /** Where they were found, for people. */
  readonly from: string;
  /** Epoch ms; undefined for keys without an end. */
  readonly endsAt: number | undefined;
}

/** By the SDK's names of the places where it looks. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/SSO/, 'single sign-on (aws sso login)'],
  [/PROCESS/, 'the credential_process of ~/.aws'],
  [/WEB_ID/, 'a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)'],
  [/ENV_VARS/, 'the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  [/PROFILE/, 'the files of ~/.aws'],
  [/IMDS/, 'the role of this machine'],
  [/HTTP/, 'the role of this container'],
];

/** Looks for keys as the first request does. Rejects with the SDK's error where there are none. */
export async function credentialFacts(credentials: S3Credentials): Promise<CredentialFacts> {
  if (credentials.kind === 'keys') return { from: 'the secret storage of the editor', endsAt: undefined };
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { profile } = credentials;
  // The region does not matter: nothing is sent to the bucket.
  const client = new S3Client({ region: 'us-east-1', ...(profile === undefined ? {} : { profile }) });
  try {
    const found: { readonly expiration?: Date; readonly $source?: object } =
      await client.config.credentials();
    const sources = Object.keys(found.$source ?? {}).join(' ');
    const place = PLACES.find(([name]) => name.test(sources))?.[1] ?? 'where AWS tools look';
    return {
      from: profile === undefined ? place : `${place}, profile ${profile}`,
      endsAt: found.expiration?.getTime(),
    };
  } finally {
    client.destroy();
  }
}
