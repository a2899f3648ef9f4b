import { isUtf8 } from 'node:buffer';
import type { Findings } from '../../findings.ts';
import type { HeadCheck } from './headCheck.ts';
import { Line } from './line.ts';
import { LineReader, LONGEST_LINE } from './lineReader.ts';
import type { LineTaker } from './lineReader.ts';
import type { ObjectCheck } from './objectCheck.ts';
import { withoutMark } from '../../readBytes.ts';
import { catalogCommand } from './commandTable.ts';
import { tellMark } from './wording.ts';
import type { WordPool } from './wordPool.ts';

/** `head`: a catalog with settings and includes; `objects`: a file of object lines, as `includeobj` names. */
export type FileRole = 'head' | 'objects';

/** What the files of one catalog share. */
export interface FileCheckParts {
  readonly head: HeadCheck;
  readonly objects: ObjectCheck;
  readonly findings: Findings;
  readonly pool: WordPool;
}

const OBJECT = Buffer.from('object');

/** Checks one file of a catalog, piece by piece. */
export class FileCheck implements LineTaker {
  objects = 0;
  readonly role: FileRole;
  readonly #head: HeadCheck;
  readonly #objectCheck: ObjectCheck;
  readonly #findings: Findings;
  readonly #line: Line;
  readonly #lines = new LineReader(this);
  #begun = false;
  /** Told once a file. */
  #toldEncoding = false;
  #toldCommand = false;

  constructor(file: number, role: FileRole, parts: FileCheckParts) {
    this.#line = new Line(parts.pool);
    this.#line.file = file;
    this.role = role;
    this.#head = parts.head;
    this.#objectCheck = parts.objects;
    this.#findings = parts.findings;
  }

  /** Lines so far. */
  get lines(): number {
    return this.#lines.count;
  }

  /** False when the file is no text: there is no sense in going on. */
  push(bytes: Uint8Array): boolean {
    const piece = this.#begun ? bytes : this.#skipMark(bytes);
    this.#begun = true;
    const nul = piece.indexOf(0);
    this.#lines.push(nul < 0 ? piece : piece.subarray(0, nul));
    if (nul < 0) return true;
    this.#findings.add({ file: this.#line.file, line: this.#lines.number }, 'error', 'not-text', () => {
      return 'The file is no text: there is a NUL in this line. What follows is not looked at.';
    });
    return false;
  }

  end(): void {
    this.#lines.end();
  }

  line(bytes: Uint8Array, from: number, to: number, number: number): void {
    const line = this.#line;
    line.set(bytes, from, to, number);
    if (line.fields.beyondAscii) this.#checkEncoding(line);
    if (isObject(line)) {
      this.objects += 1;
      this.#objectCheck.check(line, this.role === 'head');
    } else if (this.role === 'head') this.#head.check(line);
    else if (line.count > 0 && !this.#toldCommand) this.#tellStray(line);
  }

  longLine(number: number): void {
    this.#findings.add({ file: this.#line.file, line: number }, 'error', 'line-too-long', () => {
      return `The line is longer than ${LONGEST_LINE} characters: phoSim cuts it into several.`;
    });
  }

  #skipMark(bytes: Uint8Array): Uint8Array {
    const rest = withoutMark(bytes);
    if (rest !== bytes) tellMark(this.#line.file, this.#findings);
    return rest;
  }

  #checkEncoding(line: Line): void {
    if (this.#toldEncoding || isUtf8(line.bytes.subarray(line.from, line.to))) return;
    this.#toldEncoding = true;
    this.#findings.add(line.place(), 'warning', 'not-utf8', () => {
      return 'The line is not UTF-8: later releases of phoSim, which run on Python 3, stop here.';
    });
  }

  #tellStray(line: Line): void {
    this.#toldCommand = true;
    const name = line.word(0);
    if (name === 'includeobj') {
      this.#findings.add(line.place(0), 'warning', 'nested-include', () => {
        return 'phoSim does not follow an include in an included file: these objects are not read.';
      });
      return;
    }
    const known = catalogCommand(name) !== undefined;
    this.#findings.add(line.place(0), 'warning', 'command-in-include', () => {
      const what = known ? `${name} does not belong here` : 'this is none';
      return `An included file holds object lines only, and ${what}: phoSim's behaviour is undefined.`;
    });
  }
}

function isObject({ bytes, fields }: Line): boolean {
  if (fields.count === 0) return false;
  const start = fields.start(0);
  if (fields.end(0) - start !== OBJECT.length) return false;
  for (let index = 0; index < OBJECT.length; index += 1) {
    if (bytes[start + index] !== OBJECT[index]) return false;
  }
  return true;
}
