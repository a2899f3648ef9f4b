import { nearest } from '../../nearest.ts';
import { CATALOG_NAMES, catalogCommand } from './commandTable.ts';
import type { CatalogCommand } from './commandTable.ts';
import type { Findings } from '../../findings.ts';
import { FIRST_HEADER_WORDS, findHeaderWord } from './headerWords.ts';
import type { Line } from './line.ts';
import { physicsCommand } from '../commandFile/physicsTable.ts';
import { keywordHarm, quoted, tellComment } from './wording.ts';
import type { Setting } from './visit.ts';

/** An `includeobj` line. */
export interface Include {
  /** As written. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  /** The path with what stands behind it, where there is more than one word. */
  readonly whole: string;
}

/** Include files that are looked at; phoSim itself takes far fewer. */
const MOST_INCLUDES = 10_000;
const LOW_ALTITUDE = 20;

/** Checks the lines of a catalog that are no objects, and gathers the settings and includes. */
export class HeadCheck {
  /** By modern name; the last one of each holds. */
  readonly settings = new Map<string, Setting>();
  readonly includes: Include[] = [];
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  check(line: Line): void {
    const { hash } = line.fields;
    if (hash >= 0) this.#checkComment(line, hash);
    if (hash >= 0 && line.count > 1 && (line.bytes[hash - 1] ?? 0) > 32) this.#tellHash(line, hash);
    if (line.count === 0) return;
    const name = line.word(0);
    const command = catalogCommand(name);
    if (command === undefined) {
      this.#tellUnknown(line, name);
      return;
    }
    if (command.repeatable !== true) this.#checkDouble(line, command);
    if (command.kind === 'ignored') return;
    if (line.count < 2) {
      this.#findings.add(line.place(0), 'error', 'missing-value', () => `${name} needs a value.`);
      return;
    }
    if (command.kind === 'path') this.#include(line);
    else this.#checkValue(line, command);
    if (command.repeatable !== true) {
      this.settings.set(command.name, { value: line.word(1), line: line.number });
    }
  }

  #checkComment(line: Line, hash: number): void {
    const found = findHeaderWord(line.text());
    if (found === undefined) return;
    // Before the comment stands the command's own word, which the reader meets first.
    if (found.at < line.text(line.from, hash).length) return;
    tellComment(line, found, this.#findings);
  }

  #tellHash(line: Line, hash: number): void {
    this.#findings.add(line.placeOf(hash - 1, hash + 1), 'warning', 'hash-cuts', () => {
      return 'phoSim takes the # for a part of the value: put a blank there.';
    });
  }

  #tellUnknown(line: Line, name: string): void {
    this.#findings.add(line.place(0), 'warning', 'unknown-command', () => {
      const inside = findHeaderWord(name);
      if (inside !== undefined) return keywordHarm(inside.word, quoted(name));
      if (physicsCommand(name) !== undefined) {
        return `${name} belongs into a command file: in a catalog phoSim ignores it.`;
      }
      const near = nearest(name, CATALOG_NAMES);
      const hint = near === undefined ? '' : ` Is ${near} meant?`;
      return `phoSim knows no command ${quoted(name)} and ignores the line.${hint}`;
    });
  }

  #checkDouble(line: Line, { name }: CatalogCommand): void {
    const before = this.settings.get(name);
    if (before === undefined) return;
    this.#findings.add(line.place(0), 'warning', 'duplicate-command', () => {
      return `${name} is set in line ${before.line} already; this line wins.`;
    });
  }

  #include(line: Line): void {
    const { column = 1, endColumn = 1 } = line.place(1);
    if (this.includes.length >= MOST_INCLUDES) {
      this.#findings.add(line.place(1), 'error', 'too-many-includes', () => {
        return `There are more than ${MOST_INCLUDES} include files; the others are not looked at.`;
      });
      return;
    }
    const whole = line.text(line.fields.start(1), line.fields.end(line.count - 1));
    this.includes.push({ path: line.word(1), line: line.number, column, endColumn, whole });
    this.#checkIncludeWords(line);
  }

  /** phoSim takes one file from a line, and looks for header words in all of it. */
  #checkIncludeWords(line: Line): void {
    if (line.count > 2) {
      this.#findings.add(line.place(2, line.count - 1), 'warning', 'extra-value', () => {
        return 'phoSim takes one file from a line, up to the first blank: this is not read.';
      });
    }
    const from = line.fields.start(1);
    const found = findHeaderWord(line.text(from, line.fields.end(1)), FIRST_HEADER_WORDS);
    if (found === undefined) return;
    const at = from + found.at;
    this.#findings.add(
      line.placeOf(at, at + found.word.length),
      'warning',
      'keyword-inside-include-line',
      () => keywordHarm(found.word, 'the line of an include'),
    );
  }

  #checkValue(line: Line, command: CatalogCommand): void {
    switch (command.kind) {
      case 'number':
      case 'integer':
        this.#checkNumber(line, command);
        break;
      case 'numbers':
        for (let index = 1; index < line.count; index += 1) this.#isNumber(line, index, command);
        break;
      case 'digits':
        if (!/^\d+$/u.test(line.word(1))) {
          this.#findings.add(line.place(1), 'error', 'not-digits', () => {
            return `${command.name} must be digits only, as files are named by it: ${quoted(line.word(1))}.`;
          });
        }
        break;
      case 'date':
        this.#checkDate(line);
        break;
      case 'path':
      case 'object':
      case 'ignored':
        break;
    }
  }

  #isNumber(line: Line, index: number, command: CatalogCommand): boolean {
    const value = line.value(index);
    if (Number.isFinite(value)) return true;
    this.#findings.add(line.place(index), 'error', 'not-a-number', () => {
      if (!Number.isNaN(value)) return `${command.name} is beyond all numbers: ${quoted(line.word(index))}.`;
      return `${command.name} must be a number${command.unit === '' ? '' : ` (${command.unit})`}: ${quoted(line.word(index))}.`;
    });
    return false;
  }

  #checkNumber(line: Line, command: CatalogCommand): void {
    if (!this.#isNumber(line, 1, command)) return;
    const value = line.value(1);
    const { name, unit, range, rangeCode = 'range' } = command;
    if (command.kind === 'integer' && !Number.isInteger(value)) {
      this.#findings.add(line.place(1), 'error', rangeCode === 'range' ? 'not-an-integer' : rangeCode, () => {
        return `${name} must be a whole number: ${line.word(1)}.`;
      });
    } else if (range !== undefined && (value < range[0] || value > range[1])) {
      this.#findings.add(line.place(1), 'error', rangeCode, () => {
        const [least, most] = range;
        const wanted = Number.isFinite(most) ? `from ${least} to ${most}` : `at least ${least}`;
        return `${name} must be ${wanted}${unit === '' ? '' : ` ${unit}`}: ${line.word(1)}.`;
      });
    } else if (name === 'filter' && !/^\d+$/u.test(line.word(1))) {
      this.#findings.add(line.place(1), 'warning', 'filter-form', () => {
        return `Files are named by the filter as it is written: write ${value}, not ${quoted(line.word(1))}.`;
      });
    } else if (name === 'altitude' && value < LOW_ALTITUDE) {
      this.#findings.add(line.place(1), 'warning', 'low-altitude', () => {
        return `Below ${LOW_ALTITUDE} degrees the air mass is beyond what phoSim's atmosphere is made for.`;
      });
    }
  }

  #checkDate(line: Line): void {
    // The fraction of the day may also stand with the day, as 2000/1/2.389.
    const [, month = ''] = /^\d+\/(\d+)\/[\d.]+(?:\/[\d.]*)?$/u.exec(line.word(1)) ?? [];
    if (Number(month) >= 1 && Number(month) <= 12) return;
    this.#findings.add(line.place(1), 'error', 'date-format', () => {
      return `A date is written year/month/day/fraction, as 2022/8/6/0.285409: ${quoted(line.word(1))}.`;
    });
  }
}
