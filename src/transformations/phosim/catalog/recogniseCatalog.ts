import { basename } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { catalogCommand } from './commandTable.ts';
import type { FileRole } from './fileCheck.ts';
import { isGzip, withoutMark } from '../../readBytes.ts';
import { recogniseCommandFile } from '../commandFile/recogniseCommandFile.ts';

/** Bytes of a file that are looked at to recognise it. */
export const RECOGNISE_BYTES = 64 * 1024;
/** Packed bytes that are unpacked for it: gzip can swell a thousandfold. */
const PACKED_BYTES = 4096;
/** Lines that are neither blank nor comments. */
const MOST_LINES = 200;
/** Fields of an object line, `object` and one dust model among them. */
const OBJECT_FIELDS = 14;

/** Names that say it: one that nothing else has, and an ending that belongs to us where it is text. */
const DESC_NAME = /^phosim_cat_.*\.txt$/iu;
const SURE_NAME = /\.icat$/iu;
/** Names that other things have as well, `make_instcat.py`, or instruments of other programs. */
const LIKELY_NAMES = /instcat|\.inst$/iu;
const OTHER_LANGUAGES =
  /\.(?:py|ipynb|sh|csh|md|rst|tex|json|ya?ml|xml|html?|csv|log|c|cc|cpp|h|hpp|f90|java|[jt]s|pro|m|r)$/iu;

/**
 * Whether a file is an instance catalog, or one that a catalog includes, by its name and its first 64 KiB; undefined when it
 * is neither.
 */
export function recogniseCatalog(path: string, content: Uint8Array): FileRole | undefined {
  const name = basename(path).replace(/\.gz$/u, '');
  const lines = firstLines(content);
  // Of one that is no text the check says so.
  if (lines === undefined) return DESC_NAME.test(name) || isSpoiled(name, content) ? 'head' : undefined;
  if (DESC_NAME.test(name) || SURE_NAME.test(name)) return 'head';
  const words = lines.map(firstWord);
  const [first] = lines;
  if (first !== undefined && isObjectLine(first)) return words.some(isSetting) ? 'head' : 'objects';
  if (isNamed(name) && areMostlyKnown(words)) return 'head';
  return looksLikeHead(lines) && !recogniseCommandFile(content) ? 'head' : undefined;
}

function isNamed(name: string): boolean {
  return LIKELY_NAMES.test(name) && !OTHER_LANGUAGES.test(name);
}

function areMostlyKnown(words: readonly string[]): boolean {
  return 2 * words.filter((word) => catalogCommand(word) !== undefined).length >= words.length;
}

/** A catalog by name and words, with a NUL in it or in UTF-16. */
function isSpoiled(name: string, content: Uint8Array): boolean {
  if (isGzip(content) || !(SURE_NAME.test(name) || isNamed(name))) return false;
  const lines =
    firstLines(content.subarray(0, RECOGNISE_BYTES).filter((byte) => byte !== 0 && byte < 0xfe)) ?? [];
  return lines.length > 0 && areMostlyKnown(lines.map(firstWord));
}

function firstWord(line: string): string {
  return line.split(/\s+/u, 1)[0] ?? '';
}

/** A command of the catalog itself, which no included file has. */
function isSetting(word: string): boolean {
  const kind = catalogCommand(word)?.kind;
  return kind !== undefined && kind !== 'object';
}

/** Undefined when it is no text. */
function firstLines(content: Uint8Array): readonly string[] | undefined {
  const bytes = isGzip(content) ? unpackHead(content) : content.subarray(0, RECOGNISE_BYTES);
  if (bytes === undefined || bytes.includes(0)) return undefined;
  const text = withoutMark(bytes);
  const lines = Buffer.from(text.buffer, text.byteOffset, text.length).toString('latin1').split('\n');
  if (bytes.length === RECOGNISE_BYTES) lines.pop();
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .slice(0, MOST_LINES);
}

function unpackHead(content: Uint8Array): Uint8Array | undefined {
  try {
    // What is there of a cut stream is enough.
    const head = gunzipSync(content.subarray(0, PACKED_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
    return head.subarray(0, head.lastIndexOf(10) + 1);
  } catch {
    return undefined;
  }
}

function isObjectLine(line: string): boolean {
  return /^object\s/u.test(line) && line.split(/\s+/u, OBJECT_FIELDS).length === OBJECT_FIELDS;
}

/** At least two known commands with a number, and nothing that no catalog has. */
function looksLikeHead(lines: readonly string[]): boolean {
  if (!lines.every(isPlainLine)) return false;
  const known = lines.filter((line) => {
    const [name = '', value = ''] = line.split(/\s+/u, 2);
    const kind = catalogCommand(name)?.kind;
    return kind !== undefined && kind !== 'path' && kind !== 'object' && /^[-+]?\.?\d/u.test(value);
  });
  return known.length >= 2;
}

/** A word and values, as every line of a catalog is; no assignment, call, key or sentence of another language. */
function isPlainLine(line: string): boolean {
  const [words = ''] = line.split('#', 1);
  return /^[A-Za-z_]\w*(?:\s+[^\s=;{}()[\]"']+)*$/u.test(words.trimEnd());
}
