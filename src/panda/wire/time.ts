const FORM = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Epoch milliseconds of a time as PanDA or its monitor writes it: `{"__datetime__": "2026-11-23T02:44:50.081320"}` in
 * answers, `{"_datetime_object": "2026-11-23 02:44:50.081320"}` in submissions, or the text alone. Without a zone it
 * is UTC; the fraction is absent when zero. Null for anything else.
 */
export function decodeTime(value: unknown): number | null {
  if (typeof value === 'object' && value !== null) {
    return '__datetime__' in value
      ? decodeTime(value.__datetime__)
      : '_datetime_object' in value
        ? decodeTime(value._datetime_object)
        : null;
  }
  const match = typeof value === 'string' ? FORM.exec(value.trim()) : null;
  if (match === null) {
    return null;
  }
  const [, date = '', time = '', fraction = '', zone = 'Z'] = match;
  const epochMs = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${zone}`);
  return Number.isNaN(epochMs) ? null : epochMs;
}
