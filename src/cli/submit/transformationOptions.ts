import { resolve } from 'node:path';
import { knownParameters } from '../../transformations/index.ts';
import type { ParameterValues, Transformation } from '../../transformations/index.ts';
import type { Args, OptionSpec } from '../options.ts';
import { UsageError } from '../usageError.ts';

/** The options of `submit` that belong to some transformations only. */
export function transformationOptions(): readonly OptionSpec[] {
  return knownParameters().map(({ name, value, help, labels, multiple = false }) => ({
    name,
    value,
    multiple,
    help: `${labels.join(', ')}: ${help}`,
  }));
}

/** The values given for one transformation; an option that it does not have is a UsageError. Files become absolute. */
export function readParameters(args: Args, transformation: Transformation, cwd: string): ParameterValues {
  const values: Record<string, readonly string[]> = {};
  for (const { name } of knownParameters()) {
    const given = args.texts(name);
    if (given.length === 0) continue;
    const parameter = transformation.parameters.find((one) => one.name === name);
    if (parameter === undefined) {
      throw new UsageError(
        `--${name} is no option of ${transformation.label}, which the file is run with.`,
        'Leave it away, or name another --transformation',
      );
    }
    values[name] = parameter.kind === 'file' ? given.map((path) => resolve(cwd, path)) : given;
  }
  return values;
}
