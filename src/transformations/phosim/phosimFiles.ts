import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, posix } from 'node:path';
import type { CacheFile, InputFile, Problem } from '../../panda/index.ts';
import type { ReadPayload } from '../payloads.ts';
import { MAX_TARBALL, packLargeTarball, packTarball, tooLargeToSend, type TarballEntry } from '../tarball.ts';
import type { CatalogSummary } from './catalog/summary.ts';

/** How the files of a visit reach the job: staged, else in a tarball. */
export interface VisitFiles {
  readonly files: readonly InputFile[];
  readonly problems: readonly Problem[];
  /** Below the job's directory. */
  readonly catalog: string;
  readonly command: string | undefined;
  /** Those to be staged. */
  readonly inputs: readonly InputFile[];
  tarball(standIn: boolean): CacheFile | undefined;
}

/** More than this is not even tried to be packed, bytes. */
const PACKABLE = 4 * MAX_TARBALL;
const FOLDER = 'catalog';
const STAND_IN_FILES = ['phosim-standin.py', 'phosim_images.py'];

export interface GatherOptions {
  readonly staged: boolean;
  readonly readPayload: ReadPayload;
  readonly signal: AbortSignal | undefined;
}

/** Gathers catalog, included files and command file. Absolute paths of includes are taken to be the site's. */
export async function gatherFiles(
  path: string,
  summary: CatalogSummary,
  command: string | undefined,
  { staged, readPayload, signal }: GatherOptions,
): Promise<VisitFiles> {
  const problems: Problem[] = [];
  const files: InputFile[] = [];
  const add = async (name: string, file: string): Promise<string> => {
    const { size, mtimeMs } = await stat(file);
    files.push({ name, path: file, size, modified: mtimeMs });
    return name;
  };
  const catalog = await add(`${FOLDER}/${plainName(path)}`, path);
  for (const include of summary.includes) {
    const name = includeName(include.path);
    if (name === undefined) {
      const message = `${include.path} lies outside the folder of the catalog, and cannot be sent along.`;
      problems.push({ where: `line ${include.line}`, message });
    } else if (name !== '' && include.found && !files.some((file) => file.name === name)) {
      await add(name, include.file);
    }
  }
  const commandName = command === undefined ? undefined : `command/${plainName(command)}`;
  if (command !== undefined && commandName !== undefined) await add(commandName, command);

  const standIn = (): readonly TarballEntry[] =>
    STAND_IN_FILES.map((name) => ({
      name: `.desc-panda/${name}`,
      content: readPayload(name),
      executable: true,
    }));
  const found = { files, problems, catalog, command: commandName };
  if (staged) {
    let packed: CacheFile | undefined;
    const tarball = (withStandIn: boolean) => (withStandIn ? (packed ??= packTarball(standIn())) : undefined);
    return { ...found, inputs: files, tarball };
  }
  const entries = await readEntries(files, signal);
  const packed = entries === undefined ? undefined : await packLargeTarball([...entries, ...standIn()]);
  const fits = packed !== undefined && packed.content.length <= MAX_TARBALL;
  if (!fits) problems.push(tooLargeToSend('The catalog and what goes with it', files));
  return { ...found, inputs: [], tarball: () => packed };
}

/** phoSim takes its command line apart at blanks and more. */
function plainName(path: string): string {
  return basename(path).replace(/[^A-Za-z0-9._-]/gu, '_');
}

/** Empty for a path of the site's, undefined for one that leads out of the folder. */
function includeName(path: string): string | undefined {
  if (isAbsolute(path)) return '';
  const name = posix.normalize(`${FOLDER}/${path}`);
  return name.startsWith(`${FOLDER}/`) ? name : undefined;
}

/** Contents, or undefined when there are too many bytes to pack. */
async function readEntries(
  files: readonly InputFile[],
  signal: AbortSignal | undefined,
): Promise<readonly TarballEntry[] | undefined> {
  if (files.reduce((sum, { size }) => sum + size, 0) > PACKABLE) return undefined;
  const entries: TarballEntry[] = [];
  for (const { name, path } of files) {
    const content = await readFile(path, signal === undefined ? {} : { signal });
    entries.push({ name, content, executable: false });
  }
  return entries;
}
