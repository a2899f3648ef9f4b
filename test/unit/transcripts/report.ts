import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What became of one recorded exchange when it was replayed. */
export interface TranscriptRow {
  /** The recording's file, `job-kill.json`. */
  readonly file: string;
  /** The exchange's name in it. */
  readonly name: string;
  readonly agrees: boolean;
  /** Why it does not agree; empty where it does. */
  readonly reason: string;
}

const FOLDER = path.resolve(import.meta.dirname, '../../../test-output');

/** Writes `test-output/transcripts-<name>.md` and `.json`: how many agree, and each that does not with its reason. */
export async function writeReport(name: string, rows: readonly TranscriptRow[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `transcripts-${name}`);
  await writeFile(`${file}.json`, `${JSON.stringify(summary(name, rows), undefined, 1)}\n`);
  await writeFile(`${file}.md`, markdown(name, rows));
}

function summary(name: string, rows: readonly TranscriptRow[]): object {
  const differing = rows.filter((row) => !row.agrees);
  return { name, exchanges: rows.length, agreeing: rows.length - differing.length, differing };
}

function markdown(name: string, rows: readonly TranscriptRow[]): string {
  const files = [...new Set(rows.map((row) => row.file))].sort();
  const differing = rows.filter((row) => !row.agrees);
  return [
    `# Recorded exchanges with a PanDA server: ${name}`,
    '',
    `${rows.length - differing.length} of ${rows.length} agree.`,
    '',
    '| recording | exchanges | agree |',
    '|---|---:|---:|',
    ...files.map((file) => {
      const own = rows.filter((row) => row.file === file);
      return `| ${file} | ${own.length} | ${own.filter((row) => row.agrees).length} |`;
    }),
    '',
    '## Those that do not, and why',
    '',
    '| recording | exchange | reason |',
    '|---|---|---|',
    ...differing.map((row) => `| ${row.file} | ${cell(row.name)} | ${cell(row.reason)} |`),
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
