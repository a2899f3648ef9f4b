import { basename } from 'node:path';
import type { BuildResult, Reading, SourceFile, TransformationOptions } from './api.ts';

/** The reading of a file that names no others, so that all of it is known already. */
export function readAlone(
  file: SourceFile | undefined,
  description: string,
  build: (file: SourceFile | undefined, options: TransformationOptions) => BuildResult,
): Promise<Reading> {
  return Promise.resolve({
    description,
    diagnostics: [],
    files:
      file === undefined ? [] : [{ name: basename(file.path), path: file.path, size: file.content.length }],
    build: (options) => build(file, options),
  });
}
