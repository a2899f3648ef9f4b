import { isObject } from '../wire/envelope.ts';
import type { DatacatConfig } from './profile.ts';
import type { Fields, SettingsReader } from './settingsReader.ts';

const AT = 'datacat.';
const AT_AUTHENTICATION = `${AT}authentication.`;

/**
 * Reads which data catalog a profile uses: `{url, authentication?}`, where authentication is `{kind: "none"}` (the default),
 * `{kind: "keyFile", file}` or `{kind: "profile"}`. The address keeps its path. Keys never stand in a profile.
 */
export function readDatacatConfig(reader: SettingsReader, json: unknown): DatacatConfig | undefined {
  if (json === undefined) return undefined;
  if (!isObject(json)) {
    reader.report('datacat', 'is not an object');
    return undefined;
  }
  reader.onlyKeys(json, ['url', 'authentication'], AT);
  const origin = reader.origin(json, 'url', true, AT);
  const path = origin === undefined ? '' : new URL(String(json.url)).pathname.replace(/\/+$/u, '');
  return { url: `${origin ?? ''}${path}`, authentication: readAuthentication(reader, json.authentication) };
}

function readAuthentication(reader: SettingsReader, json: unknown): DatacatConfig['authentication'] {
  const fields: Fields = isObject(json) ? json : { kind: json === undefined ? 'none' : undefined };
  switch (fields.kind) {
    case 'none':
    case 'profile':
      reader.onlyKeys(fields, ['kind'], AT_AUTHENTICATION);
      return { kind: fields.kind };
    case 'keyFile':
      reader.onlyKeys(fields, ['kind', 'file'], AT_AUTHENTICATION);
      return { kind: 'keyFile', file: reader.path(fields, 'file', true, AT_AUTHENTICATION) ?? '' };
    default:
      reader.report(`${AT_AUTHENTICATION}kind`, 'is none of none, keyFile, profile');
      return { kind: 'none' };
  }
}
