import type { Authentication, DatacatConfig, Profile, StagingSettings } from './profile.ts';
import type { SourcedFields } from './environmentProfile.ts';

/** One value of a profile as it is shown. Holds no secret. */
export interface ProfileValue {
  /** As in a settings file: `server`, `authentication`. */
  readonly field: string;
  readonly value: string;
  /** Where it comes from: `PANDA_URL_SSL`, `known deployment usdf`, `default`. */
  readonly from: string;
}

/** The values of a profile, in a fixed order, without those that nobody set and that have no default. */
export function valuesOf(
  profile: Profile,
  fields: SourcedFields,
  byDefault = 'default',
): readonly ProfileValue[] {
  const shown: readonly (readonly [field: string, value: string | undefined])[] = [
    ['server', profile.server],
    ['cache', profile.cache],
    ['monitor', profile.monitor],
    ['vo', profile.vo],
    ['user', profile.user],
    ['authentication', describeAuthentication(profile.authentication)],
    ['configRoot', profile.authentication.kind === 'oidc' ? profile.authentication.configRoot : undefined],
    ['site', profile.defaultSite],
    ['prodSourceLabel', fields.has('prodSourceLabel') ? profile.prodSourceLabel : undefined],
    ['workingGroup', profile.workingGroup],
    ['cloud', profile.cloud],
    ['proxy', profile.proxy],
    ['noProxy', profile.noProxy],
    ['caFile', profile.caFile],
    ['verifyHost', profile.verifyHost ? undefined : 'off: certificates are not checked'],
    ['staging', profile.staging === undefined ? undefined : describeStaging(profile.staging)],
    ['datacat', profile.datacat === undefined ? undefined : describeDatacat(profile.datacat)],
  ];
  return shown.flatMap(([field, value]) =>
    value === undefined ? [] : [{ field, value, from: fields.get(field)?.from ?? byDefault }],
  );
}

/** The values of a profile that was put together by `from`, as by a sandbox. */
export function valuesGivenBy(profile: Profile, from: string): readonly ProfileValue[] {
  return valuesOf(profile, new Map(), from);
}

/** How a profile proves who it is, in words. */
export function describeAuthentication(authentication: Authentication): string {
  switch (authentication.kind) {
    case 'none':
      return 'none';
    case 'oidc':
      return `sign-in for ${authentication.origin}`;
    case 'token':
      return `ready-made token for ${authentication.origin}${authentication.from === undefined ? '' : ` in ${authentication.from}`}`;
    case 'certificate':
      return `certificate ${authentication.certFile}`;
  }
}

function describeDatacat({ url, authentication }: DatacatConfig): string {
  switch (authentication.kind) {
    case 'none':
      return `${url}, as everybody`;
    case 'keyFile':
      return `${url}, with the key of ${authentication.file}`;
    case 'profile':
      return `${url}, as at PanDA`;
  }
}

function describeStaging(staging: StagingSettings): string {
  if (staging.kind === 'folder') return staging.folder;
  const place = `s3://${[staging.bucket, staging.prefix].filter(Boolean).join('/')}`;
  return staging.endpoint === undefined ? place : `${place} at ${staging.endpoint}`;
}
