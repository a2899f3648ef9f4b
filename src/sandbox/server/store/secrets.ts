import { asciiJson } from '../wire/jsonText.ts';
import type { Store } from './store.ts';

/** Old clients keep files by keys that begin so, and remove them by the key alone. */
const FILE_PREFIX = '___file___:';

/** Sets a secret of a user, or removes it with null; without key all of them are removed. */
export function setSecret(store: Store, owner: string, key: string | null, value: string | null): void {
  store.transaction(() => {
    if (key === null) {
      store.run('DELETE FROM secrets WHERE owner = ?', owner);
    } else if (value === null) {
      const isThere = store.rows('SELECT 1 FROM secrets WHERE owner = ? AND key = ?', owner, key).length > 0;
      store.run(
        'DELETE FROM secrets WHERE owner = ? AND key = ?',
        owner,
        isThere ? key : `${FILE_PREFIX}${key}`,
      );
    } else {
      store.run(
        'INSERT INTO secrets VALUES (?, ?, ?) ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value',
        owner,
        key,
        value,
      );
    }
  });
}

/**
 * The secrets of a user, or those of them that are named, as the JSON text of an object that Python would write. `instead`:
 * whose are given too, where this user has none of the same key.
 */
export function secretsText(
  store: Store,
  owner: string,
  { keys, instead }: { readonly keys?: ReadonlySet<string> | undefined; readonly instead?: string } = {},
): string {
  const secrets = new Map<string, unknown>();
  for (const name of instead === undefined ? [owner] : [owner, instead]) {
    for (const [key, value] of store.rows(
      'SELECT key, value FROM secrets WHERE owner = ? ORDER BY rowid',
      name,
    )) {
      const text = String(key);
      if ((keys?.has(text) ?? true) && !secrets.has(text)) secrets.set(text, value);
    }
  }
  const members = [...secrets].map(([key, value]) => `${asciiJson(key)}: ${asciiJson(value)}`);
  return `{${members.join(', ')}}`;
}
