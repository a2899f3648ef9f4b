import { isAbsolute } from 'node:path';
import type { SandboxOptions } from '../../sandbox/index.ts';
import type { Settings } from '../contributions.ts';
import { SettingsError } from '../settings.ts';
import type { SettingsReader } from '../settings.ts';

/** The sandbox as the settings want it, in `defaultFolder` unless they name another. */
export function sandboxOptions(settings: SettingsReader, defaultFolder: string): SandboxOptions {
  return {
    dataFolder: sandboxFolder(settings) ?? defaultFolder,
    port: whole(settings, 'sandbox.port', 0, 65535),
    slots: whole(settings, 'sandbox.slots', 1, 64),
    heartbeatSeconds: whole(settings, 'sandbox.heartbeatSeconds', 1, 3600),
  };
}

/** Where the setting wants it; undefined where it says nothing. Throws a SettingsError for one that cannot be used. */
export function sandboxFolder(settings: SettingsReader): string | undefined {
  const value = settings.get('sandbox.dataFolder');
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && isAbsolute(value)) return value;
  throw new SettingsError(
    'sandbox.dataFolder',
    'is no absolute path',
    'Give an absolute path, or nothing for the default',
  );
}

function whole(settings: SettingsReader, key: keyof Settings, least: number, most: number): number {
  const value = settings.get(key);
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SettingsError(
    key,
    `is no whole number from ${least} to ${most}`,
    `Set a number from ${least} to ${most}`,
  );
}
