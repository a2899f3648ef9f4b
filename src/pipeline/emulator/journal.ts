import { open, readFile, rename, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineEvent } from './events.ts';

/** What a run is of: the first line of its journal. */
export interface RunHead {
  readonly format: 1;
  /** Of the task file. */
  readonly digest: string;
  readonly task: string;
  readonly keyBase: number;
  readonly started: number;
  /** At which mails are taken, so that jobs find it again. */
  readonly smtpPort: number;
}

export interface OpenJournal {
  readonly head: RunHead;
  /** What happened before. */
  readonly events: readonly PipelineEvent[];
  /** On disk when it resolves; events are written in the order of the calls. */
  append(events: readonly PipelineEvent[]): Promise<void>;
  close(): Promise<void>;
}

export class JournalError extends Error {
  override readonly name = 'JournalError';
}

const FILE = 'journal.jsonl';

/** The head of the run that a folder holds; undefined where it holds none. Throws JournalError where it cannot be read. */
export async function readRunHead(folder: string): Promise<RunHead | undefined> {
  const text = await readText(folder);
  return text === undefined ? undefined : headOf(text, folder);
}

/** Begins a journal in a folder that has none. */
export async function beginJournal(folder: string, head: RunHead): Promise<OpenJournal> {
  const path = join(folder, FILE);
  // Whole or not at all: a journal without its head would be none.
  await writeFile(`${path}.new`, `${JSON.stringify(head)}\n`, { flush: true, mode: 0o600 });
  await rename(`${path}.new`, path);
  return opened(path, head, []);
}

/** Goes on with the journal of a folder. The last line is left out where it was cut off while it was written. */
export async function continueJournal(folder: string): Promise<OpenJournal> {
  const text = (await readText(folder)) ?? '';
  const head = headOf(text, folder);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const events = whole
    .split('\n')
    .slice(1, -1)
    .map((line, index) => eventOf(line, index + 2, folder));
  const path = join(folder, FILE);
  if (whole.length < text.length) {
    const file = await open(path, 'r+');
    try {
      await file.truncate(Buffer.byteLength(whole));
    } finally {
      await file.close();
    }
  }
  return opened(path, head, events);
}

async function opened(path: string, head: RunHead, events: readonly PipelineEvent[]): Promise<OpenJournal> {
  const file = await open(path, 'a');
  let last: Promise<void> = Promise.resolve();
  return {
    head,
    events,
    append(more) {
      const written = last.then(() => write(file, more));
      // What comes after a failure is refused, too: a gap would make another run of it.
      last = written;
      last.catch(() => undefined);
      return written;
    },
    async close() {
      await last.catch(() => undefined);
      await file.close();
    },
  };
}

async function write(file: FileHandle, events: readonly PipelineEvent[]): Promise<void> {
  await file.appendFile(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await file.datasync();
}

async function readText(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function headOf(text: string, folder: string): RunHead {
  const line = text.slice(0, Math.max(text.indexOf('\n'), 0));
  const head = parsed(line) as Partial<RunHead> | undefined;
  if (head?.format === 1 && typeof head.digest === 'string' && typeof head.keyBase === 'number')
    return head as RunHead;
  throw new JournalError(`${join(folder, FILE)} is not the journal of an emulated pipeline`);
}

function eventOf(line: string, number: number, folder: string): PipelineEvent {
  const event = parsed(line) as PipelineEvent | undefined;
  if (typeof event?.type === 'string' && typeof event.at === 'number') return event;
  throw new JournalError(`Line ${number} of ${join(folder, FILE)} is no event`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
