import { isFinal, PandaError } from '../../panda/index.ts';
import type { JobRecord } from '../../panda/index.ts';
import { waitFor } from '../../watch/index.ts';
import type { LogFile, LogSource } from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import { findJob } from '../jobs/lookup.ts';
import { createLogReader, followLog, tailOffset } from '../jobs/logReader.ts';
import { readPandaId } from '../jobs/pandaIds.ts';
import { terminalSafe } from '../render/style.ts';

const FILES = {
  stdout: 'payload.stdout',
  stderr: 'payload.stderr',
  pilotlog: 'pilotlog.txt',
} as const satisfies Record<string, LogFile>;
type FileWord = keyof typeof FILES;
const FILE_WORDS: readonly FileWord[] = ['stdout', 'stderr', 'pilotlog'];

/** Between looks for a log that is not there yet, ms. */
const LOOK = 1000;

export const logsCommand: Command = {
  name: 'logs',
  summary: 'Prints the log of a job',
  usage: ['logs PANDAID [options]'],
  options: [
    { name: 'follow', short: 'f', help: 'wait for the log, and go on as it grows, until the job has ended' },
    { name: 'file', value: 'FILE', help: 'stdout (default), stderr or pilotlog' },
    { name: 'tail', short: 'n', value: 'N', help: 'only the last N lines' },
  ],
  examples: ['logs 6900000001 --follow', 'logs 6900000001 --file stderr --tail 50'],
  async run(context) {
    const { args, io, out, connector } = context;
    const pandaId = readPandaId(args.positionals, 'logs');
    const file = FILES[args.oneOf('file', FILE_WORDS) ?? 'stdout'];
    const tail = args.count('tail', 1);
    const follow = args.flag('follow');
    const connection = await connector.connect();
    let record = await findJob(connection, pandaId, io.signal);
    const source = await waitForSource(context, connection, record, follow);
    const from = tail === undefined ? 0 : await tailOffset(source, file, tail, io.signal);
    const reader = createLogReader(source, file, from);
    const write = async (text: string): Promise<void> => {
      if (out.json) out.event({ event: 'log', pandaId, file, text });
      else out.raw(out.isTTY ? terminalSafe(text) : text);
      await out.flush();
    };
    const isOver = async (): Promise<boolean> => {
      if (!follow) return true;
      record = await findJob(connection, pandaId, io.signal);
      return isFinal(record.jobStatus);
    };
    const found = await followLog(reader, { write, isOver, clock: io.clock, signal: io.signal });
    if (!found) throw noLog(record, file);
    return EXIT.ok;
  },
};

/** Where the log is. Before a pilot has the job nobody knows: with `follow` that is waited for. */
async function waitForSource(
  { io, out }: CommandContext,
  connection: Connection,
  first: JobRecord,
  follow: boolean,
): Promise<LogSource> {
  let record = first;
  for (;;) {
    const source = connection.findLog(record);
    if (source !== undefined) return source;
    if (!follow || isFinal(record.jobStatus)) throw noLog(record, undefined);
    out.progress(`Job ${record.PandaID} is ${record.jobStatus}: no log yet…`);
    await waitFor(io.clock, LOOK, io.signal);
    record = await findJob(connection, record.PandaID, io.signal);
  }
}

function noLog(record: JobRecord, file: LogFile | undefined): PandaError {
  const { PandaID, jobStatus } = record;
  const ended = isFinal(jobStatus);
  return new PandaError({
    kind: 'notFound',
    tried: `read ${file ?? 'the log'} of job ${PandaID}`,
    cameBack: ended ? `the job is ${jobStatus} and left none` : `the job is ${jobStatus} and has none yet`,
    advice: ended
      ? `See desc-panda job ${PandaID}${file === 'pilotlog.txt' ? '' : `, or try desc-panda logs ${PandaID} --file pilotlog`}`
      : `Wait for it with desc-panda logs ${PandaID} --follow`,
  });
}
