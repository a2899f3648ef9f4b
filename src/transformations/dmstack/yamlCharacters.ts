import type { Report } from '../yamlReport.ts';

/** What PyYAML takes from no text, in quotes or without. */
const NOT_PRINTABLE = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/u;
/** Stands for bytes that were no UTF-8 when the text was read. */
const STRANGE = '\uFFFD';

/** Characters at which Python's loader stops, and ours does not: the first of each kind. */
export function checkCharacters(text: string, report: Report): void {
  const control = NOT_PRINTABLE.exec(text);
  if (control !== null) {
    const code = (control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const message = `The control character U+${code} stands here: no YAML may hold it.`;
    report.error({ start: control.index, end: control.index + 1 }, 'control-character', message);
  }
  const strange = text.indexOf(STRANGE);
  if (strange >= 0) {
    const message = 'Here is something that is not UTF-8: Python stops at it.';
    report.warning({ start: strange, end: strange + 1 }, 'not-utf8', message);
  }
}
