/** How a profile proves who it is. */
export type Authentication =
  | { readonly kind: 'none' }
  /**
   * A sign-in with the identity provider of the VO, kept in `configRoot`, an absolute path, where the official client keeps
   * its own. `origin` is the VO, or `VO:role`, which is sent along.
   */
  | { readonly kind: 'oidc'; readonly origin: string; readonly configRoot: string }
  /** A ready-made bearer token. It is asked for at each call, so that another one is used at once. */
  | {
      readonly kind: 'token';
      readonly token: () => Promise<string>;
      readonly origin: string;
      /** Where it is read from, for people: a file, the name of a variable. */
      readonly from?: string;
    }
  /** A client certificate, as two PEM files (a proxy file serves as both). */
  | { readonly kind: 'certificate'; readonly certFile: string; readonly keyFile: string };

/** Where job files wait. Credentials are never part of it. */
export type StagingSettings =
  | { readonly kind: 'folder'; /** Absolute. */ readonly folder: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** All keys lie below it. */
      readonly prefix: string | undefined;
      /** `https://host[:port]`; undefined for AWS itself. */
      readonly endpoint: string | undefined;
      readonly region: string | undefined;
      /** The bucket in the path instead of the host name; undefined: with every endpoint but AWS's. */
      readonly pathStyle: boolean | undefined;
      /** PEM file with certificate authorities, added to the system's own. */
      readonly caFile: string | undefined;
      /** Name of a profile of the AWS tools; undefined: what they find by themselves. */
      readonly credentialsProfile: string | undefined;
      /** Whether to send checksums that older stores do not know; undefined: to AWS only. */
      readonly checksums: 'whenRequired' | 'whenSupported' | undefined;
    };

/** Which data catalog goes with a PanDA. Keys are never part of it. */
export interface DatacatConfig {
  /** With its path: `https://host/datacat-v0.5/r`. */
  readonly url: string;
  readonly authentication:
    /** As everybody. */
    | { readonly kind: 'none' }
    /** With the key in a configuration file of the catalog's own client. */
    | { readonly kind: 'keyFile'; readonly file: string }
    /** With the token that PanDA is shown. */
    | { readonly kind: 'profile' };
}

/**
 * One named connection. The rest of the code is handed a profile and never reads the environment or settings itself.
 * URLs are origins (`https://host:8443`), without `/server/panda` or `/api/v1`.
 */
export interface Profile {
  readonly name: string;
  readonly server: string;
  /** Where sandbox tarballs and payload scripts are stored and fetched: `<cache>/cache/<name>`. */
  readonly cache: string;
  readonly monitor: string | undefined;
  readonly authentication: Authentication;
  /** Goes into the VO attribute of submitted jobs. */
  readonly vo: string;
  /** Goes into prodUserName: with VO `lsst` the server takes the owner of a job from it. */
  readonly user: string;
  /** Whose the token or certificate is, as PanDA calls them; undefined where nobody knows. */
  readonly signedInAs?: string;
  /** `user` for ordinary jobs; `panda`, `test`, `managed` where a deployment asks for it. */
  readonly prodSourceLabel: string;
  readonly workingGroup: string | undefined;
  readonly cloud: string | undefined;
  readonly defaultSite: string | undefined;
  /** PEM file with certificate authorities, or a folder of such files, added to the system's own. */
  readonly caFile: string | undefined;
  /** False only where the user said so: certificates are then not checked. */
  readonly verifyHost: boolean;
  /** `http://host:port`, or undefined for a direct connection. */
  readonly proxy: string | undefined;
  /** Hosts and domains that are asked without the proxy, as NO_PROXY has them. */
  readonly noProxy?: string;
  /** `name:password` for the proxy; asked for when it is used, and never shown. */
  readonly proxyCredentials?: () => string;
  /** Where files of jobs are staged, if anywhere. */
  readonly staging?: StagingSettings;
  readonly datacat?: DatacatConfig;
}
