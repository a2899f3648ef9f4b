import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  CaptureError,
  decodeConnection,
  messageLines,
  messageShape,
  readCapture,
} from '../../pipeline/rmi/index.ts';
import type { DumpedMessage } from '../../pipeline/rmi/index.ts';
import { formatSize, plural } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { UsageError } from '../usageError.ts';

/** A file is held in memory with all that is in it. */
const MOST_BYTES = 64 * 1024 * 1024;

/** One file of the command line; without messages there is a problem. */
interface Dump {
  readonly file: string;
  readonly messages: readonly DumpedMessage[];
  /** Why it was not read. */
  readonly problem?: string;
}

export const rmiCommand: Command = {
  name: 'rmi',
  summary: 'Shows captured connections of the pipeline (Java RMI), message by message',
  usage: ['rmi dump FILE... [options]'],
  options: [],
  examples: ['rmi dump connection.json', 'rmi dump client.raw --json'],
  async run(context) {
    const { args, out, io } = context;
    const [word = '', ...files] = args.positionals;
    if (word !== 'dump') {
      const problem = word === '' ? 'What is to be done with Java RMI?' : `rmi does not know ${word}.`;
      throw new UsageError(problem, 'Say rmi dump FILE');
    }
    if (files.length === 0) {
      throw new UsageError(
        'There is nothing to show.',
        'Name a file, as in desc-panda rmi dump connection.json',
      );
    }
    const dumps: Dump[] = [];
    for (const file of files) {
      io.signal.throwIfAborted();
      const dump = await read(file, io.cwd);
      dumps.push(dump);
      if (files.length > 1) out.line(out.style.bold(`== ${cleanLine(file)}`));
      await show(dump, context);
    }
    out.result({ files: dumps.map(dumpShape) });
    if (dumps.some(({ problem }) => problem !== undefined)) return EXIT.usage;
    return dumps.some(({ messages }) => messages.some(isUnknown)) ? EXIT.jobFailed : EXIT.ok;
  },
};

async function read(file: string, folder: string): Promise<Dump> {
  const path = resolve(folder, file);
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES)
      return { file, messages: [], problem: `it is larger than ${formatSize(MOST_BYTES)}` };
    return { file, messages: decodeConnection(readCapture(await readFile(path))) };
  } catch (error) {
    if (error instanceof CaptureError) return { file, messages: [], problem: error.message };
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    return { file, messages: [], problem: WHY[code] ?? `it cannot be read: ${code}` };
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

async function show({ file, messages, problem }: Dump, { out }: CommandContext): Promise<void> {
  if (problem !== undefined) return out.line(`${cleanLine(file)}: ${problem}`);
  for (const message of messages) {
    for (const line of messageLines(message)) out.line(cleanLine(line));
    await out.flush();
  }
  out.line(out.style.dim(`${plural(messages.length, 'message')}; ${verdict(messages)}`));
}

function verdict(messages: readonly DumpedMessage[]): string {
  const streams = messages.flatMap((message) => ('sameBytes' in message ? [message.sameBytes] : []));
  const other = streams.filter((same) => !same).length;
  const unknown = messages.filter(isUnknown).length;
  return [
    streams.length === 0
      ? 'no calls'
      : other === 0
        ? `written again, all calls and answers (${streams.length}) are the same byte for byte`
        : `written again, ${other} of ${streams.length} calls and answers are other bytes`,
    ...(unknown === 0 ? [] : [`${plural(unknown, 'piece')} not understood`]),
  ].join('; ');
}

function isUnknown({ kind }: DumpedMessage): boolean {
  return kind === 'unknown';
}

function dumpShape({ file, messages, problem }: Dump): object {
  return problem === undefined ? { file, messages: messages.map(messageShape) } : { file, problem };
}
