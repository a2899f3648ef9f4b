import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  abortUnfinished,
  areaOf,
  areaPrefix,
  checkKey,
  checkPrefix,
  downloadFiles,
  pathBelow,
  removeAreas,
  removeObjects,
  stagingUsage,
  unusedInputs,
  uploadInputs,
} from '../../staging/index.ts';
import type { AreaName, KeyToFile, StagedObject, StagingArea } from '../../staging/index.ts';
import {
  formatCount,
  formatRelative,
  formatSize,
  formatTime,
  plural,
  renewStaging,
} from '../../watch/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exitCodes.ts';
import type { ExitCode } from '../exitCodes.ts';
import { cleanLine } from '../render/style.ts';
import { renderTable } from '../render/table.ts';
import { isoTime } from '../shapes.ts';
import { openStaging, showTransferProgress } from '../submit/staging.ts';
import type { OpenStaging } from '../submit/staging.ts';
import { showSubmitProgress } from '../submit/progress.ts';
import { UsageError } from '../usageError.ts';

type Action = (context: CommandContext, staging: OpenStaging, words: readonly string[]) => Promise<ExitCode>;

const DAY_MS = 86_400_000;

export const stageCommand: Command = {
  name: 'stage',
  summary: 'Lists, sends, fetches and removes files of your jobs where they are staged',
  usage: [
    'stage ls [WHERE] [options]',
    'stage put FILE... [options]',
    'stage get KEY... [options]',
    'stage clean [AREA...] [options]',
    'stage renew SUBMISSION... [options]',
  ],
  options: [
    { name: 'output', short: 'o', value: 'FOLDER', help: 'where fetched files go (default: here)' },
    { name: 'force', help: 'replace files that are there (get)' },
    { name: 'older-than', value: 'TIME', help: 'areas where nothing was put for so long, as 30d (clean)' },
    { name: 'inputs', help: 'also shared inputs that no area left uses (clean)' },
    { name: 'yes', short: 'y', help: 'do not ask before anything is removed (clean)' },
    { name: 'below', value: 'FOLDER', help: 'of submissions that are staged below this folder' },
  ],
  examples: [
    'stage ls',
    'stage put catalog.txt',
    'stage get 2026-11-23/mi1f9x0k2a/out/ -o results',
    'stage clean --older-than 30d',
    'stage renew mi1f9x0k2a',
  ],
  async run(context) {
    const [word = '', ...words] = context.args.positionals;
    const action = actions.get(word);
    if (action === undefined) {
      throw new UsageError(
        word === '' ? 'What is to be done with staged files?' : `stage does not know ${word}.`,
        'Say one of ls, put, get, clean, renew',
      );
    }
    const staging = await openStaging(context);
    try {
      return await action(context, staging, words);
    } finally {
      staging.store.dispose();
    }
  },
};

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['ls', ls],
  ['put', put],
  ['get', get],
  ['clean', clean],
  ['renew', renew],
]);

async function ls(
  context: CommandContext,
  staging: OpenStaging,
  words: readonly string[],
): Promise<ExitCode> {
  const [where, more] = words;
  if (more !== undefined)
    throw new UsageError('stage ls takes one place at most.', 'See desc-panda stage --help');
  return where === undefined ? listAreas(context, staging) : listFiles(context, staging, where);
}

async function listAreas({ io, out }: CommandContext, { store, user }: OpenStaging): Promise<ExitCode> {
  const { areas, shared, unfinished } = await stagingUsage(store, user, { signal: io.signal });
  out.result({
    store: store.describe(),
    user,
    areas: areas.map(({ name, files, size, modified }) => ({
      area: wordOf(name),
      files,
      size,
      modified: isoTime(modified),
    })),
    inputs: { files: shared.files, size: shared.size },
    unfinished: unfinished.map(({ key, startedAt }) => ({ key, startedAt: isoTime(startedAt) })),
  });
  const rows = areas.map(({ name, ...facts }) => row(wordOf(name), facts, io.clock.now()));
  if (shared.files > 0) rows.push(row('in', shared, io.clock.now()));
  if (rows.length === 0) {
    out.line('Nothing of yours is staged.');
  } else {
    const columns = [
      { title: 'AREA' },
      { title: 'FILES', align: 'right' as const },
      { title: 'SIZE', align: 'right' as const },
      { title: 'LAST PUT' },
    ];
    for (const line of renderTable(columns, rows, { width: out.width, paintTitle: out.style.dim }))
      out.line(line);
  }
  if (unfinished.length > 0) {
    out.note(
      `${plural(unfinished.length, 'upload')} begun and not ended, taking space: desc-panda stage clean`,
    );
  }
  out.note(`In ${store.describe()}, as ${user}.`);
  return EXIT.ok;
}

function row(
  name: string,
  { files, size, modified }: { readonly files: number; readonly size: number; readonly modified: number },
  now: number,
): { text: string }[] {
  return [
    { text: cleanLine(name) },
    { text: formatCount(files) },
    { text: formatSize(size) },
    { text: formatRelative(modified, now) },
  ];
}

async function listFiles(
  { io, out }: CommandContext,
  { store, user }: OpenStaging,
  where: string,
): Promise<ExitCode> {
  const files: StagedObject[] = [];
  for await (const object of store.list(checkPrefix(keyOf(user, where)), { signal: io.signal }))
    files.push(object);
  out.result({
    store: store.describe(),
    files: files.map(({ key, size, modified }) => ({ key, size, modified: isoTime(modified) })),
  });
  for (const { key, size, modified } of files) {
    out.line(
      `${formatSize(size).padStart(8)}  ${formatRelative(modified, io.clock.now()).padEnd(16)}  ${cleanLine(key)}`,
    );
  }
  if (files.length === 0) out.line(`Nothing is staged below ${cleanLine(where)}.`);
  return EXIT.ok;
}

async function put(
  { io, out }: CommandContext,
  { store, user, notesFolder }: OpenStaging,
  words: readonly string[],
): Promise<ExitCode> {
  if (words.length === 0) throw new UsageError('No file is named.', 'Name files to send');
  const files = words.map((word) => ({ path: resolve(io.cwd, word), name: basename(word) }));
  const sent = await uploadInputs(store, user, files, {
    signal: io.signal,
    random: io.random,
    notesFolder,
    onProgress: showTransferProgress(out, 'Sending'),
  });
  out.result({
    store: store.describe(),
    files: sent.map(({ path, key, checksums, unchanged }) => ({ path, key, ...checksums, unchanged })),
  });
  for (const { key, checksums, unchanged } of sent) {
    out.line(`${cleanLine(key)}  ${formatSize(checksums.size)}${unchanged ? '  (was there)' : ''}`);
  }
  return EXIT.ok;
}

async function get(
  { args, io, out }: CommandContext,
  { store, user }: OpenStaging,
  words: readonly string[],
): Promise<ExitCode> {
  if (words.length === 0) throw new UsageError('No key is named.', 'Take one from desc-panda stage ls');
  const folder = resolve(io.cwd, args.text('output') ?? '.');
  const files: KeyToFile[] = [];
  for (const word of words) {
    const key = keyOf(user, word);
    const prefix = prefixOf(user, key);
    if (prefix === undefined) {
      files.push({ object: checkKey(key), path: pathBelow(folder, basename(key)) });
      continue;
    }
    const before = files.length;
    for await (const object of store.list(prefix, { signal: io.signal })) {
      files.push({ object, path: pathBelow(folder, object.key.slice(prefix.length)) });
    }
    if (files.length === before)
      throw new UsageError(`Nothing is staged below ${word}.`, 'Look at desc-panda stage ls');
  }
  await mayWrite(files, args.flag('force'));
  const fetched = await downloadFiles(store, files, {
    signal: io.signal,
    random: io.random,
    onProgress: showTransferProgress(out, 'Fetching'),
  });
  out.result({ store: store.describe(), files: fetched });
  for (const { path, size, unchanged } of fetched) {
    out.line(`${cleanLine(path)}  ${formatSize(size)}${unchanged ? '  (was there)' : ''}`);
  }
  return EXIT.ok;
}

async function mayWrite(files: readonly KeyToFile[], force: boolean): Promise<void> {
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path))
      throw new UsageError(`Two of them would become ${path}.`, 'Fetch them to folders of their own');
    paths.add(path);
  }
  if (force) return;
  const folders = new Set(await thereOf([...new Set([...paths].map((path) => dirname(path)))]));
  const [taken] = await thereOf([...paths].filter((path) => folders.has(dirname(path))));
  if (taken === undefined) return;
  throw new UsageError(
    `${taken} is there already.`,
    'Choose another folder with --output, or replace it with --force',
  );
}

async function thereOf(paths: readonly string[]): Promise<readonly string[]> {
  const facts = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return paths.filter((_path, index) => facts[index] !== undefined);
}

async function clean(
  context: CommandContext,
  staging: OpenStaging,
  words: readonly string[],
): Promise<ExitCode> {
  const { args, io, out } = context;
  const { store, user } = staging;
  const signal = io.signal;
  const age = args.seconds('older-than');
  if (words.length === 0 && age === undefined && !args.flag('inputs')) {
    throw new UsageError(
      'Nothing is named that is to go.',
      'Name areas of desc-panda stage ls, or --older-than 30d',
    );
  }
  const usage = await stagingUsage(store, user, { signal });
  const areas = chooseAreas(usage.areas, words, age === undefined ? undefined : io.clock.now() - age * 1000);
  const names = areas.map(({ name }) => name);
  const dayAgo = io.clock.now() - DAY_MS;
  const inputs = args.flag('inputs')
    ? await unusedInputs(store, user, dayAgo, { signal, without: names })
    : [];
  const uploads = usage.unfinished.filter(({ startedAt }) => startedAt < dayAgo);
  if (areas.length + inputs.length + uploads.length === 0) {
    out.result({ store: store.describe(), areas: [], files: 0, size: 0, uploads: 0 });
    out.line('There is nothing to remove.');
    return EXIT.ok;
  }
  out.note(`In ${store.describe()}:`);
  for (const { name, files, size, modified } of areas) {
    out.note(
      `  ${wordOf(name)}  ${plural(files, 'file')}, ${formatSize(size)}, last put ${formatRelative(modified, io.clock.now())}`,
    );
  }
  if (inputs.length > 0)
    out.note(`  ${plural(inputs.length, 'input')} that nothing uses, ${formatSize(sizeOf(inputs))}`);
  if (uploads.length > 0) out.note(`  ${plural(uploads.length, 'upload')} that never ended`);
  const size = sizeOf(areas) + sizeOf(inputs);
  if (!(await confirm(io, `Remove all this, ${formatSize(size)}?`, args.flag('yes')))) {
    out.note('Nothing was removed.');
    return EXIT.refused;
  }
  const onRemoved = ({ files }: { files: number }): void =>
    out.progress(`Removing… ${formatCount(files)} files`);
  const fromAreas = await removeAreas(store, names, { signal, onRemoved });
  const removed = await removeObjects(store, inputs, fromAreas, { signal });
  const given = await abortUnfinished(store, uploads, dayAgo, { signal });
  out.progress('');
  out.result({ store: store.describe(), areas: names.map(wordOf), ...removed, uploads: given });
  out.line(`Removed ${plural(removed.files, 'file')}, ${formatSize(removed.size)}.`);
  return EXIT.ok;
}

/** Signs the URLs of submissions anew, so that jobs that wait find fresh ones when they start. */
async function renew(
  { connector, io, out }: CommandContext,
  _staging: OpenStaging,
  words: readonly string[],
): Promise<ExitCode> {
  if (words.length === 0) {
    throw new UsageError('No submission is named.', 'Take one from desc-panda submissions');
  }
  const { deps } = await connector.connect();
  const renewed: { id: string; expiresAt: string | null }[] = [];
  for (const id of words) {
    const { expiresAt, warnings } = await renewStaging(id, deps, {
      signal: io.signal,
      onProgress: showSubmitProgress(out),
    });
    out.progress('');
    renewed.push({ id, expiresAt: isoTime(expiresAt) });
    out.line(`${id}  good until ${formatTime(expiresAt)}`);
    for (const warning of warnings) out.note(warning);
  }
  out.result({ renewed });
  return EXIT.ok;
}

function chooseAreas(
  areas: readonly StagingArea[],
  words: readonly string[],
  before: number | undefined,
): readonly StagingArea[] {
  for (const word of words) {
    if (areas.some(({ name }) => wordOf(name) === word || name.submissionId === word)) continue;
    throw new UsageError(`You have no staging area ${word}.`, 'Look at desc-panda stage ls');
  }
  return areas.filter(
    ({ name, modified }) =>
      (words.length === 0
        ? before !== undefined
        : words.includes(wordOf(name)) || words.includes(name.submissionId)) &&
      (before === undefined || modified < before),
  );
}

function sizeOf(things: readonly { readonly size: number }[]): number {
  return things.reduce((sum, { size }) => sum + size, 0);
}

function wordOf({ date, submissionId }: AreaName): string {
  return `${date}/${submissionId}`;
}

/** Keys may be named without the user in front. */
function keyOf(user: string, word: string): string {
  return word.startsWith(`${user}/`) ? word : `${user}/${word}`;
}

/** What lies below an area, or a key that ends with a slash; undefined where one file is meant. */
function prefixOf(user: string, key: string): string | undefined {
  if (key.endsWith('/')) return checkPrefix(key);
  const area = areaOf(user, `${key}/-`);
  return area !== undefined && `${key}/` === areaPrefix(area) ? areaPrefix(area) : undefined;
}
