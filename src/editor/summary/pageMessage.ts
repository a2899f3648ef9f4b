import type { PageMessage } from './messages.ts';

/** All sensors of the focal plane, and some room. */
const MOST_SENSORS = 300;
const SENSOR = /^R[0-4]{2}_S[0-2]{2}(?:_C[01])?$/u;
const LONGEST_PATH = 10_000;

/** A message from the page, checked; undefined for anything else. */
export function parsePageMessage(value: unknown): PageMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value));
  switch (message.type) {
    case 'ready':
    case 'showProblems':
      return { type: message.type };
    case 'submit': {
      const sensors = sensorList(message.sensors);
      return sensors && { type: 'submit', sensors };
    }
    case 'openFile': {
      const { file } = message;
      return typeof file === 'string' && file.length <= LONGEST_PATH ? { type: 'openFile', file } : undefined;
    }
    default:
      return undefined;
  }
}

function sensorList(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > MOST_SENSORS) return undefined;
  const list: readonly unknown[] = value;
  const sensors = list.filter((one): one is string => typeof one === 'string' && SENSOR.test(one));
  return sensors.length === list.length ? sensors : undefined;
}

/** The catalog a page showed before the window was reloaded. */
export function keptPath(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null || !('path' in state)) return undefined;
  const { path } = state;
  return typeof path === 'string' && path !== '' && path.length <= LONGEST_PATH ? path : undefined;
}
