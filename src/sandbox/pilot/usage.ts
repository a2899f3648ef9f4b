import type { ProcessRow } from './processTable.ts';

/** One look at a payload: all its processes together. */
export interface Sample {
  readonly cpuSeconds: number;
  readonly rssKB: number;
  readonly virtualKB: number;
  readonly processes: number;
}

/** What a payload used so far, gathered from looks at its processes. */
export interface Usage {
  /** Pid to `startedAt` of every process seen, also after it left the payload's session. */
  readonly seen: ReadonlyMap<number, string>;
  /** Undefined where nothing was seen. */
  observe(processes: readonly ProcessRow[]): Sample | undefined;
  /** The processor time the payload's shell counted itself, seconds: exact, but known only at the end. */
  setCpuSeconds(seconds: number): void;
  /** Fields of `update_job`; memory in kB, time in s. What was never seen is not named. */
  fields(): Readonly<Record<string, number>>;
}

export function createUsage(): Usage {
  const seen = new Map<number, string>();
  let cpuSeconds: number | undefined;
  let looks = 0;
  const max = { rss: 0, virtual: 0 };
  const total = { rss: 0, virtual: 0 };

  return {
    seen,
    observe: (processes) => {
      if (processes.length === 0) return undefined;
      const sum = { cpu: 0, rss: 0, virtual: 0 };
      for (const row of processes) {
        seen.set(row.pid, row.startedAt);
        sum.cpu += row.cpuSeconds;
        sum.rss += row.rssKB;
        sum.virtual += row.virtualKB;
      }
      // A process that ends unwaited takes its time out of the sum; time used never shrinks.
      cpuSeconds = Math.max(cpuSeconds ?? 0, sum.cpu);
      looks += 1;
      for (const key of ['rss', 'virtual'] as const) {
        max[key] = Math.max(max[key], sum[key]);
        total[key] += sum[key];
      }
      return { cpuSeconds, rssKB: sum.rss, virtualKB: sum.virtual, processes: processes.length };
    },
    setCpuSeconds: (seconds) => {
      cpuSeconds = Math.max(cpuSeconds ?? 0, seconds);
    },
    fields: () => ({
      ...(cpuSeconds === undefined ? {} : { cpu_consumption_time: Math.round(cpuSeconds) }),
      ...(looks === 0
        ? {}
        : {
            max_rss: max.rss,
            max_vmem: max.virtual,
            avg_rss: Math.round(total.rss / looks),
            avg_vmem: Math.round(total.virtual / looks),
          }),
    }),
  };
}
