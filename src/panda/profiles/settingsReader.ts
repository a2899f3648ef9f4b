import { join } from 'node:path';
import type { Problem } from '../jobs/request.ts';

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads fields of the kinds a profile has and collects what is wrong with them. */
export class SettingsReader {
  readonly problems: Problem[] = [];
  readonly #home: string;

  /** `home`: what `~/` at the beginning of a path stands for. */
  constructor(home: string) {
    this.#home = home;
  }

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

  /** The path of a file or folder. */
  path(json: Fields, key: string, required = false, at = ''): string | undefined {
    const text = this.text(json, key, required, at);
    return text?.startsWith('~/') === true ? join(this.#home, text.slice(2)) : text;
  }

  flag(json: Fields, key: string, at = ''): boolean | undefined {
    const value = json[key];
    if (value !== undefined && typeof value !== 'boolean') {
      this.report(`${at}${key}`, 'is neither true nor false');
      return undefined;
    }
    return value;
  }

  origin(json: Fields, key: string, required = false, at = ''): string | undefined {
    const text = this.text(json, key, required, at);
    if (text === undefined) {
      return undefined;
    }
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      this.report(`${at}${key}`, 'is not an address like https://host:8443');
      return undefined;
    }
    if (url.username !== '' || url.password !== '') {
      this.report(`${at}${key}`, 'holds a name or password; addresses are shown and logged');
      return undefined;
    }
    return url.origin;
  }
}
