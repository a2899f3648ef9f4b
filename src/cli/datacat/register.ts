import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ensureFolder, registerFile } from '../../datacat/index.ts';
import type { DatacatClient, FileToRegister, Registration } from '../../datacat/index.ts';
import { checksumsOfFile } from '../../staging/index.ts';
import { fileFormat, outputDatasets, plural } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import type { Connection } from '../connection.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { findJob } from '../jobs/lookup.ts';
import { readPandaIds } from '../jobs/pandaIds.ts';
import { cleanLine } from '../render/style.ts';
import { UsageError } from '../usageError.ts';
import { SEE } from './look.ts';
import { readMetadata } from './metadataWords.ts';
import { datasetShape } from './shapes.ts';

/** What a dataset is called where nobody says; a catalog has to know it. */
const DATA_TYPE = 'PANDA';

/** Registers files of this machine, or the outputs of jobs, each once however often it is called. */
export async function register(
  context: CommandContext,
  client: DatacatClient,
  words: readonly string[],
  connection: Connection,
): Promise<ExitCode> {
  const { args, io, out } = context;
  const folder = args.text('folder');
  const jobs = args.texts('job');
  if (folder === undefined) throw new UsageError('It is not said where.', 'Name a folder with --folder');
  if ((jobs.length === 0) === (words.length === 0)) {
    throw new UsageError('Either files are registered or, with --job, outputs of jobs.', SEE);
  }
  const files =
    jobs.length > 0 ? await outputsOf(context, connection, jobs) : await filesOf(context, connection, words);
  if (files.length === 0) {
    out.result({ folder, registered: [] });
    out.line('There are no outputs to register.');
    return EXIT.ok;
  }
  await ensureFolder(client, folder, { signal: io.signal });
  const registrations: Registration[] = [];
  for (const [index, file] of files.entries()) {
    if (files.length > 1) out.progress(`Registering… ${index + 1} of ${files.length}`);
    const options = { signal: io.signal, newVersion: args.flag('new-version') };
    const registration = await registerFile(client, folder, file, options);
    registrations.push(registration);
    out.line(`${WORDS[registration.outcome]}  ${cleanLine(registration.dataset.path)}`);
  }
  out.result({
    folder,
    registered: registrations.map(({ outcome, dataset }) => ({ outcome, ...datasetShape(dataset) })),
  });
  return EXIT.ok;
}

const WORDS: Readonly<Record<Registration['outcome'], string>> = {
  registered: 'registered ',
  known: 'was there  ',
  newVersion: 'new version',
  newLocation: 'new copy   ',
};

async function outputsOf(
  { args, io, out }: CommandContext,
  connection: Connection,
  words: readonly string[],
): Promise<readonly FileToRegister[]> {
  const pandaIds = readPandaIds(words, 'datacat register --job');
  const dataType = args.text('data-type') ?? DATA_TYPE;
  const added = args.texts('meta').map(readMetadata);
  const all: FileToRegister[] = [];
  for (const pandaId of pandaIds) {
    out.progress(`Asking for the outputs of job ${pandaId}…`);
    const record = await findJob(connection, pandaId, io.signal);
    if (record.jobStatus !== 'finished') {
      throw new UsageError(
        `Job ${pandaId} is ${cleanLine(record.jobStatus)}: its outputs are not what they are to be.`,
        'Register those of finished jobs',
      );
    }
    const { files } = await connection.jobFiles.list(record, { signal: io.signal });
    const site = args.text('site');
    for (const file of outputDatasets(record, files, site)) {
      const { name, metadata, location } = file;
      const format = args.text('format') ?? file.fileFormat;
      all.push({ name, dataType, fileFormat: format, metadata: [...metadata, ...added], location });
    }
  }
  out.progress('');
  return all;
}

async function filesOf(
  { args, io, out }: CommandContext,
  { profile }: Connection,
  words: readonly string[],
): Promise<readonly FileToRegister[]> {
  const site = args.text('site') ?? profile.defaultSite;
  if (site === undefined) {
    throw new UsageError('It is not said at which site the files are.', 'Name it with --site');
  }
  const metadata = args.texts('meta').map(readMetadata);
  const files: FileToRegister[] = [];
  for (const word of words) {
    const path = resolve(io.cwd, word);
    out.progress(`Reading ${cleanLine(word)}…`);
    const { size, adler32, sha256 } = await sumsOf(path, word, io.signal);
    files.push({
      name: basename(path),
      dataType: args.text('data-type') ?? DATA_TYPE,
      fileFormat: args.text('format') ?? fileFormat(path),
      metadata: [...metadata, { name: 'sha256', type: 'string', value: sha256 }],
      location: { site, resource: path, size, checksum: adler32 },
    });
  }
  out.progress('');
  const names = new Set(files.map(({ name }) => name));
  if (names.size === files.length) return files;
  throw new UsageError(
    `Of ${plural(files.length, 'file')} some have the same name.`,
    'Register them into different folders',
  );
}

async function sumsOf(path: string, word: string, signal: AbortSignal): ReturnType<typeof checksumsOfFile> {
  try {
    await using handle = await open(path, 'r');
    if (!(await handle.stat()).isFile()) throw new UsageError(`${word} is no file.`, 'Name a file');
    return await checksumsOfFile(handle, { signal });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined || signal.aborted) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : code;
    throw new UsageError(`${word} cannot be read: ${why}.`, 'Check the name, and whether you may read it');
  }
}
