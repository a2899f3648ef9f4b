import { appendFileSync, renameSync, statSync } from 'node:fs';

/** A log that takes one line at a time and never fails its writer. */
export interface LogFile {
  line(text: string): void;
}

const MAX_BYTES = 5 * 1024 * 1024;

/** Appends lines to a file; when it grows too large it becomes `<file>.1`, and a new one is begun. */
export function createLogFile(file: string, now: () => number, maxBytes = MAX_BYTES): LogFile {
  let size = sizeOf(file);
  return {
    line: (text) => {
      const line = `${new Date(now()).toISOString()} ${oneLine(text)}\n`;
      try {
        if (size + line.length > maxBytes && size > 0) {
          renameSync(file, `${file}.1`);
          size = 0;
        }
        appendFileSync(file, line, { mode: 0o600 });
        size += Buffer.byteLength(line);
      } catch {
        // On a full disk the log is what can be done without.
      }
    },
  };
}

function oneLine(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n    ');
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
