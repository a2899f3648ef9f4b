import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { InputFile } from '../panda/index.ts';
import type { BuildResult, Reading, SourceFile, TransformationOptions } from './api.ts';

/** The reading of a file that names no others, so that all of it is known already. */
export async function readAlone(
  file: SourceFile | undefined,
  description: string,
  build: (options: TransformationOptions, files: readonly InputFile[]) => BuildResult,
): Promise<Reading> {
  const files = file === undefined ? [] : [await asInput(file)];
  return { description, diagnostics: [], files, build: (options) => build(options, files) };
}

/** As it is on disk: what an editor holds besides is saved before it is sent. */
async function asInput(file: SourceFile): Promise<InputFile> {
  const facts = await stat(file.path).catch(() => undefined);
  const input = inputOf(file);
  return facts === undefined ? input : { ...input, size: facts.size, modified: facts.mtimeMs };
}

/** A file as it was handed over. */
export function inputOf({ path, content }: SourceFile): InputFile {
  return { name: basename(path), path, size: content.length };
}
