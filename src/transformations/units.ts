/** Values with units as people write them. Each returns undefined for what it cannot read. */

const MEMORY = /^(\d+(?:\.\d+)?)\s*(M|MB|MiB|G|GB|GiB|T|TB)?$/i;
const MEGABYTES: Readonly<Record<string, number>> = { M: 1, G: 1000, T: 1_000_000 };

/** `4000`, `4000M`, `4G`, `1.5 GB` as MB. */
export function parseMemory(text: string): number | undefined {
  const [, amount, unit = 'M'] = MEMORY.exec(text.trim()) ?? [];
  const factor = MEGABYTES[unit.charAt(0).toUpperCase()];
  if (amount === undefined || factor === undefined) return undefined;
  const value = Math.round(Number(amount) * factor);
  return value > 0 && Number.isSafeInteger(value) ? value : undefined;
}

const SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** `3600`, `90m`, `12h`, `1h30m`, `2d`, `1:30:00` as seconds. */
export function parseSeconds(text: string): number | undefined {
  const words = text.trim().toLowerCase();
  const clock = /^(\d+):([0-5]?\d):([0-5]?\d)$/.exec(words);
  let seconds = 0;
  if (clock !== null) {
    seconds = Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  } else if (/^\d+$/.test(words)) {
    seconds = Number(words);
  } else if (/^(\d+\s*[dhms]\s*)+$/.test(words)) {
    for (const [, amount, unit] of words.matchAll(/(\d+)\s*([dhms])/g)) {
      seconds += Number(amount) * (SECONDS[unit ?? ''] ?? 0);
    }
  }
  return seconds > 0 && Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** A whole number from `min` on. */
export function parseCount(text: string, min: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) && value >= min ? value : undefined;
}
