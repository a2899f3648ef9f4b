import { closeSync, openSync, writeSync } from 'node:fs';

/** A log of dated lines. Writing never throws: a full disk must not take the pilot down. */
export interface Log {
  line(text: string): void;
  close(): void;
}

/** Opens a job's `pilotlog.txt` for appending. Throws where that cannot be. */
export function openJobLog(path: string, now: () => number): Log {
  const file = openSync(path, 'a', 0o600);
  let open = true;
  return {
    line: (text) => {
      if (!open) return;
      try {
        writeSync(file, formatLine(now(), text));
      } catch {
        // No space for the log: the job's own result says so too.
      }
    },
    close: () => {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** `2026-11-23 02:44:50,123 | text`, UTC, as pilots write it. */
export function formatLine(time: number, text: string): string {
  const date = new Date(time).toISOString();
  return `${date.slice(0, 10)} ${date.slice(11, 19)},${date.slice(20, 23)} | ${text.replaceAll('\n', '\n  ')}\n`;
}

/** `YYYY-MM-DD HH:MM:SS`, UTC: how times travel in updates. */
export function formatWireTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
