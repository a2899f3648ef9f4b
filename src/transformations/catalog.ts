import type { Parameter, Transformation } from './api.ts';
import { dmStackTransformation } from './dmstack/dmStack.ts';
import { helloTransformation } from './hello/hello.ts';
import type { ReadPayload } from './payloads.ts';
import { phosimTransformation } from './phosim/phosim.ts';
import { scriptTransformation } from './script/script.ts';

/** All transformations, the most particular first: the one list of them. */
const CATALOG: readonly ((readPayload: ReadPayload) => Transformation)[] = [
  phosimTransformation,
  dmStackTransformation,
  scriptTransformation,
  helloTransformation,
];

/** All transformations, the most particular first. */
export function createTransformations(readPayload: ReadPayload): readonly Transformation[] {
  return CATALOG.map((create) => create(readPayload));
}

/** The same without payload scripts at hand: they say what there is, and build nothing. */
export function knownTransformations(): readonly Transformation[] {
  return createTransformations((name) => {
    throw new Error(`${name} was asked for without a folder of payloads`);
  });
}

/** A parameter, and the labels of the transformations that have it. */
export interface SharedParameter extends Parameter {
  readonly labels: readonly string[];
}

/** All parameters of all transformations, each name once. */
export function collectParameters(all: readonly Transformation[]): readonly SharedParameter[] {
  const byName = new Map<string, SharedParameter>();
  for (const { label, parameters } of all) {
    for (const parameter of parameters) {
      const labels = [...(byName.get(parameter.name)?.labels ?? []), label];
      byName.set(parameter.name, { ...parameter, ...byName.get(parameter.name), labels });
    }
  }
  return [...byName.values()];
}

/** All parameters that there are: for the help of a program. */
export function knownParameters(): readonly SharedParameter[] {
  return collectParameters(knownTransformations());
}
