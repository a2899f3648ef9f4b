import type { Diagnostic } from '../diagnostics.ts';

/** A table of parameters: one job for each row. */
export interface ParameterTable {
  /** Names by which the values of a row are put in. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a parameter may be called. */
export const PARAMETER_NAME = /^[A-Za-z_][\w-]*$/u;

const MOST_ROWS = 100_000;
const MOST_PROBLEMS = 20;
/** UTF-16 units. */
const LARGEST = 32_000_000;

/** Reads CSV (RFC 4180): commas, texts with commas, quotes or line ends in quotes, a first line with the names. Never throws. */
export function parseParameterTable(text: string): ParameterTable {
  const diagnostics: Diagnostic[] = [];
  const report = (line: number, code: string, message: string): void => {
    if (diagnostics.length < MOST_PROBLEMS) diagnostics.push({ line, severity: 'error', code, message });
  };
  if (text.length > LARGEST) {
    report(1, 'table-too-large', 'The table is larger than 32 million characters.');
    return { columns: [], rows: [], diagnostics };
  }
  let columns: readonly string[] | undefined;
  const rows: (readonly string[])[] = [];
  for (const { line, fields } of records(text.replace(/^\ufeff/u, ''), report)) {
    if (columns === undefined) {
      columns = fields.map((field) => field.trim());
      checkColumns(columns, line, report);
    } else if (fields.length !== columns.length) {
      const message = `The row has ${counted(fields.length, 'value')}, the table ${counted(columns.length, 'column')}.`;
      report(line, 'wrong-number-of-values', message);
    } else if (rows.length === MOST_ROWS) {
      report(line, 'too-many-rows', `The table has more than ${MOST_ROWS} rows.`);
      break;
    } else {
      rows.push(fields);
    }
  }
  if (columns === undefined)
    report(1, 'empty-table', 'The table is empty: its first line names the columns.');
  else if (rows.length === 0 && diagnostics.length === 0) {
    report(1, 'no-rows', 'The table has no row below the names of its columns.');
  }
  return { columns: columns ?? [], rows, diagnostics };
}

type ReportLine = (line: number, code: string, message: string) => void;

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function checkColumns(columns: readonly string[], line: number, report: ReportLine): void {
  const seen = new Set<string>();
  for (const name of columns) {
    if (!PARAMETER_NAME.test(name)) {
      const rule = /[;\t]/u.test(name)
        ? 'columns are separated by commas.'
        : 'letters, digits, _ and -, a letter first.';
      const message = `${JSON.stringify(name)} cannot be the name of a column: ${rule}`;
      report(line, 'bad-column-name', message);
    } else if (seen.has(name)) {
      report(line, 'duplicate-column', `Two columns are called ${name}.`);
    }
    seen.add(name);
  }
}

interface CsvRecord {
  /** Line it begins on, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A field in quotes, or one without; then a comma or the end of the line or of the text. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/uy;

/** The records of a text; blank lines are none. */
function* records(text: string, report: ReportLine): Generator<CsvRecord> {
  let line = 1;
  let fields: string[] = [];
  let start = line;
  const field = new RegExp(FIELD);
  while (field.lastIndex < text.length || fields.length > 0) {
    const match = field.exec(text);
    if (match === null) {
      report(
        line,
        'bad-quotes',
        'The quotes of this row are wrong: a quote in a quoted text is written twice.',
      );
      return;
    }
    const [, quoted, plain = '', end] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += quoted === undefined ? 0 : lineEnds(quoted);
    if (end === ',') continue;
    const isBlank = fields.length === 1 && quoted === undefined && plain.trim() === '';
    if (!isBlank) yield { line: start, fields };
    fields = [];
    if (end === '') return;
    line += 1;
    start = line;
  }
}

function lineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/gu)?.length ?? 0;
}
