import { badRequest } from './refusal.ts';

/** As it travels and as it is stored. Timestamps are ISO 8601, UTC. */
export interface StoredMetadata {
  readonly key: string;
  readonly value: string | number;
  readonly type: 'integer' | 'decimal' | 'string' | 'timestamp';
}

/** Merges what a request says into what there is; a value of null ends the name. */
export function mergeMetadata(before: readonly StoredMetadata[], given: unknown): readonly StoredMetadata[] {
  if (given === undefined || given === null) return before;
  if (!Array.isArray(given)) throw badRequest('Unable to validate input', 'metadata is not a list');
  const merged = new Map(before.map((entry) => [entry.key, entry]));
  for (const entry of given.map(readEntry)) {
    if (entry.value === null) merged.delete(entry.key);
    else merged.set(entry.key, { key: entry.key, ...typed(entry.key, entry.value, entry.type) });
  }
  return [...merged.values()];
}

interface Given {
  readonly key: string;
  readonly value: unknown;
  readonly type: unknown;
}

/** `{"key", "value", "type"}`, or `{"<key>": <value>}`. */
function readEntry(entry: unknown): Given {
  if (typeof entry === 'object' && entry !== null) {
    if ('key' in entry && typeof entry.key === 'string') {
      const { key } = entry;
      return {
        key,
        value: 'value' in entry ? entry.value : null,
        type: 'type' in entry ? entry.type : undefined,
      };
    }
    const [[key, value] = ['', null], ...others] = Object.entries(entry) as [string, unknown][];
    if (key !== '' && others.length === 0) return { key, value, type: undefined };
  }
  throw badRequest('Unable to validate input', 'an entry of metadata has no key');
}

function typed(key: string, value: unknown, type: unknown): Pick<StoredMetadata, 'value' | 'type'> {
  switch (type) {
    case undefined:
    case null:
      if (typeof value === 'number') return { value, type: Number.isInteger(value) ? 'integer' : 'decimal' };
      if (typeof value === 'string') return { value, type: 'string' };
      break;
    case 'integer':
      if (Number.isInteger(value)) return { value: value as number, type };
      break;
    case 'decimal':
      if (typeof value === 'number') return { value, type };
      break;
    case 'string':
      if (typeof value === 'string') return { value, type };
      break;
    case 'timestamp':
      if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) {
        return { value: new Date(value).toISOString(), type };
      }
      break;
  }
  throw badRequest('Unable to validate input', `the value of metadata ${key} is not of its type`);
}
