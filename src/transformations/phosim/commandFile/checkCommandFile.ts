import { nearest } from '../../nearest.ts';
import { catalogCommand } from '../catalog/commandTable.ts';
import { Findings } from '../../findings.ts';
import type { ListedFindings } from '../../findings.ts';
import { withoutMark } from '../../readBytes.ts';
import { quoted, tellMark } from '../catalog/wording.ts';
import { PHYSICS_COMMANDS, physicsCommand } from './physicsTable.ts';
import type { PhysicsCommand } from './physicsTable.ts';

/** All about one command file. */
export interface CommandFileReport extends ListedFindings {
  /** Appended to the visit's number in the names of all files; empty mostly. */
  readonly extraId: string;
}

/** Lines and bytes that are looked at: a command file is small, perturbation files have some thousand lines. */
const MOST_BYTES = 4 * 1024 * 1024;
const LONGEST_LINE = 4095;
/** Commands that the driver reads, wherever they stand in a line. */
const DRIVER_WORDS = /extraid|eventfile|throughputfile|centroidfile|opdfile/u;
const SWITCHES = /^[01](?:\.0*)?$/u;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/u;

/** Checks a physics override file. */
export function checkCommandFile(content: Uint8Array): CommandFileReport {
  const findings = new Findings();
  const marked = content.subarray(0, MOST_BYTES);
  const part = withoutMark(marked);
  if (part !== marked) tellMark(0, findings);
  const nul = part.indexOf(0);
  const bytes = nul < 0 ? part : part.subarray(0, nul);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  const lines = text.split('\n');
  const check = new CommandCheck(findings);
  lines.forEach((line, index) => {
    check.line(line.replace(/\r$/u, ''), index + 1);
  });
  tellWhole(lines, content, nul, findings);
  return { ...findings.list(), extraId: check.extraId };
}

function tellWhole(lines: readonly string[], content: Uint8Array, nul: number, findings: Findings): void {
  const line = lines.length;
  if (nul >= 0) {
    findings.add({ file: 0, line }, 'error', 'not-text', () => {
      return 'The file is no text: there is a NUL in this line. What follows is not looked at.';
    });
  } else if (content.length > MOST_BYTES) {
    findings.add({ file: 0, line }, 'warning', 'file-too-long', () => {
      return 'A command file of more than 4 MB: what follows is not looked at.';
    });
  } else if (content.length > 0 && content.at(-1) !== 10) {
    const column = (lines.at(-1) ?? '').length + 1;
    findings.add({ file: 0, line, column, endColumn: column }, 'error', 'no-final-newline', () => {
      return 'The last line has no line end: phoSim glues it to what follows, or stops and reports success.';
    });
  }
}

class CommandCheck {
  extraId = '';
  readonly #findings: Findings;
  readonly #seen = new Map<string, number>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  line(text: string, number: number): void {
    if (text.length > LONGEST_LINE) {
      this.#findings.add({ file: 0, line: number }, 'error', 'line-too-long', () => {
        return `The line is longer than ${LONGEST_LINE} characters: phoSim cuts it into several.`;
      });
      return;
    }
    this.#checkComment(text, number);
    const words = [...text.replace(/#.*$/u, '').matchAll(/\S+/gu)];
    const [first, ...values] = words;
    if (first === undefined) return;
    const name = first[0];
    const place = placeOf(first, number);
    this.#checkDouble(words.map(String), place);
    if (name === 'extraid') this.extraId = String(values[0] ?? '');
    const command = physicsCommand(name);
    if (command === undefined) this.#tellUnknown(name, place);
    else this.#checkValue(command, values, number, place);
  }

  /** phoSim's driver looks for these words in comments, too. */
  #checkComment(text: string, line: number): void {
    const hash = text.indexOf('#');
    const found = DRIVER_WORDS.exec(hash < 0 ? '' : text.slice(hash));
    if (found === null) return;
    const column = hash + found.index + 1;
    const place = { file: 0, line, column, endColumn: column + found[0].length };
    this.#findings.add(place, 'warning', 'keyword-in-comment', () => {
      return `Comments are not skipped: phoSim takes the line for ${found[0]}, and its second field for the value.`;
    });
  }

  /** The last of several wins; those with an index or several values set different things. */
  #checkDouble(words: readonly string[], place: Place): void {
    if (words.length !== 2) return;
    const [name = ''] = words;
    const before = this.#seen.get(name);
    this.#seen.set(name, place.line);
    if (before === undefined) return;
    this.#findings.add(place, 'warning', 'duplicate-command', () => {
      return `${name} is set in line ${before} already; this line wins.`;
    });
  }

  #tellUnknown(name: string, place: Place): void {
    // Commands of the catalog may be overridden too.
    if (catalogCommand(name) !== undefined) return;
    const near = nearest(
      name,
      PHYSICS_COMMANDS.map((command) => command.name),
    );
    if (near === undefined) {
      this.#findings.add(place, 'information', 'unknown-command', () => {
        return `${quoted(name)} is not among the commands known here; phoSim ignores what it does not know.`;
      });
      return;
    }
    this.#findings.add(place, 'warning', 'unknown-command', () => {
      return `${quoted(name)} is not a known command, and phoSim ignores what it does not know. Is ${near} meant?`;
    });
  }

  #checkValue(
    { name, value }: PhysicsCommand,
    values: readonly RegExpExecArray[],
    line: number,
    place: Place,
  ): void {
    if (value === 'none') return;
    const [given] = values;
    if (given === undefined) {
      this.#findings.add(place, 'error', 'missing-value', () => `${name} needs a value.`);
      return;
    }
    if (value === 'words') return;
    if (!NUMBER.test(given[0])) {
      this.#findings.add(placeOf(given, line), 'error', 'not-a-number', () => {
        return `${name} must be a number: ${quoted(given[0])}.`;
      });
    } else if (value === 'switch' && !SWITCHES.test(given[0])) {
      this.#findings.add(placeOf(given, line), 'information', 'not-a-switch', () => {
        return `${name} is a switch, 0 or 1: ${given[0]}.`;
      });
    }
  }
}

interface Place {
  readonly file: 0;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

function placeOf(match: RegExpExecArray, line: number): Place {
  const column = match.index + 1;
  return { file: 0, line, column, endColumn: column + match[0].length };
}
