import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isObject } from '../wire/envelope.ts';
import { isLoopback } from '../http/agents.ts';
import type { Problem } from '../jobs/request.ts';
import type { Authentication, Profile } from './profile.ts';
import { readDatacatConfig } from './datacatConfig.ts';
import { SettingsReader } from './settingsReader.ts';
import type { Fields } from './settingsReader.ts';
import { readStagingSettings } from './stagingConfig.ts';

/** What a profile may need from the outside. */
export interface ProfileSurroundings {
  /** The environment, where profiles may name a variable that holds the token. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Who submits where the profile does not say. */
  readonly user?: string;
  /** What `~/` in a path stands for; default: the user's own. */
  readonly home?: string;
  /** Where a sign-in is kept unless the profile says it; default: where the official client keeps it, `~/.pathena`. */
  readonly configRoot?: string;
}

export type ProfileResult =
  | { readonly kind: 'profile'; readonly profile: Profile }
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
  'noProxy',
  'authentication',
  'staging',
  'datacat',
];

/**
 * Reads a profile as written in a settings file:
 * `{server, cache?, monitor?, vo, user?, site?, prodSourceLabel?, workingGroup?, cloud?, caFile?, verifyHost?, proxy?,
 * noProxy?, authentication?, staging?, datacat?}`, where authentication is `{kind: "none"}`, `{kind: "oidc", origin?, configRoot?}`,
 * `{kind: "token", tokenFile | tokenVariable, origin?}` or `{kind: "certificate", certFile, keyFile?}`. The token itself
 * never stands in a profile. URLs are cut to their origin, so that `https://host:8443/server/panda` may be pasted as a
 * deployment's own instructions have it. Paths may begin with `~/`.
 */
export function parseProfile(
  name: string,
  json: unknown,
  surroundings: ProfileSurroundings = {},
): ProfileResult {
  const reader = new SettingsReader(surroundings.home ?? homedir());
  if (!isObject(json)) {
    return { kind: 'problems', problems: [{ where: name, message: 'is not an object' }] };
  }
  reader.onlyKeys(json, KEYS, '');
  const server = reader.origin(json, 'server', true) ?? '';
  const vo = reader.text(json, 'vo', true) ?? '';
  const staging = readStagingSettings(reader, json.staging);
  const noProxy = reader.text(json, 'noProxy');
  const datacat = readDatacatConfig(reader, json.datacat);
  const profile: Profile = {
    name,
    server,
    cache: reader.origin(json, 'cache') ?? server,
    monitor: reader.origin(json, 'monitor'),
    vo,
    user: reader.text(json, 'user', surroundings.user === undefined) ?? surroundings.user ?? '',
    defaultSite: reader.text(json, 'site'),
    prodSourceLabel: reader.text(json, 'prodSourceLabel') ?? 'user',
    workingGroup: reader.text(json, 'workingGroup'),
    cloud: reader.text(json, 'cloud'),
    caFile: reader.path(json, 'caFile'),
    verifyHost: reader.flag(json, 'verifyHost') ?? true,
    proxy: reader.origin(json, 'proxy'),
    ...(noProxy === undefined ? {} : { noProxy }),
    authentication: readAuthentication(reader, json.authentication, vo, surroundings),
    ...(staging === undefined ? {} : { staging }),
    ...(datacat === undefined ? {} : { datacat }),
  };
  reportOpenToken(reader, profile);
  return reader.problems.length > 0
    ? { kind: 'problems', problems: reader.problems }
    : { kind: 'profile', profile };
}

function readAuthentication(
  reader: SettingsReader,
  json: unknown,
  vo: string,
  surroundings: ProfileSurroundings,
): Authentication {
  if (json === undefined) {
    return { kind: 'none' };
  }
  if (!isObject(json)) {
    reader.report('authentication', 'is not an object');
    return { kind: 'none' };
  }
  switch (json.kind) {
    case 'none':
      reader.onlyKeys(json, ['kind'], AT);
      return { kind: 'none' };
    case 'oidc':
      return readSignIn(reader, json, vo, surroundings);
    case 'token':
      return readTokenAuthentication(reader, json, vo, surroundings);
    case 'certificate':
      reader.onlyKeys(json, ['kind', 'certFile', 'keyFile'], AT);
      return {
        kind: 'certificate',
        ...readCertificate(reader, json),
      };
    default:
      reader.report(`${AT}kind`, 'is none of none, oidc, token, certificate');
      return { kind: 'none' };
  }
}

/** A proxy file holds both certificate and key. */
function readCertificate(reader: SettingsReader, json: Fields): { certFile: string; keyFile: string } {
  const certFile = reader.path(json, 'certFile', true, AT) ?? '';
  return { certFile, keyFile: reader.path(json, 'keyFile', false, AT) ?? certFile };
}

function readSignIn(
  reader: SettingsReader,
  json: Fields,
  vo: string,
  surroundings: ProfileSurroundings,
): Authentication {
  reader.onlyKeys(json, ['kind', 'origin', 'configRoot'], AT);
  const { home = homedir(), configRoot: usual = join(home, '.pathena') } = surroundings;
  const configRoot = reader.path(json, 'configRoot', false, AT) ?? usual;
  if (!isAbsolute(configRoot)) reader.report(`${AT}configRoot`, 'is not an absolute path');
  const origin = reader.text(json, 'origin', false, AT) ?? vo;
  // It becomes part of an address.
  if (origin !== '' && !/^[\w-]+(?:[.:][\w-]+)?$/.test(origin)) {
    reader.report(`${AT}origin`, 'is not a VO, or VO:role');
  }
  return { kind: 'oidc', origin, configRoot };
}

function readTokenAuthentication(
  reader: SettingsReader,
  json: Fields,
  vo: string,
  surroundings: ProfileSurroundings,
): Authentication {
  reader.onlyKeys(json, ['kind', 'tokenFile', 'tokenVariable', 'origin'], AT);
  const file = reader.path(json, 'tokenFile', false, AT);
  const variable = reader.text(json, 'tokenVariable', false, AT);
  const origin = reader.text(json, 'origin', false, AT) ?? vo;
  if ((file === undefined) === (variable === undefined)) {
    reader.report('authentication', 'needs either tokenFile or tokenVariable');
  }
  const token = async (): Promise<string> =>
    file === undefined
      ? (surroundings.variables?.[variable ?? ''] ?? '')
      : readToken(await readFile(file, 'utf8'));
  const from = file ?? (variable === undefined ? undefined : `the variable ${variable}`);
  return { kind: 'token', token, origin, ...(from === undefined ? {} : { from }) };
}

/** A token file holds the token alone, or the identity provider's whole answer, where the id token is what counts. */
function readToken(text: string): string {
  if (!text.trimStart().startsWith('{')) {
    return text;
  }
  try {
    const answer: unknown = JSON.parse(text);
    return isObject(answer) && typeof answer.id_token === 'string' ? answer.id_token : '';
  } catch {
    // The parser's own words quote the file, and with it the token.
    throw new Error('the token file is neither a token nor JSON');
  }
}

function reportOpenToken(reader: SettingsReader, profile: Profile): void {
  for (const [key, url] of Object.entries({
    server: profile.server,
    cache: profile.cache,
    monitor: profile.monitor,
    'datacat.url': profile.datacat?.authentication.kind === 'profile' ? profile.datacat.url : undefined,
  })) {
    if (bearsToken(profile) && url !== undefined && isOpenToListeners(url)) {
      reader.report(key, `is ${url}: the token would travel unencrypted; use https`);
    }
  }
}

function bearsToken({ authentication: { kind } }: Profile): boolean {
  return kind === 'token' || kind === 'oidc';
}

const AT = 'authentication.';

function isOpenToListeners(origin: string): boolean {
  if (!URL.canParse(origin)) {
    return false;
  }
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && !isLoopback(hostname);
}
