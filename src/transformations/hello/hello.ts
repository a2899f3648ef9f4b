import type { Problem } from '../../panda/index.ts';
import type { BuildResult, SourceFile, Transformation, TransformationOptions } from '../api.ts';
import { checkOptions, withDefaults } from '../checks.ts';
import { readAlone } from '../readAlone.ts';
import { payloadFile, type ReadPayload } from '../payloads.ts';

/** The one file HelloPanda writes. */
const OUTPUT = 'hello.txt';

/** A job that greets, says where it runs, and ends as it is told: to see that everything works, or how it fails. */
export function helloTransformation(readPayload: ReadPayload): Transformation {
  const build = (_file: SourceFile | undefined, options: TransformationOptions): BuildResult => {
    const problems = [...checkOptions(options), ...checkHello(options)];
    if (problems.length > 0) return { kind: 'problems', problems };
    return {
      kind: 'requests',
      requests: [
        {
          name: options.name ?? 'HelloPanda',
          transformation: {
            id: 'hello',
            payload: payloadFile('hello-panda.sh', readPayload),
            tarball: undefined,
          },
          arguments: options.arguments ?? [],
          site: options.site,
          resources: withDefaults(options.resources),
          outputs: options.outputs ?? [OUTPUT],
          pipeline: undefined,
        },
      ],
    };
  };
  return {
    id: 'hello',
    label: 'HelloPanda',
    description: 'A greeting from the worker node, to see that everything works',
    parameters: [],
    recognise: () => 0,
    build,
    read: (file) => readAlone(file, 'A greeting from the worker node', (options) => build(file, options)),
  };
}

/** Largest value of each option that takes a number. */
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['--seconds', 1_000_000],
  ['--code', 255],
]);

function checkHello({ arguments: words = [], outputs = [] }: TransformationOptions): Problem[] {
  const unwritten = outputs.flatMap((name, index) =>
    name === OUTPUT
      ? []
      : [{ where: `outputs[${index}]`, message: `HelloPanda writes ${OUTPUT} and nothing else: ${name}` }],
  );
  const numbers = words.flatMap((word, index) => {
    const limit = LIMITS.get(word);
    const value = words[index + 1] ?? '';
    if (limit === undefined || (/^\d{1,7}$/u.test(value) && Number(value) <= limit)) return [];
    return [{ where: `arguments[${index}]`, message: `${word} needs a whole number from 0 to ${limit}` }];
  });
  return [...unwritten, ...numbers];
}
