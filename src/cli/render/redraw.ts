import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from './width.ts';

/** Lines on a terminal, each time in the place of those before. */
export interface Redraw {
  readonly draw: (lines: readonly string[]) => void;
  /** Takes away what was drawn last. */
  readonly clear: () => void;
}

/** `width`: columns of the terminal, where longer lines go on in a next row; undefined where they do not. */
export function createRedraw(print: (text: string) => void, width: number | undefined): Redraw {
  let rows = 0;
  const back = (): string => (rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`);
  return {
    draw(lines) {
      print(`${back()}${lines.join('\n')}\n`);
      rows = lines.reduce((sum, line) => sum + rowsOf(line, width), 0);
    },
    clear() {
      print(back());
      rows = 0;
    },
  };
}

function rowsOf(line: string, width = Infinity): number {
  return width === 0 ? 1 : Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / width));
}
