import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { PandaError } from '../../panda/index.ts';
import { downloadJobFile, formatRelative, formatSize, plural } from '../../watch/index.ts';
import type { JobFile, JobFileList, JobFiles } from '../../watch/index.ts';
import type { CommandContext, Command } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { findJob } from '../jobs/lookup.ts';
import { readPandaId } from '../jobs/pandaIds.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { isoTime } from '../shapes.ts';
import { UsageError } from '../usageError.ts';

export const filesCommand: Command = {
  name: 'files',
  summary: 'Lists the files that a job left, and downloads them',
  usage: ['files PANDAID [options]'],
  options: [
    { name: 'get', value: 'NAME', multiple: true, help: 'download this file; may be repeated' },
    { name: 'all', help: 'download every file that it left' },
    { name: 'to', value: 'FOLDER', help: 'where downloaded files go (default: here)' },
    { name: 'force', help: 'replace files that are there' },
  ],
  examples: [
    'files 6900000001',
    'files 6900000001 --get payload.stdout',
    'files 6900000001 --all --to results',
  ],
  async run(context) {
    const { args, io, out, connector } = context;
    const pandaId = readPandaId(args.positionals, 'files');
    const names = args.texts('get');
    const all = args.flag('all');
    checkOptions(context);
    const connection = await connector.connect();
    out.progress(`Asking for the files of job ${pandaId}…`);
    const record = await findJob(connection, pandaId, io.signal);
    const source = connection.jobFiles;
    const list = await source.list(record, { signal: io.signal });
    if (!all && names.length === 0) {
      const { files, inputs, unusable } = list;
      out.result({ pandaId, files: files.map(fileShape), inputs: inputs.map(fileShape), unusable });
      for (const line of renderFiles(pandaId, list, context)) out.line(line);
      return EXIT.ok;
    }
    await download(context, pandaId, source, all ? list.files : named(pandaId, list, names));
    if (all) noteTrouble(list, context);
    return EXIT.ok;
  },
};

function checkOptions({ args }: CommandContext): void {
  const see = 'See desc-panda files --help';
  const downloads = args.flag('all') || args.texts('get').length > 0;
  if (args.flag('all') && args.texts('get').length > 0)
    throw new UsageError('--all and --get exclude each other.', see);
  if (!downloads && (args.text('to') !== undefined || args.flag('force'))) {
    throw new UsageError('--to and --force are for downloads: name files with --get, or say --all.', see);
  }
}

function named(
  pandaId: number,
  { files, inputs }: JobFileList,
  names: readonly string[],
): readonly JobFile[] {
  return [...new Set(names)].map((name) => {
    const file = [...files, ...inputs].find((one) => one.name === name);
    if (file !== undefined) return file;
    throw new PandaError({
      kind: 'notFound',
      tried: `download ${name} of job ${pandaId}`,
      cameBack: 'the job has no such file',
      advice: `See desc-panda files ${pandaId}`,
    });
  });
}

async function download(
  { args, io, out }: CommandContext,
  pandaId: number,
  source: JobFiles,
  files: readonly JobFile[],
): Promise<void> {
  const folder = resolve(io.cwd, args.text('to') ?? '.');
  const replace = args.flag('force');
  const downloaded: { name: string; path: string; size: number }[] = [];
  for (const file of files) {
    const onProgress = (bytes: number, size: number): void =>
      out.progress(`${cleanLine(file.name)}: ${formatSize(bytes)} of ${formatSize(size)}`);
    const path = await downloadJobFile(source, file, { folder }, { signal: io.signal, onProgress, replace });
    const { size } = await stat(path);
    downloaded.push({ name: file.name, path, size });
    out.line(`${cleanLine(relative(io.cwd, path))}  ${formatSize(size)}`);
  }
  out.result({ pandaId, downloaded });
  if (files.length === 0) out.line(`Job ${pandaId} left no files.`);
}

function renderFiles(pandaId: number, list: JobFileList, context: CommandContext): readonly string[] {
  const { out, io } = context;
  noteTrouble(list, context);
  const all = [...list.files, ...list.inputs];
  if (all.length === 0) return [`Job ${pandaId} has no files that can be listed.`];
  const now = io.clock.now();
  const rows = all.map(({ name, size, modified }) => [
    { text: cleanLine(name) },
    { text: size === null ? '' : formatSize(size) },
    { text: modified === null ? '' : formatRelative(modified, now), paint: out.style.dim },
  ]);
  const columns = [
    { title: 'Name', flexible: true },
    { title: 'Size', align: 'right' },
    { title: 'Written' },
  ] as const;
  return renderTable(columns, rows, { width: out.width, paintTitle: out.style.dim });
}

function noteTrouble({ unusable, trouble }: JobFileList, { out }: CommandContext): void {
  if (unusable > 0)
    out.note(`${plural(unusable, 'file')} besides, with names that cannot be used on a disk.`);
  if (trouble === null) return;
  out.note(`Some files may be missing. ${cleanLine(trouble.message)}`);
  if ('advice' in trouble) out.note(`→ ${String(trouble.advice)}`);
}

function fileShape({ name, kind, size, modified, url, adler32, sha256 }: JobFile): object {
  return { name, kind, size, modified: isoTime(modified), url, adler32, sha256 };
}
