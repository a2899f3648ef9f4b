import { knownParameters, submissionFileSchema } from '../../transformations/index.ts';

/** A key that may stand somewhere in a submission file, or a value of one. */
export interface SchemaEntry {
  readonly name: string;
  readonly markdown: string;
  /** What follows the name where it is typed: a value, a list, or keys below it. */
  readonly follows: 'value' | 'list' | 'keys';
}

type Node = Readonly<Record<string, unknown>>;

/** Keys that may stand below a path of keys; none where the path leads nowhere. */
export function keysBelow(path: readonly string[]): readonly SchemaEntry[] {
  if (path.length === 1 && path[0] === 'parameters') return parameterEntries();
  return alternatives(nodeAt(path)).flatMap((node) =>
    Object.entries(asNode(node.properties)).map(([name, value]) => entry(name, asNode(value))),
  );
}

/** Values that are fixed for the key at the end of a path. */
export function valuesOf(path: readonly string[]): readonly string[] {
  if (path.length === 2 && path[0] === 'parameters') {
    return knownParameters().find(({ name }) => name === path[1])?.choices ?? [];
  }
  return alternatives(nodeAt(path)).flatMap(({ enum: choices }) =>
    Array.isArray(choices) ? choices.map(String) : [],
  );
}

/** What the key at the end of a path means. */
export function describeKey(path: readonly string[]): string | undefined {
  const name = path.at(-1);
  return keysBelow(path.slice(0, -1)).find((one) => one.name === name)?.markdown;
}

function parameterEntries(): readonly SchemaEntry[] {
  return knownParameters().map(({ name, help, labels, multiple }) => ({
    name,
    markdown: `${help.charAt(0).toUpperCase()}${help.slice(1)}. Of ${labels.join(', ')}.`,
    follows: multiple === true ? 'list' : 'value',
  }));
}

function nodeAt(path: readonly string[]): Node {
  let node: Node = submissionFileSchema();
  for (const key of path) {
    const below = alternatives(node).flatMap(({ properties, additionalProperties }) => [
      asNode(asNode(properties)[key]),
      asNode(additionalProperties),
    ]);
    node = below.find((one) => Object.keys(one).length > 0) ?? {};
  }
  return node;
}

function alternatives(node: Node): readonly Node[] {
  return Array.isArray(node.anyOf) ? node.anyOf.map(asNode) : [node];
}

function entry(name: string, node: Node): SchemaEntry {
  const { markdownDescription } = node;
  const types = alternatives(node).map(({ type }) => type);
  const follows = types[0] === 'array' ? 'list' : types.includes('object') ? 'keys' : 'value';
  return { name, markdown: typeof markdownDescription === 'string' ? markdownDescription : '', follows };
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
