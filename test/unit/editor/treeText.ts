import { lookOf } from '../../../src/editor/jobs/jobLook.ts';
import type { JobNode, JobTree } from '../../../src/editor/jobs/jobTree.ts';

/** Rows shown of a longer list: the golden text need not be as long as the tree. */
const SHOWN = 2;

/** The tree as text, the named nodes expanded: icon, label, description, and the tokens that menus see. */
export function treeText(tree: JobTree, expanded: ReadonlySet<string>, now: number): string {
  const lines: string[] = [];
  const draw = (node: JobNode, depth: number): void => {
    lines.push('  '.repeat(depth) + rowText(tree, node, now));
    if (expanded.has(node.id)) drawList(tree.children(node), depth + 1);
  };
  const drawList = (nodes: readonly JobNode[], depth: number): void => {
    const rows = nodes.filter((node) => node.kind === 'job');
    const shown = rows.length > SHOWN + 1 && depth > 0 ? new Set(rows.slice(0, SHOWN)) : new Set(rows);
    let told = false;
    for (const node of nodes) {
      if (node.kind !== 'job' || shown.has(node)) draw(node, depth);
      else if (!told) {
        lines.push(`${'  '.repeat(depth)}(${rows.length - SHOWN} rows like these)`);
        told = true;
      }
    }
  };
  drawList(tree.children(), 0);
  return lines.join('\n');
}

export function rowText(tree: JobTree, node: JobNode, now: number): string {
  const look = lookOf(node, tree, { now, monitor: true, datacat: false, outputsHere: true });
  const icon = look.icon === undefined ? '' : `${look.icon.codicon}(${look.icon.color ?? ''}) `;
  return `${icon}${look.label} | ${look.description} | ${look.contextValue}`;
}
