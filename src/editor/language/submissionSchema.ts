import {
  collectParameters,
  fieldsFor,
  knownTransformations,
  submissionFileSchema,
  type Transformation,
} from '../../transformations/index.ts';

/** A key that may stand somewhere in a submission file, or a value of one. */
export interface SchemaEntry {
  readonly name: string;
  readonly markdown: string;
  /** What follows the name where it is typed: a value, a list, or keys below it. */
  readonly follows: 'value' | 'list' | 'keys';
}

/** What may stand where in a submission file. A place is a path of keys. */
export interface SubmissionHelp {
  /** Keys that may stand below a path of keys; none where the path leads nowhere. */
  readonly keysBelow: (path: readonly string[]) => readonly SchemaEntry[];
  /** Values that are fixed for the key at the end of a path. */
  readonly valuesOf: (path: readonly string[]) => readonly string[];
  /** What the key at the end of a path means. */
  readonly describeKey: (path: readonly string[]) => string | undefined;
}

type Node = Readonly<Record<string, unknown>>;

/** The help for submission files that name one of these transformations. */
export function submissionHelp(
  transformations: readonly Transformation[] = knownTransformations(),
): SubmissionHelp {
  const schema: Node = submissionFileSchema(fieldsFor(transformations));
  const parameters = collectParameters(transformations);
  const parameterEntries = parameters.map(({ name, help, labels, multiple }): SchemaEntry => ({
    name,
    markdown: `${help.charAt(0).toUpperCase()}${help.slice(1)}. Of ${labels.join(', ')}.`,
    follows: multiple === true ? 'list' : 'value',
  }));
  const keysBelow = (path: readonly string[]): readonly SchemaEntry[] => {
    if (path.length === 1 && path[0] === 'parameters') return parameterEntries;
    return alternatives(nodeAt(schema, path)).flatMap((node) =>
      Object.entries(asNode(node.properties)).map(([name, value]) => entry(name, asNode(value))),
    );
  };
  return {
    keysBelow,
    valuesOf(path) {
      if (path.length === 2 && path[0] === 'parameters') {
        return parameters.find(({ name }) => name === path[1])?.choices ?? [];
      }
      return alternatives(nodeAt(schema, path)).flatMap(({ enum: choices }) =>
        Array.isArray(choices) ? choices.map(String) : [],
      );
    },
    describeKey(path) {
      const name = path.at(-1);
      return keysBelow(path.slice(0, -1)).find((one) => one.name === name)?.markdown;
    },
  };
}

function nodeAt(schema: Node, path: readonly string[]): Node {
  let node = schema;
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
