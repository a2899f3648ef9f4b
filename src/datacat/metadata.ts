import type { MetadataChange, MetadataEntry } from './api.ts';

/** As a catalog writes it: the type stands beside the value. */
export interface WireMetadata {
  readonly key: string;
  readonly value: string | number | null;
  readonly type?: MetadataEntry['type'];
}

/** For a request. A name without value and type is removed. */
export function encodeMetadata(changes: readonly MetadataChange[]): readonly WireMetadata[] {
  return changes.map((change) => {
    const { name: key, type } = change;
    if (type === 'none') return { key, value: null };
    const value = type === 'timestamp' ? new Date(change.value).toISOString() : change.value;
    return { key, value, type };
  });
}

/** One entry of an answer; undefined for what has no value. Throws the name of what is wrong. */
export function decodeMetadataEntry(entry: unknown): MetadataEntry | undefined {
  if (typeof entry !== 'object' || entry === null) throw new TypeError('metadata');
  if (!('key' in entry)) return decodeShort(entry);
  const { key: name } = entry;
  const value = 'value' in entry ? entry.value : null;
  const type = 'type' in entry ? entry.type : undefined;
  if (typeof name !== 'string') throw new TypeError('metadata');
  if (value === null) return undefined;
  return typed(name, value, type);
}

/** `{"nRun": 6200}` */
function decodeShort(entry: object): MetadataEntry | undefined {
  const [[name, value] = ['', null], ...others] = Object.entries(entry) as [string, unknown][];
  if (name === '' || others.length > 0) throw new TypeError('metadata');
  return value === null ? undefined : typed(name, value, undefined);
}

function typed(name: string, value: unknown, type: unknown): MetadataEntry {
  const entry = type === undefined ? derived(name, value) : declared(name, value, type);
  if (entry === undefined) throw new TypeError(`metadata ${name}`);
  return entry;
}

function declared(name: string, value: unknown, type: unknown): MetadataEntry | undefined {
  if (type === 'string') return typeof value === 'string' ? { name, type, value } : undefined;
  if (type === 'timestamp') {
    const time = typeof value === 'string' ? readTime(value) : value;
    return typeof time === 'number' && Number.isFinite(time) ? { name, type, value: time } : undefined;
  }
  if (type !== 'integer' && type !== 'decimal') return undefined;
  if (typeof value === 'number') return { name, type, value };
  // JSON has no NaN and no infinity, so that they come as texts.
  const isNumber = typeof value === 'string' && /^(?:NaN|-?Infinity|-?\d[\d.eE+-]*)$/u.test(value);
  return isNumber ? { name, type, value: Number(value) } : undefined;
}

function derived(name: string, value: unknown): MetadataEntry | undefined {
  if (typeof value === 'string') return { name, type: 'string', value };
  if (typeof value !== 'number') return undefined;
  return { name, type: Number.isInteger(value) ? 'integer' : 'decimal', value };
}

/** A time with its zone, epoch milliseconds; NaN for any other text. Without a zone the catalog means Denver's time: not ours to guess. */
export function readTime(text: string): number {
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/u.test(text);
  return hasZone ? Date.parse(text.replace(/([+-]\d\d)(\d\d)$/u, '$1:$2')) : NaN;
}
