import { join } from 'node:path';
import {
  createTransformations,
  payloadFolderReader,
  type Transformation,
} from '../../transformations/index.ts';

/** What can be run, with the payload scripts that came with the extension. */
export function loadTransformations(extensionPath: string): readonly Transformation[] {
  return createTransformations(payloadFolderReader(join(extensionPath, 'dist', 'payloads')));
}
