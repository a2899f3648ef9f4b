import { plural } from '../watch/index.ts';
import type { Check } from './check.ts';

/** One character for each state, the same in terminal and report. */
export const MARKS = { ok: '✓', warning: '!', failed: '⊗', skipped: '○' } as const satisfies Record<
  Check['state'],
  string
>;

/** A check as lines of a report, its mark in front: what came back, and what to change. */
export function checkLines(
  check: Check,
  paint: (mark: string, state: Check['state']) => string = plain,
): string[] {
  const { state, name, detail, advice, tookMs } = check;
  const took = tookMs === null ? '' : ` (${tookMs} ms)`;
  const lines = [`  ${paint(MARKS[state], state)} ${name.padEnd(WIDTH)}  ${detail}${took}`];
  if (advice !== '') lines.push(`${' '.repeat(WIDTH + 6)}→ ${advice}`);
  return lines;
}

/** Of the names of checks. */
const WIDTH = 15;

function plain(mark: string): string {
  return mark;
}

/** `All is well.`, `1 of 30 checks failed, 2 warnings.` */
export function summary(checks: readonly Pick<Check, 'state'>[]): string {
  const count = (state: Check['state']): number => checks.filter((one) => one.state === state).length;
  const warnings = count('warning');
  const remarks = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  if (count('failed') > 0) return `${count('failed')} of ${checks.length} checks failed${remarks}.`;
  return warnings === 0 ? 'All is well.' : `Nothing failed${remarks}.`;
}
