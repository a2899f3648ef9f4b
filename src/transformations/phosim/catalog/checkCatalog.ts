import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { checkField } from './fieldCheck.ts';
import { FileCheck } from './fileCheck.ts';
import { WordPool } from './wordPool.ts';
import type { FileCheckParts, FileRole } from './fileCheck.ts';
import { Findings } from '../../findings.ts';
import type { ListedFindings, Place } from '../../findings.ts';
import { HeadCheck } from './headCheck.ts';
import type { Include } from './headCheck.ts';
import { ObjectCheck } from './objectCheck.ts';
import { isGzip, memoryPieces, openFile, ReadError } from '../../readBytes.ts';
import type { ReadTrouble } from '../../readBytes.ts';
import { checkSpectra } from './spectraCheck.ts';
import { describeCatalog } from './summary.ts';
import type { CatalogSummary, IncludeSummary } from './summary.ts';

/** What to check. */
export interface CatalogRequest {
  /** Absolute path; includes are looked for in its folder. */
  readonly path: string;
  /** The text as an editor holds it; otherwise the file is read. */
  readonly content?: Uint8Array;
  /** `head` unless the file is known to hold object lines only. */
  readonly role?: FileRole;
  /** Where the spectra lie; their existence is only checked when it is given. */
  readonly sedFolder?: string;
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** Bytes read so far, of all that are known of: as stored, not as unpacked. */
  readonly onProgress?: (read: number, total: number) => void;
}

/** All about one catalog. */
export interface CatalogReport extends ListedFindings {
  readonly countsByCode: Readonly<Record<string, number>>;
  readonly summary: CatalogSummary;
}

/**
 * Checks an instance catalog and what it includes, streaming: memory does not grow with the files, and others get their turn
 * between pieces. Rejects with the signal's reason when aborted, and with a ReadError when the catalog itself cannot be read.
 */
export async function checkCatalog(
  request: CatalogRequest,
  { signal = new AbortController().signal, onProgress }: CheckOptions = {},
): Promise<CatalogReport> {
  const findings = new Findings();
  const parts = {
    head: new HeadCheck(findings),
    objects: new ObjectCheck(findings),
    findings,
    pool: new WordPool(),
  };
  const progress = { read: 0, total: 0 };
  const onRead = (bytes: number): void => {
    progress.read += bytes;
    onProgress?.(progress.read, progress.total);
  };
  const run: Run = { parts, signal, onRead, progress };

  const main = new FileCheck(0, request.role ?? 'head', parts);
  const identity = await checkMain(request, main, run);
  const includes = await checkIncludes(request, identity, run);
  checkVisitNumber(request.path, run);
  if (includes.every(({ trouble }) => trouble === undefined)) {
    checkField(parts.head.settings, parts.objects.sky, findings);
  }
  if (parts.objects.missedDoubles) {
    findings.add({ file: 0, line: 1 }, 'information', 'duplicates-not-sought', () => {
      return 'There are too many objects to look for doubles among all of them.';
    });
  }
  const missingSpectra = await checkSpectra(parts.objects.spectra, request.sedFolder, findings, signal);
  const files = [request.path, ...includes.map(({ file }) => file)];
  return {
    ...findings.list(files),
    countsByCode: findings.byCode,
    summary: describeCatalog({ ...parts, includes, own: main.objects, lines: main.lines, missingSpectra }),
  };
}

interface Run {
  readonly parts: FileCheckParts;
  readonly signal: AbortSignal;
  readonly onRead: (bytes: number) => void;
  readonly progress: { read: number; total: number };
}

/** Reads the catalog itself; gives the identity of its file, empty where it is in memory. */
async function checkMain(request: CatalogRequest, check: FileCheck, run: Run): Promise<string> {
  const { content } = request;
  if (content !== undefined) {
    run.progress.total += content.length;
    await checkWhole(memoryPieces(content, run.signal), isGzip(content), check, run);
    run.onRead(content.length);
    return '';
  }
  const file = await openFile(request.path);
  run.progress.total += file.size;
  try {
    await checkWhole(file.pieces(run.signal, run.onRead), file.packed, check, run);
  } finally {
    await file.close();
  }
  return file.identity;
}

async function checkWhole(
  pieces: AsyncIterable<Uint8Array>,
  packed: boolean,
  check: FileCheck,
  { parts: { findings } }: Run,
): Promise<void> {
  if (packed && check.role === 'head') {
    findings.add({ file: 0, line: 1 }, 'error', 'packed-catalog', () => {
      return 'phoSim unpacks only files that a catalog includes, not the catalog: gunzip it.';
    });
  }
  try {
    await checkPieces(pieces, check);
  } catch (error) {
    const trouble = error instanceof ReadError ? WHOLE[error.trouble] : undefined;
    if (trouble === undefined) throw error;
    check.end();
    findings.add({ file: 0, line: Math.max(1, check.lines) }, 'error', 'file-damaged', () => trouble);
  }
}

const WHOLE: Partial<Record<ReadTrouble, string>> = {
  truncated: 'The gzip file is cut off here.',
  damaged: 'The gzip file is damaged here.',
  unreadable: 'The file cannot be read beyond this line.',
};

async function checkPieces(pieces: AsyncIterable<Uint8Array>, check: FileCheck): Promise<void> {
  for await (const piece of pieces) if (!check.push(piece)) break;
  check.end();
}

async function checkIncludes(
  request: CatalogRequest,
  mainIdentity: string,
  run: Run,
): Promise<readonly IncludeSummary[]> {
  const folder = dirname(request.path);
  const seen = new Map([[mainIdentity, 0]]);
  const includes: IncludeSummary[] = [];
  for (const include of run.parts.head.includes) {
    // As phoSim joins them: an absolute path stands for itself.
    const file = isAbsolute(include.path) ? include.path : join(folder, include.path);
    const result = await checkInclude(include, file, includes.length + 1, seen, run);
    tellOutside(include, folder, file, run.parts.findings);
    includes.push({ path: include.path, line: include.line, file, ...result });
  }
  return includes;
}

type IncludeResult = Omit<IncludeSummary, 'path' | 'line' | 'file'>;

async function checkInclude(
  include: Include,
  path: string,
  number: number,
  seen: Map<string, number>,
  run: Run,
): Promise<IncludeResult> {
  const check = new FileCheck(number, 'objects', run.parts);
  let size = 0;
  try {
    const file = await openFile(path);
    size = file.size;
    try {
      if (tellDouble(include, seen.get(file.identity), run.parts.findings)) {
        return { found: true, size, objects: 0 };
      }
      seen.set(file.identity, include.line);
      run.progress.total += size;
      // phoSim unpacks by the name alone.
      if (file.packed && !include.path.includes('.gz')) throw new ReadError('misnamed');
      await checkPieces(file.pieces(run.signal, run.onRead), check);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const [code, text] = INCLUDE_TROUBLES[error.trouble];
    run.parts.findings.add(placeOf(include), 'error', code, () => {
      const isCut = error.trouble === 'missing' && /^["']|\s/u.test(include.whole);
      const hint = isCut ? ' A path can hold neither blanks nor quotes.' : '';
      return `${include.path}: ${text}${hint}`;
    });
    return { found: error.trouble !== 'missing', size, objects: check.objects, trouble: error.trouble };
  }
  return { found: true, size, objects: check.objects };
}

function placeOf({ line, column, endColumn }: Include): Place {
  return { file: 0, line, column, endColumn };
}

/** `before`: the line that includes the same file, 0 when it is the catalog itself. */
function tellDouble(include: Include, before: number | undefined, findings: Findings): boolean {
  if (before === undefined) return false;
  const code = before === 0 ? 'include-cycle' : 'duplicate-include';
  findings.add(placeOf(include), 'warning', code, () => {
    return before === 0
      ? 'The catalog includes itself: its objects would come twice.'
      : `This file is included in line ${before} already: its objects come twice.`;
  });
  return true;
}

const INCLUDE_TROUBLES: Readonly<Record<ReadTrouble, readonly [code: string, text: string]>> = {
  missing: ['include-missing', 'there is no such file beside the catalog.'],
  folder: ['include-not-file', 'it is a folder.'],
  notFile: ['include-not-file', 'it is no ordinary file.'],
  notAllowed: ['include-unreadable', 'you may not read it.'],
  truncated: ['include-truncated', 'the gzip file is cut off: objects at its end are lost.'],
  damaged: ['include-damaged', 'the gzip file is damaged.'],
  unreadable: ['include-unreadable', 'it cannot be read to its end.'],
  misnamed: ['include-misnamed', 'it is gzip, which phoSim only unpacks where the name holds .gz.'],
};

/** A job at a site gets the catalog's folder and what lies below it. */
function tellOutside(include: Include, folder: string, file: string, findings: Findings): void {
  const way = relative(folder, file);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) {
    if (!isAbsolute(include.path)) return;
    findings.add(placeOf(include), 'warning', 'include-absolute', () => {
      return `${include.path} is an absolute path: it is not sent along. Write ${way} to have it sent.`;
    });
    return;
  }
  findings.add(placeOf(include), 'warning', 'include-outside', () => {
    return `${include.path} lies outside the folder of the catalog: at a site it is not there.`;
  });
}

/** Directories of DC2 had the number padded with zeros and the file not, which has been mixed up. */
function checkVisitNumber(path: string, { parts }: Run): void {
  const named = /(?:^|[/\\])phosim_cat_0*(\d+)\.txt$/u.exec(path)?.[1];
  const set = parts.head.settings.get('obshistid');
  if (named === undefined || set === undefined || !/^\d+$/u.test(set.value)) return;
  if (set.value.replace(/^0+(?=\d)/u, '') === named) return;
  parts.findings.add({ file: 0, line: set.line }, 'warning', 'visit-mismatch', () => {
    return `The file is named for visit ${named} and is of visit ${set.value}.`;
  });
}
