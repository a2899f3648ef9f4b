/** One line of a log made fit to show: control codes gone, colours as spans, nothing that could move or hide text. */
export interface LineText {
  readonly text: string;
  /** Parts `[from, to)` of the text that carry an ANSI look; in order, without overlap. */
  readonly spans: readonly LineSpan[];
}

export interface LineSpan {
  readonly from: number;
  readonly to: number;
  /** Class names: `fg-1`, `bg-12`, `bold`, `faint`, `italic`, `underline`. */
  readonly classes: string;
}

interface Look {
  readonly foreground: number | null;
  readonly background: number | null;
  readonly marks: ReadonlySet<string>;
}

const PLAIN: Look = { foreground: null, background: null, marks: new Set() };
const TAB = 8;

/** CSI sequences, OSC and other strings up to their end, and two-character escapes; the first group is a CSI's parameters. */
const ESCAPE = /\x1b(?:\[([0-9:;<=>?]*)[ -/]*([@-~])|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)|[ -/]*[0-~]|$)/g;

/** Controls, and characters that reorder or hide what stands beside them. */
const UNSAFE = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What a terminal would show of a line: after a carriage return it writes over what stands there. */
function lastOverwrite(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  const from = line.lastIndexOf('\r', end - 1) + 1;
  return line.slice(from, end);
}

export function lineText(raw: string): LineText {
  const line = lastOverwrite(raw);
  if (!line.includes('\x1b')) return { text: visible(line, 0), spans: [] };
  const spans: LineSpan[] = [];
  let text = '';
  let look = PLAIN;
  let done = 0;
  const put = (part: string): void => {
    if (part === '') return;
    const from = text.length;
    text += visible(part, from);
    const classes = classesOf(look);
    if (classes !== '') spans.push({ from, to: text.length, classes });
  };
  for (const match of line.matchAll(ESCAPE)) {
    put(line.slice(done, match.index));
    done = match.index + match[0].length;
    if (match[2] === 'm') look = nextLook(look, match[1] ?? '');
  }
  put(line.slice(done));
  return { text, spans };
}

function visible(part: string, column: number): string {
  const safe = part.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
  return safe.includes('\t') ? expandTabs(safe, column) : safe;
}

function expandTabs(text: string, column: number): string {
  let result = '';
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) result += ' '.repeat(TAB - ((column + result.length) % TAB));
    result += part;
  }
  return result;
}

const MARKS: ReadonlyMap<number, string> = new Map([
  [1, 'bold'],
  [2, 'faint'],
  [3, 'italic'],
  [4, 'underline'],
]);

const ENDS: ReadonlyMap<number, readonly string[]> = new Map([
  [22, ['bold', 'faint']],
  [23, ['italic']],
  [24, ['underline']],
]);

/** Where each row of eight colours begins among the codes, and which of the 16 colours is its first. */
const COLOR_BASES = [
  { base: 30, of: 'foreground', first: 0 },
  { base: 90, of: 'foreground', first: 8 },
  { base: 40, of: 'background', first: 0 },
  { base: 100, of: 'background', first: 8 },
] as const;

/** Applies one SGR sequence. Colours beyond the 16 named ones are passed over: they know no theme. */
function nextLook(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let next = look;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const kind = codes[index + 1];
      const color = kind === 5 ? (codes[index + 2] ?? 255) : 255;
      const named = color < 16 ? color : null;
      next = code === 38 ? { ...next, foreground: named } : { ...next, background: named };
      index += kind === 2 ? 4 : 2;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

function applyCode(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  const mark = MARKS.get(code);
  if (mark !== undefined) return { ...look, marks: new Set([...look.marks, mark]) };
  const ended = ENDS.get(code);
  if (ended !== undefined)
    return { ...look, marks: new Set([...look.marks].filter((name) => !ended.includes(name))) };
  if (code === 39) return { ...look, foreground: null };
  if (code === 49) return { ...look, background: null };
  const color = COLOR_BASES.find(({ base }) => code >= base && code < base + 8);
  return color === undefined ? look : { ...look, [color.of]: code - color.base + color.first };
}

function classesOf(look: Look): string {
  const classes = [...look.marks];
  if (look.foreground !== null) classes.push(`fg-${look.foreground}`);
  if (look.background !== null) classes.push(`bg-${look.background}`);
  return classes.join(' ');
}
