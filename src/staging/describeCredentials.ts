import type { StagingSettings } from '../panda/index.ts';
import { StagingError } from './errors.ts';
import { describeS3, isAws } from './stores/s3/config.ts';
import type { S3Credentials } from './stores/s3/config.ts';
import type { CredentialFacts } from './stores/s3/credentialFacts.ts';
import { s3Error } from './stores/s3/errors.ts';

type S3Settings = Extract<StagingSettings, { kind: 's3' }>;

/** The address at which a bucket's store answers. */
export function stagingEndpoint({ endpoint, region }: S3Settings): string {
  return endpoint ?? `https://s3.${region ?? 'us-east-1'}.amazonaws.com`;
}

/** Whether AWS itself is the store. */
export function isAwsItself(settings: S3Settings): boolean {
  return isAws(settings);
}

/** Where the keys of a bucket are found: those given, else as AWS tools look for them. Rejects with StagingError. */
export async function describeCredentials(
  settings: S3Settings,
  keys: S3Credentials | undefined,
): Promise<CredentialFacts> {
  const { credentialsProfile: profile } = settings;
  const chain: S3Credentials = profile === undefined ? { kind: 'chain' } : { kind: 'chain', profile };
  const { credentialFacts } = await import('./stores/s3/credentialFacts.ts');
  const place = describeS3({ ...settings, prefix: settings.prefix ?? '', credentials: chain });
  try {
    return await credentialFacts(keys ?? chain);
  } catch (error) {
    if (error instanceof StagingError) throw error;
    throw s3Error(error, `find keys for ${place}`);
  }
}
