/** Values that differ between two servers without meaning anything are made the same before answers are compared. */

const TIME = /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?/gu;
/** Made by the server; those a recorded pilot made begin otherwise and are compared. */
const GUID = /^(?!a1b2c3d4)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;
const TRACEBACK = / <python traceback>$/u;
const ABSENT = Symbol('left out');

/** `ids`: numbers to replace, of jobs. */
export function normalise(value: unknown, ids: ReadonlyMap<number, number> = new Map()): unknown {
  if (typeof value === 'number') return ids.get(value) ?? value;
  if (typeof value === 'string') {
    return value.replace(TIME, '<time>').replace(GUID, '<guid>').replace(TRACEBACK, '');
  }
  if (Array.isArray(value)) return value.map((item) => normalise(item, ids));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .map(([key, item]) => [key, member(key, item, ids)] as const)
    .filter(([, item]) => item !== ABSENT);
  return Object.fromEntries(members);
}

function member(key: string, value: unknown, ids: ReadonlyMap<number, number>): unknown {
  // Rows have numbers of the database, and files have no order.
  if (key === 'row_ID') return ABSENT;
  const result = normalise(value, ids);
  if (key !== 'Files' || !Array.isArray(result)) return result;
  const files = result as { readonly lfn: string }[];
  return [...files].sort((a, b) => (a.lfn < b.lfn ? -1 : 1));
}

/** The first place where two normalised values differ; undefined where they are the same. */
export function firstDifference(expected: unknown, actual: unknown, where = ''): string | undefined {
  if (Object.is(expected, actual)) return undefined;
  if (!isTree(expected) || !isTree(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    return `${where || 'answer'}: recorded ${brief(expected)}, sandbox ${brief(actual)}`;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const difference = firstDifference(
      (expected as Record<string, unknown>)[key],
      (actual as Record<string, unknown>)[key],
      `${where}.${key}`,
    );
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 160);
}
