import { isAbsolute } from 'node:path';
import { isObject } from '../wire/envelope.ts';
import type { StagingSettings } from './profile.ts';
import type { Fields, SettingsReader } from './settingsReader.ts';

const AT = 'staging.';
const S3_KEYS = [
  'kind',
  'bucket',
  'prefix',
  'endpoint',
  'region',
  'pathStyle',
  'caFile',
  'credentialsProfile',
  'checksums',
];

/**
 * Reads where a profile stages files: `{kind: "folder", folder}` or `{kind: "s3", bucket, prefix?, endpoint?, region?,
 * pathStyle?, caFile?, credentialsProfile?, checksums?}`. Keys never stand there: the AWS tools' own places hold them.
 */
export function readStagingSettings(reader: SettingsReader, json: unknown): StagingSettings | undefined {
  if (json === undefined) return undefined;
  if (!isObject(json)) {
    reader.report('staging', 'is not an object');
    return undefined;
  }
  switch (json.kind) {
    case 'folder':
      return readFolder(reader, json);
    case 's3':
      return readS3(reader, json);
    default:
      reader.report(`${AT}kind`, 'is none of folder, s3');
      return undefined;
  }
}

function readFolder(reader: SettingsReader, json: Fields): StagingSettings {
  reader.onlyKeys(json, ['kind', 'folder'], AT);
  const folder = reader.path(json, 'folder', true, AT) ?? '';
  if (folder !== '' && !isAbsolute(folder)) reader.report(`${AT}folder`, 'is not an absolute path');
  return { kind: 'folder', folder };
}

function readS3(reader: SettingsReader, json: Fields): StagingSettings {
  reader.onlyKeys(json, S3_KEYS, AT);
  const bucket = reader.text(json, 'bucket', true, AT) ?? '';
  if (bucket.includes('/')) reader.report(`${AT}bucket`, 'has a slash; what follows it is the prefix');
  const prefix = reader.text(json, 'prefix', false, AT);
  if (
    prefix?.split('/').some((part, index, all) => part === '..' || (part === '' && index < all.length - 1))
  ) {
    reader.report(`${AT}prefix`, 'is not like folder/folder');
  }
  const { checksums } = json;
  const known = checksums === 'whenRequired' || checksums === 'whenSupported' ? checksums : undefined;
  if (checksums !== undefined && known === undefined) {
    reader.report(`${AT}checksums`, 'is none of whenRequired, whenSupported');
  }
  return {
    kind: 's3',
    bucket,
    prefix,
    endpoint: reader.origin(json, 'endpoint', false, AT),
    region: reader.text(json, 'region', false, AT),
    pathStyle: reader.flag(json, 'pathStyle', AT),
    caFile: reader.path(json, 'caFile', false, AT),
    credentialsProfile: reader.text(json, 'credentialsProfile', false, AT),
    checksums: known,
  };
}
