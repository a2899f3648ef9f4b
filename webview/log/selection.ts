import type { RowPainter } from './logRow.ts';
import type { LogWindow } from './logWindow.ts';

/** More than this is not put together as one text. */
const MAX_COPIED_CHARACTERS = 16 * 1024 * 1024;

interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * The selected text of the log, from its lines rather than from the document: rows between the ends of a selection need
 * not exist, and a wrapped line is one line.
 */
export function selectedText(rows: HTMLElement, window: LogWindow, painter: RowPainter): string {
  const selection = document.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return '';
  const range = selection.getRangeAt(0);
  // "Select all" takes the whole page; with the keyboard in the log, the log is meant.
  const all = range.intersectsNode(rows) && rows.closest('.lines') === document.activeElement;
  if (!all && !rows.contains(range.startContainer) && !rows.contains(range.endContainer)) return '';
  const start = placeOf(range.startContainer, range.startOffset, window) ?? { line: 0, column: 0 };
  const end = placeOf(range.endContainer, range.endOffset, window) ?? {
    line: window.lines - 1,
    column: Number.MAX_SAFE_INTEGER,
  };
  return textBetween(start, end, painter);
}

/** Lines of the window as one text. */
export function textBetween(start: Place, end: Place, painter: RowPainter): string {
  const lines: string[] = [];
  let length = 0;
  for (let line = start.line; line <= end.line && length < MAX_COPIED_CHARACTERS; line += 1) {
    const text = painter.lineText(line);
    const from = line === start.line ? start.column : 0;
    const to = line === end.line ? end.column : text.length;
    lines.push(text.slice(from, to));
    length += to - from + 1;
  }
  return lines.join('\n');
}

function placeOf(node: Node, offset: number, window: LogWindow): Place | undefined {
  const element = node instanceof Element ? node : node.parentElement;
  const row = element?.closest<HTMLElement>('.row');
  if (!row) return undefined;
  const { line, from } = window.row(Number(row.dataset.row));
  const before = document.createRange();
  before.selectNodeContents(row);
  before.setEnd(node, offset);
  return { line, column: from + before.toString().length };
}
