import { isObject } from './envelope.ts';
import { isLoopback } from './httpAgents.ts';
import type { Problem } from './jobRequest.ts';

/** How a profile proves who it is, as written in a settings file: where a token is found, never the token itself. */
export type AuthenticationConfig =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'token';
      /** File that holds the token. */
      readonly tokenFile: string | undefined;
      /** Environment variable that holds the token, or names nothing. */
      readonly tokenVariable: string | undefined;
      /** Sent as `Origin`: the VO, or `VO:role`; the profile's `vo` where not given. */
      readonly origin: string;
    }
  | { readonly kind: 'certificate'; readonly certFile: string; readonly keyFile: string };

/** A profile as written in a settings file, checked and completed; see `Profile` for what the fields mean. */
export interface ProfileConfig {
  readonly name: string;
  readonly server: string;
  readonly cache: string;
  readonly monitor: string | undefined;
  readonly vo: string;
  readonly user: string | undefined;
  readonly site: string | undefined;
  readonly prodSourceLabel: string;
  readonly workingGroup: string | undefined;
  readonly cloud: string | undefined;
  readonly caFile: string | undefined;
  readonly verifyHost: boolean;
  readonly proxy: string | undefined;
  readonly authentication: AuthenticationConfig;
}

export type ProfileResult =
  | { readonly kind: 'profile'; readonly profile: ProfileConfig }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

const KEYS = [
  'server',
  'cache',
  'monitor',
  'vo',
  'user',
  'site',
  'prodSourceLabel',
  'workingGroup',
  'cloud',
  'caFile',
  'verifyHost',
  'proxy',
  'authentication',
];

/**
 * Checks a profile from a settings file. URLs are cut to their origin, so that `https://host:8443/server/panda` may be
 * pasted as it stands in a deployment's own instructions.
 */
export function parseProfile(name: string, json: unknown): ProfileResult {
  const reader = new Reader();
  if (!isObject(json)) {
    reader.report(name, 'is not an object');
    return { kind: 'problems', problems: reader.problems };
  }
  reader.onlyKeys(json, KEYS, '');
  const server = reader.origin(json, 'server', true) ?? '';
  const vo = reader.text(json, 'vo', true) ?? '';
  const authentication = readAuthentication(reader, json.authentication, vo);
  const profile: ProfileConfig = {
    name,
    server,
    cache: reader.origin(json, 'cache') ?? server,
    monitor: reader.origin(json, 'monitor'),
    vo,
    user: reader.text(json, 'user'),
    site: reader.text(json, 'site'),
    prodSourceLabel: reader.text(json, 'prodSourceLabel') ?? 'user',
    workingGroup: reader.text(json, 'workingGroup'),
    cloud: reader.text(json, 'cloud'),
    caFile: reader.text(json, 'caFile'),
    verifyHost: reader.flag(json, 'verifyHost') ?? true,
    proxy: reader.origin(json, 'proxy'),
    authentication,
  };
  for (const url of [profile.server, profile.cache, profile.monitor]) {
    if (authentication.kind === 'token' && url !== undefined && isOpenToListeners(url)) {
      reader.report('server', `${url} would receive the token unencrypted; use https`);
    }
  }
  return reader.problems.length > 0
    ? { kind: 'problems', problems: reader.problems }
    : { kind: 'profile', profile };
}

function readAuthentication(reader: Reader, json: unknown, vo: string): AuthenticationConfig {
  if (json === undefined) {
    return { kind: 'none' };
  }
  if (!isObject(json)) {
    reader.report('authentication', 'is not an object');
    return { kind: 'none' };
  }
  const at = 'authentication.';
  switch (json.kind) {
    case 'none':
      reader.onlyKeys(json, ['kind'], at);
      return { kind: 'none' };
    case 'token': {
      reader.onlyKeys(json, ['kind', 'tokenFile', 'tokenVariable', 'origin'], at);
      const tokenFile = reader.text(json, 'tokenFile', false, at);
      const tokenVariable = reader.text(json, 'tokenVariable', false, at);
      if ((tokenFile === undefined) === (tokenVariable === undefined)) {
        reader.report('authentication', 'needs either tokenFile or tokenVariable');
      }
      return {
        kind: 'token',
        tokenFile,
        tokenVariable,
        origin: reader.text(json, 'origin', false, at) ?? vo,
      };
    }
    case 'certificate':
      reader.onlyKeys(json, ['kind', 'certFile', 'keyFile'], at);
      return {
        kind: 'certificate',
        certFile: reader.text(json, 'certFile', true, at) ?? '',
        keyFile: reader.text(json, 'keyFile', true, at) ?? '',
      };
    default:
      reader.report(`${at}kind`, 'is none of none, token, certificate');
      return { kind: 'none' };
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads fields of the kinds a profile has and collects what is wrong with them. */
class Reader {
  readonly problems: Problem[] = [];

  report(where: string, message: string): void {
    this.problems.push({ where, message });
  }

  onlyKeys(json: Fields, keys: readonly string[], at: string): void {
    for (const key of Object.keys(json)) {
      if (!keys.includes(key)) {
        this.report(`${at}${key}`, 'is not a setting of a profile');
      }
    }
  }

  text(json: Fields, key: string, required = false, at = ''): string | undefined {
    const value = json[key];
    if (value === undefined && !required) {
      return undefined;
    }
    if (typeof value !== 'string' || value.trim() === '' || /\p{Cc}/u.test(value)) {
      this.report(`${at}${key}`, value === undefined ? 'is missing' : 'is not a line of text');
      return undefined;
    }
    return value.trim();
  }

  flag(json: Fields, key: string): boolean | undefined {
    const value = json[key];
    if (value !== undefined && typeof value !== 'boolean') {
      this.report(key, 'is neither true nor false');
      return undefined;
    }
    return value;
  }

  origin(json: Fields, key: string, required = false): string | undefined {
    const text = this.text(json, key, required);
    if (text === undefined) {
      return undefined;
    }
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      this.report(key, 'is not an address like https://host:8443');
      return undefined;
    }
    if (url.username !== '' || url.password !== '') {
      this.report(key, 'holds a name or password; addresses are shown and logged');
      return undefined;
    }
    return url.origin;
  }
}

function isOpenToListeners(origin: string): boolean {
  if (!URL.canParse(origin)) {
    return false;
  }
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && !isLoopback(hostname);
}
