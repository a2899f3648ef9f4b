import type { TaskParameterMap } from '../store/tasks.ts';

/** Values of parameters, which may be anything that JSON can hold; null for what is not of the kind asked for. */

export function textIn(map: TaskParameterMap, name: string): string | null {
  const value = map[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function integerIn(map: TaskParameterMap, name: string): number | null {
  const value = map[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(Math.trunc(number)) ? Math.trunc(number) : null;
}

export function isRecord(value: unknown): value is TaskParameterMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
