/** A time as the server's answers carry it: UTC without a zone, six decimals or none. */
export interface WireDateTime {
  readonly __datetime__: string;
}

/** `2026-11-23T02:44:50.081000`, or without the fraction when it is zero. `ms` is epoch milliseconds. */
export function isoText(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.endsWith('.000Z') ? text.slice(0, -5) : `${text.slice(0, -1)}000`;
}

export function wireDateTime(ms: number): WireDateTime {
  return { __datetime__: isoText(ms) };
}

/** `2026-11-23 02:44:50.081000`, as times stand in diagnostics. */
export function spacedText(ms: number): string {
  return isoText(ms).replace('T', ' ');
}

/** `2026-11-23 02:44:50`, cut to the second. */
export function secondsText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Reads `YYYY-MM-DD HH:MM:SS` (UTC); undefined for anything else, as the server ignores what it cannot read. */
export function parseSecondsText(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/u.test(text)) return undefined;
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
