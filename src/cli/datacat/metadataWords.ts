import type { MetadataChange, MetadataEntry } from '../../datacat/index.ts';
import { UsageError } from '../usageError.ts';

const TYPES = ['integer', 'decimal', 'string', 'timestamp'] as const;

/**
 * Reads `NAME=VALUE` or `NAME:TYPE=VALUE`. Without a type, digits are an integer or decimal, a time with its zone is a
 * timestamp, and all else a string.
 */
export function readMetadata(word: string): MetadataEntry {
  const [, name, type, value] = /^([^=:]+)(?::(\w+))?=([\s\S]*)$/u.exec(word) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`${word} is no metadata.`, 'Write NAME=VALUE, or NAME:TYPE=VALUE');
  }
  if (type === undefined) return guessed(name, value);
  const known = TYPES.find((one) => one === type);
  if (known === undefined) {
    throw new UsageError(`There is no type ${type} of metadata.`, `Use one of ${TYPES.join(', ')}`);
  }
  if (known === 'string') return { name, type: known, value };
  const number = known === 'timestamp' ? readTime(value) : readNumber(value);
  if (number === undefined || (known === 'integer' && !Number.isSafeInteger(number))) {
    throw new UsageError(`${value} is no ${known}.`, FORMS[known]);
  }
  return { name, type: known, value: number };
}

const FORMS = {
  integer: 'Write it as in 6200',
  decimal: 'Write it as in 3.14',
  timestamp: 'Write it as in 2026-11-28T05:00:00Z',
};

function guessed(name: string, value: string): MetadataEntry {
  const number = readNumber(value);
  if (number !== undefined) {
    return { name, type: Number.isSafeInteger(number) ? 'integer' : 'decimal', value: number };
  }
  const time = readTime(value);
  return time === undefined ? { name, type: 'string', value } : { name, type: 'timestamp', value: time };
}

function readNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(text) ? Number(text) : undefined;
}

function readTime(text: string): number | undefined {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/u.test(text);
  const time = isTime ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The changes of one call: what is set, and the names that end. */
export function readChanges(words: readonly string[], ended: readonly string[]): readonly MetadataChange[] {
  return [...words.map(readMetadata), ...ended.map((name) => ({ name, type: 'none' }) as const)];
}
