import { cut, cutStart, displayWidth } from './width.ts';

/** A cell: its text, and how it is painted after it was fitted. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Gives way first when the terminal is too narrow. */
  readonly flexible?: boolean;
  /** Texts that are too long lose their beginning. */
  readonly keepEnd?: boolean;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Lines of a table, columns aligned by display width, fitted to `width` where one is given: long texts are cut, and where
 * that is not enough, empty columns are left out.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly width?: number | undefined; readonly paintTitle: (text: string) => string },
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[index]?.text ?? ''))),
  );
  if (options.width !== undefined && !fit(columns, widths, options.width)) {
    const wanted = columns.map((_, index) => rows.some((row) => (row[index]?.text ?? '') !== ''));
    if (wanted.includes(false)) {
      const keep = <T>(items: readonly T[]): T[] => items.filter((_, index) => wanted[index]);
      return renderTable(keep(columns), rows.map(keep), options);
    }
  }
  const line = (cells: readonly Cell[]): string => {
    const last = cells.length - 1;
    return cells
      .map((cell, index) => fitCell(cell, columns[index], widths[index] ?? 0, index === last))
      .join(GAP)
      .trimEnd();
  };
  const titles = columns.map(({ title }) => ({ text: title, paint: options.paintTitle }));
  return [line(titles), ...rows.map(line)];
}

/** Narrows the flexible columns, the widest first, until all fit; false when they do not. */
function fit(columns: readonly Column[], widths: number[], width: number): boolean {
  const total = (): number => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
  while (total() > width) {
    let widest = -1;
    columns.forEach(({ flexible = false }, index) => {
      const candidate = widths[index] ?? 0;
      if (flexible && candidate > NARROWEST && candidate > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) return false;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return true;
}

function fitCell(cell: Cell, column: Column | undefined, width: number, last: boolean): string {
  const text = column?.keepEnd === true ? cutStart(cell.text, width) : cut(cell.text, width);
  const painted = cell.paint === undefined || text === '' ? text : cell.paint(text);
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
  if (column?.align === 'right') return padding + painted;
  return last ? painted : painted + padding;
}
