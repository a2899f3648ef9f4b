import type { JobRecord } from '../../panda/index.ts';
import { formatDuration, formatSize } from '../../watch/index.ts';
import type { ResourceView } from './view.ts';

const KILO = 1024;
const MEGA = 1024 * KILO;

interface Measure {
  readonly name: string;
  readonly asked: number | null;
  readonly used: number | null;
  readonly format: (value: number) => string;
  /** What the share is of, where that is not what was asked for. */
  readonly whole?: { readonly amount: number | null; readonly name: string };
}

/** What a job asked for beside what it used; rows of which nothing is known are left out. */
export function buildResources(record: JobRecord, now: number): ResourceView[] {
  const wallSeconds = runSeconds(record, now);
  const cores = positive(record.actualCoreCount) ?? positive(record.coreCount) ?? 1;
  const cpuSeconds = positive(record.cpuConsumptionTime);
  const seconds = (value: number): string => formatDuration(value * 1000);
  const measures: readonly Measure[] = [
    { name: 'Wall time', asked: positive(record.maxWalltime), used: wallSeconds, format: seconds },
    {
      name: 'CPU time',
      asked: positive(record.maxCpuCount),
      used: cpuSeconds,
      format: seconds,
      whole: { amount: wallSeconds === null ? null : wallSeconds * cores, name: 'of wall time × cores' },
    },
    {
      name: 'Memory, peak',
      asked: megabytes(record.minRamCount, record.minRamUnit),
      used: kilobytes(record.maxPSS) ?? kilobytes(record.maxRSS),
      format: formatSize,
    },
    {
      name: 'Memory, average',
      asked: null,
      used: kilobytes(record.avgPSS) ?? kilobytes(record.avgRSS),
      format: formatSize,
    },
    { name: 'Swap, peak', asked: null, used: kilobytes(record.maxSWAP), format: formatSize },
    {
      name: 'Disk',
      asked: megabytes(record.maxDiskCount, record.maxDiskUnit),
      used: null,
      format: formatSize,
    },
    { name: 'Output', asked: null, used: positive(record.outputFileBytes), format: formatSize },
    {
      name: 'Cores',
      asked: positive(record.coreCount),
      used: positive(record.actualCoreCount),
      format: String,
    },
  ];
  return measures.filter(({ asked, used }) => asked !== null || used !== null).map(resourceView);
}

function resourceView({
  name,
  asked,
  used,
  format,
  whole = { amount: asked, name: '' },
}: Measure): ResourceView {
  const share = used === null || whole.amount === null || whole.amount === 0 ? null : used / whole.amount;
  return {
    name,
    asked: asked === null ? '–' : format(asked),
    used: used === null ? '–' : format(used),
    share,
    note: share === null ? '' : whole.name,
  };
}

function runSeconds({ startTime, endTime, jobStatus }: JobRecord, now: number): number | null {
  if (startTime === null) return null;
  const end = endTime ?? (jobStatus === 'running' ? now : null);
  return end === null ? null : Math.max(0, end - startTime) / 1000;
}

/** PanDA writes 0 where nothing was asked or measured. */
function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

function kilobytes(value: number | null): number | null {
  const known = positive(value);
  return known === null ? null : known * KILO;
}

/** Sizes asked for travel in megabytes unless their unit says gigabytes. */
function megabytes(value: number | null, unit: string | null): number | null {
  const known = positive(value);
  if (known === null) return null;
  return known * MEGA * (unit?.toUpperCase().startsWith('G') === true ? 1024 : 1);
}
