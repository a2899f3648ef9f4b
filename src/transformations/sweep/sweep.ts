/** One thing that varies from job to job. */
export type SweepAxis =
  | { readonly kind: 'list'; readonly name: string; readonly values: readonly string[] }
  /** From `from` on in steps, up to `to`, which counts if it is met. */
  | {
      readonly kind: 'range';
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly step: number;
    }
  /** Values that vary together. */
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/** Every combination of the values of some axes, none of them kept: each is worked out when it is asked for. */
export interface Sweep {
  readonly names: readonly string[];
  readonly count: number;
  /** The combination of that index, from 0; the last axis varies fastest. Throws a RangeError beyond the last. */
  at(index: number): Readonly<Record<string, string>>;
}

/** More jobs than this are not one submission. */
export const MOST_JOBS = 100_000;

/** Without axes there is one combination, of nothing. */
export function createSweep(axes: readonly SweepAxis[]): Sweep {
  const sizes = axes.map(sizeOf);
  const count = sizes.reduce((product, size) => product * size, 1);
  return {
    names: axes.flatMap((axis) => (axis.kind === 'table' ? axis.columns : [axis.name])),
    count,
    at(index) {
      if (!Number.isSafeInteger(index) || index < 0 || index >= count) {
        throw new RangeError(`there is no combination ${index} of ${count}`);
      }
      const pairs: [string, string][] = [];
      let rest = index;
      for (const [position, axis] of [...axes.entries()].reverse()) {
        const size = sizes[position] ?? 1;
        pairs.unshift(...valuesOf(axis, rest % size));
        rest = Math.floor(rest / size);
      }
      return Object.fromEntries(pairs);
    },
  };
}

function sizeOf(axis: SweepAxis): number {
  switch (axis.kind) {
    case 'list':
      return axis.values.length;
    case 'table':
      return axis.rows.length;
    case 'range':
      return rangeSize(axis);
  }
}

/** Values of a range; 0 for one that runs the wrong way. */
export function rangeSize({ from, to, step }: { from: number; to: number; step: number }): number {
  if (step === 0 || !Number.isFinite((to - from) / step)) return 0;
  // 0.1 three times is a little more than 0.3, which is meant to be the end all the same.
  return Math.max(0, Math.floor((to - from) / step + 1e-9) + 1);
}

function valuesOf(axis: SweepAxis, index: number): [string, string][] {
  switch (axis.kind) {
    case 'list':
      return [[axis.name, axis.values[index] ?? '']];
    case 'range':
      return [[axis.name, rangeValue(axis, index)]];
    case 'table':
      return axis.columns.map((column, position) => [column, axis.rows[index]?.[position] ?? '']);
  }
}

/** With as many decimals as the limits are written with. */
function rangeValue({ from, step }: { from: number; step: number }, index: number): string {
  const decimals = Math.min(15, Math.max(decimalsOf(from), decimalsOf(step)));
  return (from + index * step).toFixed(decimals);
}

function decimalsOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/u.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}
