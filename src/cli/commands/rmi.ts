import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import {
  CaptureError,
  captureKind,
  ConnectionDecoder,
  messageLines,
  messageShape,
  readCapture,
} from '../../pipeline/rmi/index.ts';
import type { DumpedMessage, Turn } from '../../pipeline/rmi/index.ts';
import { formatCount, formatSize, plural } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { UsageError } from '../usageError.ts';

/** JSON is held in memory with all that is in it: captures as JSON, and what is shown as JSON. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MESSAGES = 500_000;
const PIECE_BYTES = 64 * 1024;
/** Messages after which what was written has to be taken before more is. */
const FLUSH_EVERY = 100;

/** One file of the command line. */
interface Dump {
  readonly file: string;
  /** All messages, with `--json` only. */
  readonly messages: readonly object[];
  readonly counts: Counts;
  /** Why it was not read, or not to its end. */
  readonly problem?: string;
}

interface Counts {
  messages: number;
  /** Calls and answers, and those that are other bytes when they are written again. */
  streams: number;
  other: number;
  unknown: number;
}

export const rmiCommand: Command = {
  name: 'rmi',
  summary: 'Shows captured connections of the pipeline (Java RMI), message by message',
  usage: ['rmi dump FILE... [options]'],
  options: [],
  examples: ['rmi dump connection.json', 'rmi dump client.raw --json'],
  async run(context) {
    const { args, out } = context;
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
      if (files.length > 1) out.line(out.style.bold(`== ${cleanLine(file)}`));
      dumps.push(await dumpFile(file, context));
    }
    out.result({ files: dumps.map(dumpShape) });
    if (dumps.some(({ problem }) => problem !== undefined)) return EXIT.usage;
    return dumps.some(({ counts }) => counts.unknown > 0) ? EXIT.jobFailed : EXIT.ok;
  },
};

/** Shows a file while it is read, so that it may be of any size. */
async function dumpFile(file: string, { io, out }: CommandContext): Promise<Dump> {
  const counts: Counts = { messages: 0, streams: 0, other: 0, unknown: 0 };
  const messages: object[] = [];
  try {
    const decoder = new ConnectionDecoder();
    for await (const turn of turnsOf(resolve(io.cwd, file), out.json)) {
      io.signal.throwIfAborted();
      await show(decoder.take(turn));
    }
    await show(decoder.end());
  } catch (error) {
    const problem = problemOf(error);
    out.line(`${cleanLine(file)}: ${problem}`);
    return { file, messages: [], counts, problem };
  }
  out.line(out.style.dim(`${plural(counts.messages, 'message')}; ${verdict(counts)}`));
  return { file, messages, counts };

  async function show(some: Iterable<DumpedMessage>): Promise<void> {
    for (const message of some) {
      count(message, counts);
      if (out.json) {
        if (counts.messages > MOST_MESSAGES)
          throw new CaptureError(`it has more than ${formatCount(MOST_MESSAGES)} messages, ${WITHOUT_JSON}`);
        messages.push(messageShape(message));
        continue;
      }
      out.line(messageLines(message).map(cleanLine).join('\n'));
      if (counts.messages % FLUSH_EVERY === 0) await out.flush();
    }
  }
}

const WITHOUT_JSON = 'which are shown without --json only';

/** What each side sent, in pieces: a file of one side is never in memory as a whole. Throws a CaptureError. */
async function* turnsOf(path: string, json: boolean): AsyncGenerator<Turn> {
  let kind: ReturnType<typeof captureKind> | undefined;
  let size = 0;
  const whole: Buffer[] = [];
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>) {
    kind ??= captureKind(piece);
    size += piece.length;
    if (size > MOST_BYTES && kind === 'json')
      throw new CaptureError(
        `it is larger than ${formatSize(MOST_BYTES)}; of one side, in raw form, more is taken`,
      );
    if (size > MOST_BYTES && json)
      throw new CaptureError(`it has more than ${formatSize(MOST_BYTES)}, ${WITHOUT_JSON}`);
    if (kind === 'json') whole.push(piece);
    else yield { direction: kind, bytes: piece };
  }
  // Throws for what is empty.
  if (kind === undefined || kind === 'json') yield* readCapture(Buffer.concat(whole));
}

function problemOf(error: unknown): string {
  if (error instanceof CaptureError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  return WHY[code] ?? `it cannot be read: ${code}`;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

function count(message: DumpedMessage, counts: Counts): void {
  counts.messages += 1;
  if (message.kind === 'unknown') counts.unknown += 1;
  if (!('sameBytes' in message)) return;
  counts.streams += 1;
  if (!message.sameBytes) counts.other += 1;
}

function verdict({ streams, other, unknown }: Counts): string {
  return [
    streams === 0
      ? 'no calls'
      : other === 0
        ? `written again, all calls and answers (${formatCount(streams)}) are the same byte for byte`
        : `written again, ${formatCount(other)} of ${formatCount(streams)} calls and answers are other bytes`,
    ...(unknown === 0 ? [] : [`${plural(unknown, 'piece')} not understood`]),
  ].join('; ');
}

function dumpShape({ file, messages, problem }: Dump): object {
  return problem === undefined ? { file, messages } : { file, problem };
}
