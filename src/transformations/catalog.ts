import type { Transformation } from './api.ts';
import { helloTransformation } from './hello/hello.ts';
import type { ReadPayload } from './payloads.ts';
import { scriptTransformation } from './script/script.ts';

/** All transformations, the most particular first. */
export function createTransformations(readPayload: ReadPayload): readonly Transformation[] {
  return [helloTransformation(readPayload), scriptTransformation(readPayload)];
}
