import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { manifestInSecret, manifestSecretKey } from '../panda/index.ts';
import type { ManifestReference, StagingSettings } from '../panda/index.ts';
import { checkKey, MANIFESTS, manifestsKey } from './keys.ts';
import type { AreaName, AttemptName } from './keys.ts';

/** The settings with everything staged below a folder of the place that they name. */
export function settingsBelow(settings: StagingSettings, folder: string): StagingSettings {
  if (folder === '') return settings;
  if (settings.kind === 'folder') return { ...settings, folder: join(settings.folder, folder) };
  return { ...settings, prefix: prefixOf(settings) + folder };
}

/** The place for people: `s3://desc-panda/trial`, or the path of a folder. */
export function describePlace(settings: StagingSettings): string {
  if (settings.kind === 'folder') return settings.folder;
  return `s3://${settings.bucket}/${prefixOf(settings)}`.replace(/\/$/, '');
}

/** Where an object is, for people: `s3://desc-panda/trial/<key>`, or a file URL. It holds no secret, and opens nothing. */
export function addressOfKey(settings: StagingSettings, key: string): string {
  if (settings.kind === 'folder') return pathToFileURL(join(settings.folder, key)).href;
  return `s3://${settings.bucket}/${prefixOf(settings)}${key}`;
}

/** What job `number` of a submission is told of its manifest. Holds no secret: the URL of a bucket's object is one. */
export function manifestReference(
  settings: StagingSettings,
  area: AreaName,
  number: number,
): ManifestReference {
  const key = manifestsKey(area);
  if (settings.kind === 's3') {
    return manifestInSecret(manifestSecretKey(area.submissionId), prefixOf(settings) + key, number);
  }
  return `file://${pathToFileURL(join(settings.folder, key)).pathname}#${number}`;
}

/** Where a job's files are, as its reference says. */
export interface StagedPlace {
  readonly settings: StagingSettings;
  /** That which they lie below at the place of the profile; empty for the place itself. */
  readonly folder: string;
  /** The first; `attemptOfRun` tells whether those of a run are in the second. */
  readonly attempt: AttemptName;
}

/**
 * Finds the files of a job by the reference to its manifest, which may come from anybody; undefined for one that is none
 * of ours, or leads out of the place that the settings name.
 */
export function placeOfReference(reference: string, settings: StagingSettings): StagedPlace | undefined {
  const [, where = '', number = ''] = /^(.*)#([1-9]\d{0,8})$/su.exec(reference) ?? [];
  const key = keyOf(where, settings);
  if (key === undefined) return undefined;
  try {
    const [name, submissionId = '', date = '', user = '', ...above] = checkKey(key).split('/').reverse();
    const area = { user, date, submissionId };
    if (name !== MANIFESTS || !key.endsWith(manifestsKey(area))) return undefined;
    const attempt = { area, jobId: number, attempt: 1 };
    const folder = above.reverse().join('/');
    return { settings: settingsBelow(settings, folder), folder, attempt };
  } catch {
    return undefined;
  }
}

/** The key below the place of the settings. */
function keyOf(where: string, settings: StagingSettings): string | undefined {
  if (settings.kind === 's3') {
    const [, key] = /^secret:\w+:(.*)$/su.exec(where) ?? [];
    const prefix = prefixOf(settings);
    return key?.startsWith(prefix) === true ? key.slice(prefix.length) : undefined;
  }
  if (!where.startsWith('file:///') || !URL.canParse(where)) return undefined;
  try {
    const way = relative(settings.folder, fileURLToPath(where));
    return way.startsWith('..') ? undefined : way.split(sep).join('/');
  } catch {
    return undefined;
  }
}

/** With a slash at its end unless it is empty. */
function prefixOf({ prefix = '' }: Extract<StagingSettings, { kind: 's3' }>): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}
