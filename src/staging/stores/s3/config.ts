/** Who signs. Keys given explicitly come from a secret storage and stay in memory. */
export type S3Credentials =
  | {
      readonly kind: 'keys';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    }
  /** What AWS tools find by themselves: environment, profiles, single sign-on, the machine's role. */
  | {
      readonly kind: 'chain';
      /** Of the files below `~/.aws`; undefined: the default one. */ readonly profile?: string;
    };

/** A prefix of a bucket of an S3 store. */
export interface S3Config {
  readonly bucket: string;
  /** All keys lie below it; empty for the whole bucket. */
  readonly prefix: string;
  /** `https://host[:port]`; undefined for AWS itself. */
  readonly endpoint: string | undefined;
  /** Undefined: what AWS tools are set to, or `us-east-1` with an endpoint. */
  readonly region: string | undefined;
  /** The bucket in the path instead of the host name; undefined: with every endpoint but AWS's. */
  readonly pathStyle: boolean | undefined;
  /** PEM file with certificate authorities, added to the system's own. */
  readonly caFile: string | undefined;
  readonly credentials: S3Credentials;
  /**
   * Whether requests carry checksums that S3 has had since 2022 and older stores refuse, or store with the content.
   * Undefined: for AWS only. Presigned URLs never have them, as they would be those of an empty file.
   */
  readonly checksums: 'whenRequired' | 'whenSupported' | undefined;
}

/** How patient the connection is; tests turn this down. */
export interface S3Patience {
  /** Tries of one request, by the SDK's own back-off. */
  readonly attempts: number;
  readonly connectMs: number;
  /** Without a byte either way. */
  readonly idleMs: number;
}

export const S3_PATIENCE: S3Patience = { attempts: 3, connectMs: 15_000, idleMs: 60_000 };

/** True where AWS answers itself. */
export function isAws({ endpoint }: Pick<S3Config, 'endpoint'>): boolean {
  if (endpoint === undefined) return true;
  return URL.canParse(endpoint) && /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
}

/** `bucket desc/panda at s3.example.org`. */
export function describeS3({ bucket, prefix, endpoint }: S3Config): string {
  const host = endpoint === undefined ? 'AWS' : URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
  return `bucket ${bucket}${prefix === '' ? '' : `/${prefix.replace(/\/$/, '')}`} at ${host}`;
}
