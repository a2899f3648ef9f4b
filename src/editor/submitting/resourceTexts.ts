import type { Resources } from '../../panda/index.ts';
import { formatDuration, formatSize } from '../../watch/index.ts';

/** `1 core · 2 GB · 12 h · 10 GB disk` */
export function describeResources({ cores, memoryMB, diskMB, walltimeSeconds }: Resources): string {
  return [
    cores === 1 ? '1 core' : `${cores} cores`,
    formatSize(memoryMB * 1e6),
    formatDuration(walltimeSeconds * 1000),
    `${formatSize(diskMB * 1e6)} disk`,
  ].join(' · ');
}

/** A part of the resources as people write it. */
export interface ResourceField {
  readonly key: keyof Resources;
  readonly label: string;
  /** What may be written, as an example. */
  readonly example: string;
  readonly format: (value: number) => string;
  /** Undefined for what it cannot read. */
  readonly parse: (text: string) => number | undefined;
}

export const resourceFields: readonly ResourceField[] = [
  { key: 'cores', label: 'Cores', example: '8', format: String, parse: parseCores },
  { key: 'memoryMB', label: 'Memory', example: '4 GB', format: megabytes, parse: parseMegabytes },
  { key: 'walltimeSeconds', label: 'Wall time', example: '12 h', format: seconds, parse: parseSeconds },
  { key: 'diskMB', label: 'Disk', example: '10 GB', format: megabytes, parse: parseMegabytes },
];

function megabytes(value: number): string {
  return formatSize(value * 1e6);
}

function seconds(value: number): string {
  return formatDuration(value * 1000);
}

function parseCores(text: string): number | undefined {
  const value = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return value > 0 ? value : undefined;
}

const megabytesIn: ReadonlyMap<string, number> = new Map([
  ['m', 1],
  ['g', 1e3],
  ['t', 1e6],
]);

/** `4 GB`, `500MB`, `4000` (MB). */
function parseMegabytes(text: string): number | undefined {
  const [, amount, unit] = /^\s*(\d{1,9}(?:\.\d+)?)\s*(?:([mgt])i?b?)?\s*$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const value = Math.round(Number(amount) * (megabytesIn.get(unit?.toLowerCase() ?? 'm') ?? 1));
  return value > 0 ? value : undefined;
}

const secondsIn: ReadonlyMap<string, number> = new Map([
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]);

/** `12 h`, `1 h 30 m`, `90m`, `3600` (seconds). */
function parseSeconds(text: string): number | undefined {
  const words = text.trim().toLowerCase();
  if (/^\d{1,9}$/.test(words)) return Number(words) > 0 ? Number(words) : undefined;
  if (!/^(\d{1,9}(\.\d+)?\s*[dhms]\s*)+$/.test(words)) return undefined;
  let total = 0;
  for (const [, amount, unit] of words.matchAll(/(\d+(?:\.\d+)?)\s*([dhms])/g)) {
    total += Number(amount) * (secondsIn.get(unit ?? '') ?? 0);
  }
  return total >= 1 ? Math.round(total) : undefined;
}
