import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix } from 'node:path';
import type { CacheFile, InputFile, Problem } from '../../panda/index.ts';
import type { ReadPayload } from '../payloads.ts';
import { packTarball, type TarballEntry } from '../tarball.ts';
import { checkPipelineYaml } from './pipelineYaml.ts';

/** The files of a pipeline that go along, at most 1 MB each. */
export interface PipelineFiles {
  readonly files: readonly InputFile[];
  readonly problems: readonly Problem[];
  /** Those to be staged. */
  readonly inputs: readonly InputFile[];
  tarball(standIn: boolean): CacheFile | undefined;
}

const FOLDER = 'pipeline';
const STAND_IN_FILE = 'pipetask-standin.py';
export const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 50;

export interface GatherOptions {
  readonly staged: boolean;
  readonly readPayload: ReadPayload;
  readonly signal: AbortSignal | undefined;
}

/** Where a pipeline file lies on the worker node: the name as it is, blanks are no harm to pipetask. */
export function pipelineName(path: string): string {
  return `${FOLDER}/${basename(path)}`;
}

/** A location that is part of a release, or of the site, and not beside the file. */
export function isElsewhere(location: string): boolean {
  return location.includes('$') || isAbsolute(location) || /^[a-z][a-z0-9+.-]*:/iu.test(location);
}

/**
 * Gathers a pipeline file and what it imports from beside it, and what those import. `content`: of the file itself, where
 * it is read already.
 */
export async function gatherPipeline(
  path: string | undefined,
  { staged, readPayload, signal }: GatherOptions,
): Promise<PipelineFiles> {
  const problems: Problem[] = [];
  const found = new Map<string, Required<InputFile> & { readonly content: Uint8Array }>();
  const visit = async (name: string, file: string, importedBy: string): Promise<void> => {
    if (found.has(name) || found.size >= MOST_FILES) return;
    const read = await readSmall(file, signal);
    if (read === undefined) {
      const message =
        importedBy === ''
          ? `The pipeline cannot be read: ${file}`
          : `${importedBy} imports ${basename(file)}, which is not there or is too large.`;
      problems.push({ where: 'file', message });
      return;
    }
    const { content, modified } = read;
    found.set(name, { name, path: file, size: content.length, modified, content });
    for (const location of checkPipelineYaml(new TextDecoder().decode(content)).summary?.imports ?? []) {
      const [importPath = ''] = location.split('#');
      if (isElsewhere(importPath)) continue;
      const importName = posix.normalize(posix.join(posix.dirname(name), importPath));
      if (importName.startsWith(`${FOLDER}/`)) {
        await visit(importName, join(dirname(file), importPath), basename(file));
      } else {
        const message = `${basename(file)} imports ${importPath}, which lies outside the folder of the pipeline.`;
        problems.push({ where: 'file', message });
      }
    }
  };
  if (path !== undefined) await visit(pipelineName(path), path, '');
  const gathered = [...found.values()];
  const files = gathered.map(({ name, path: file, size, modified }) => ({
    name,
    path: file,
    size,
    modified,
  }));
  const inTarball = staged
    ? []
    : gathered.map(({ name, content }): TarballEntry => ({ name, content, executable: false }));
  // A sweep of 10,000 jobs asks for the same tarball each time.
  const packed = new Map<boolean, { readonly tarball: CacheFile | undefined }>();
  return {
    files,
    problems,
    inputs: staged ? files : [],
    tarball: (standIn) => {
      const known = packed.get(standIn) ?? { tarball: pack(inTarball, standIn, readPayload) };
      packed.set(standIn, known);
      return known.tarball;
    },
  };
}

function pack(
  entries: readonly TarballEntry[],
  standIn: boolean,
  readPayload: ReadPayload,
): CacheFile | undefined {
  const all = [...entries];
  if (standIn) {
    all.push({
      name: `.desc-panda/${STAND_IN_FILE}`,
      content: readPayload(STAND_IN_FILE),
      executable: true,
    });
  }
  return all.length === 0 ? undefined : packTarball(all);
}

/** Undefined for what is no file, too large, or cannot be read. */
export async function readSmall(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly content: Uint8Array; /** Epoch ms. */ readonly modified: number } | undefined> {
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > MOST_BYTES) return undefined;
    const content = await readFile(path, signal === undefined ? {} : { signal });
    return { content, modified: facts.mtimeMs };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
