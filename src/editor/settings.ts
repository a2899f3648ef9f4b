import { SETTINGS_SECTION, type Settings } from './contributions.ts';

/** Reads a setting at the moment of use. Values are checked by whoever needs them: people write settings by hand. */
export interface SettingsReader {
  get(key: keyof Settings): unknown;
}

/** A setting that cannot be used. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly advice: string;

  constructor(key: keyof Settings, trouble: string, advice: string) {
    super(`The setting ${SETTINGS_SECTION}.${key} ${trouble}.`);
    this.advice = advice;
  }
}

/** A text setting; undefined where it is empty. */
export function textSetting(settings: SettingsReader, key: keyof Settings): string | undefined {
  const value = settings.get(key);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
