import { CHECKERS } from './checkers.ts';
import type { CheckedFile, Checker, CheckFileOptions, CheckOutcome } from './checker.ts';
import { openFile } from './readBytes.ts';

/** What a file was taken for, and what was found. */
export interface CheckResult extends CheckOutcome {
  /** `instance-catalog`, `command-file`, … */
  readonly kind: string;
  /** The same for people: `instance catalog`. */
  readonly label: string;
}

/** Bytes by which a file is recognised. */
const HEAD = 64 * 1024;

/**
 * Checks a file of any kind that we know; undefined when it is none of them. `content` is what an editor holds; without it
 * the file is read, streaming where it may be large. `others`: kinds that other rooms know. Rejects with a ReadError when it cannot be read.
 */
export async function checkFile(
  path: string,
  content: Uint8Array | undefined,
  options: CheckFileOptions = {},
  others: readonly Checker[] = [],
): Promise<CheckResult | undefined> {
  const head = content?.subarray(0, HEAD) ?? (await readHead(path, options.signal));
  const file: CheckedFile = { path, head, ...(content === undefined ? {} : { content }) };
  for (const checker of [...CHECKERS, ...others]) {
    if (!checker.recognise(path, head)) continue;
    const outcome = await checker.check(file, options);
    if (outcome !== undefined) return { kind: checker.kind, label: checker.label, ...outcome };
  }
  return undefined;
}

async function readHead(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    return await file.head(HEAD, signal);
  } finally {
    await file.close();
  }
}
