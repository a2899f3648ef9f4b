import { createReadStream } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { parseObject } from '../json.ts';
import type { ErrorReport } from './outcome.ts';

/** How much of an output is searched for the line that tells what went wrong. */
const SEARCH_BYTES = 16 * 1024 * 1024;
const MAX_LINE = 400;

/**
 * The line that says most about a failure: the first CRITICAL one of stdout, else the first ERROR, else the first
 * WARNING one of stderr, else the last line of stderr.
 */
export async function findTellingLine(stdoutFile: string, stderrFile: string): Promise<string | undefined> {
  return (
    (await firstLine(stdoutFile, /\bCRITICAL\b/u)) ??
    (await firstLine(stderrFile, /\b(?:ERROR|Error)\b/u)) ??
    (await firstLine(stderrFile, /\bWARNING\b/u)) ??
    lastLine(await readTail(stderrFile, MAX_LINE))
  );
}

async function firstLine(file: string, pattern: RegExp): Promise<string | undefined> {
  const stream = createReadStream(file, { end: SEARCH_BYTES - 1 });
  // readline does not pass on errors of its input; a file that cannot be read tells nothing.
  const failed = new Promise<undefined>((resolve) => stream.once('error', () => resolve(undefined)));
  const found = (async () => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (pattern.test(line)) return tidy(line);
    }
    return undefined;
  })();
  try {
    return await Promise.race([found, failed]);
  } finally {
    stream.destroy();
  }
}

function lastLine(text: string): string | undefined {
  return tidy(text.trimEnd().split('\n').at(-1) ?? '') || undefined;
}

/** Without control characters, which have no place in a message, and not endless. */
function tidy(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/[\u0000-\u001f\u007f]+/gu, ' ')
    .trim()
    .slice(0, MAX_LINE);
}

/** The last `length` bytes of a text file, without the torn character at their head; empty when there is no file. */
export async function readTail(file: string, length: number): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.min(size, length));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, size - buffer.length);
      return buffer
        .subarray(0, bytesRead)
        .toString('utf8')
        .replace(/^\uFFFD+/u, '');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

const REPORT_FILE = 'payload_error_report.json';
const MAX_REPORT_BYTES = 64 * 1024;

/** The payload's own error report, if it left a sound one that names an error. */
export async function readErrorReport(workFolder: string): Promise<ErrorReport | undefined> {
  let text: string;
  try {
    const handle = await open(join(workFolder, REPORT_FILE), 'r');
    try {
      if ((await handle.stat()).size > MAX_REPORT_BYTES) return undefined;
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
  const { error_code: code, error_diag: diag } = parseObject(text) ?? {};
  if (typeof code !== 'number' || !Number.isSafeInteger(code) || code === 0) return undefined;
  return { code, diag: typeof diag === 'string' ? diag : `error code ${code}` };
}

/** A core dump in the work folder (`core` or `core.<pid>`). */
export async function findCoreFile(workFolder: string): Promise<string | undefined> {
  try {
    return (await readdir(workFolder)).find((name) => /^core(?:\.\d+)?$/u.test(name));
  } catch {
    return undefined; // The payload removed its folder: then there is no dump either.
  }
}

/** Processes the kernel killed for want of memory since it started; undefined where it does not say. */
export async function countMemoryKills(): Promise<number | undefined> {
  try {
    const count = /^oom_kill (\d+)$/mu.exec(await readFile('/proc/vmstat', 'utf8'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
