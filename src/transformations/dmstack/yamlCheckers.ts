import { dirname } from 'node:path';
import type { CheckedFile, Checker, CheckFileOptions } from '../checker.ts';
import { readBeside } from '../readBeside.ts';
import { readWhole } from '../readWhole.ts';
import type { YamlSurroundings } from './surroundings.ts';
import { mayBePipeline, mayBeSubmitFile } from './yamlKinds.ts';

/** Pipelines of `lsst.pipe.base`. */
export const pipelineChecker: Checker = {
  kind: 'pipeline',
  label: 'pipeline',
  recognise: (path, head) => isYaml(path) && mayBePipeline(decode(head)),
  async check(file, { signal, environment }) {
    const text = decode(await readWhole(file, signal));
    const { checkPipelineYaml } = await import('./pipelineYaml.ts');
    const { detected, ...outcome } = checkPipelineYaml(text, around(file, environment));
    return detected ? outcome : undefined;
  },
};

/** Submit files of `lsst.ctrl.bps`. */
export const bpsChecker: Checker = {
  kind: 'bps-submit-file',
  label: 'BPS submit file',
  recognise: (path, head) => isYaml(path) && mayBeSubmitFile(decode(head)),
  async check(file, { signal, environment }) {
    const text = decode(await readWhole(file, signal));
    const { checkBpsYaml } = await import('./bpsYaml.ts');
    const { detected, values, ...outcome } = checkBpsYaml(text, around(file, environment));
    if (!detected) return undefined;
    if (values === undefined) return outcome;
    const { tasks, unknownVariables, ...rest } = values;
    const variables = [...new Set(unknownVariables.map(({ name }) => name))];
    return {
      ...outcome,
      summary: { ...rest, tasks: Object.fromEntries(tasks), unknownVariables: variables },
    };
  },
};

/** Files that it names are taken to lie beside it, as where the programs are started there. */
function around({ path }: CheckedFile, environment: CheckFileOptions['environment']): YamlSurroundings {
  return { readFile: readBeside(dirname(path)), ...(environment === undefined ? {} : { environment }) };
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/iu.test(path);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
