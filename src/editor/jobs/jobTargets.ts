import { taskOfKey } from '../../watch/index.ts';
import type { JobNode, JobTree } from './jobTree.ts';

/**
 * The PandaIDs that a command was called for. The editor passes the row that was clicked and all selected ones; the
 * panel and notifications pass `{ pandaId }`. Undefined when it was called without any, as from the palette. `most`: so
 * many jobs of each row.
 */
export function pandaIdsOf(
  args: readonly unknown[],
  tree: JobTree | undefined,
  most = Infinity,
): readonly number[] | undefined {
  const known = rowsOf(args).filter((row) => isNode(row) || hasPandaId(row));
  if (known.length === 0) return undefined;
  return [...new Set(known.flatMap((row) => idsOf(row, tree, most)))];
}

/** The row that was clicked, or all selected ones. */
export function rowsOf([clicked, selected]: readonly unknown[]): readonly unknown[] {
  return Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
}

/** The key of the task whose row it is: a row of the tree is known by the id of its group. */
export function taskKeyOfRow(row: unknown): string | undefined {
  if (!isObject(row) || typeof row.id !== 'string') return undefined;
  const [grouping, key = ''] = row.id.split(':', 2);
  return grouping === 'submission' && taskOfKey(key) !== undefined ? key : undefined;
}

function idsOf(row: unknown, tree: JobTree | undefined, most: number): readonly number[] {
  if (hasPandaId(row)) return [row.pandaId];
  return isNode(row) ? (tree?.jobsBelow(row, most) ?? []) : [];
}

function hasPandaId(value: unknown): value is { readonly pandaId: number } {
  return isObject(value) && Number.isSafeInteger(value.pandaId);
}

function isNode(value: unknown): value is JobNode {
  return (
    isObject(value) && typeof value.id === 'string' && (value.kind === 'group' || value.kind === 'state')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
