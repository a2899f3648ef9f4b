import { basename, extname } from 'node:path';
import type { Problem } from '../../panda/index.ts';
import type { BuildResult, SourceFile, Transformation, TransformationOptions } from '../api.ts';
import { checkOptions } from '../checks.ts';
import type { ReadPayload } from '../payloads.ts';
import { checkBpsYaml } from './bpsYaml.ts';
import type { BpsResources, BpsValues } from './bpsYamlValues.ts';
import { fillCommandTemplate } from './commandTemplate.ts';
import { DM_PARAMETERS, readDmChoices, type DmChoices } from './dmChoices.ts';
import { gatherPipeline, type PipelineFiles } from './dmFiles.ts';
import { buildDmRequest, type DmProgram } from './dmRequest.ts';
import { NO_SOURCE, readDmSource, type DmSource } from './dmSource.ts';
import type { Labels } from './pipelineYamlLabels.ts';
import { checkPipelineYaml } from './pipelineYaml.ts';

/** Labels of a pipeline that are named. */
const MOST_NAMED = 20;

/** The LSST science pipelines: pipetask with a pipeline or what a BPS file says, or an older program by a command. */
export function dmStackTransformation(readPayload: ReadPayload): Transformation {
  const unread: Problem = { where: 'file', message: 'The pipeline and what it imports have not been read.' };
  return {
    id: 'dmstack',
    label: 'DM stack',
    description: 'The LSST science pipelines: pipetask with a pipeline or a BPS file',
    parameters: DM_PARAMETERS,
    recognise: ({ path, content }) => {
      if (!/^\.ya?ml$/iu.test(extname(path))) return 0;
      const text = new TextDecoder().decode(content);
      return checkPipelineYaml(text).detected || checkBpsYaml(text).detected ? 2 : 0;
    },
    read: async (file, { staged = false }, signal) => {
      const source = file === undefined ? NO_SOURCE : await readDmSource(file.path, signal);
      const files = await gatherPipeline(source.sent, { staged, readPayload, signal });
      return {
        description: source.description,
        diagnostics: source.diagnostics,
        files: files.files,
        build: (options) => build(file, source, files, options, readPayload),
      };
    },
    build: () => ({ kind: 'problems', problems: [unread] }),
  };
}

function build(
  file: SourceFile | undefined,
  found: DmSource,
  files: PipelineFiles,
  options: TransformationOptions,
  readPayload: ReadPayload,
): BuildResult {
  const { choices, problems } = readDmChoices(options, found.bps);
  const program = chooseProgram(found, choices);
  const all = [
    ...(choices.template === undefined ? [...found.problems, ...files.problems] : []),
    ...problems,
    ...checkOptions(options),
    ...(found.labels === undefined || choices.template !== undefined
      ? []
      : checkLabels(choices, found.labels)),
    ...(program.kind === 'fault' ? [program.problem] : []),
  ];
  if (program.kind === 'fault' || all.length > 0) return { kind: 'problems', problems: all };
  const name = options.name ?? (file === undefined ? 'DM stack' : basename(file.path));
  const asked = largest(found.bps);
  const request = buildDmRequest(name, program, files, choices, asked, options, readPayload);
  return { kind: 'requests', requests: [request], name };
}

/** Labels that were chosen and that the pipeline has not, which pipetask refuses. */
function checkLabels({ labels = '', config }: DmChoices, { tasks, subsets }: Labels): readonly Problem[] {
  const known = [...tasks, ...subsets.keys()];
  const has = known.slice(0, MOST_NAMED).join(', ');
  const chosen = labels.split(',').find((label) => /^\w+$/u.test(label) && !known.includes(label));
  const configured = config.map((one) => one.split(':', 1)[0] ?? '').find((label) => !tasks.has(label));
  return [
    ...(chosen === undefined
      ? []
      : [{ where: 'parameters.labels', message: `The pipeline has no ${chosen}: it has ${has}.` }]),
    ...(configured === undefined
      ? []
      : [{ where: 'parameters.config', message: `The pipeline has no task ${configured}.` }]),
  ];
}

interface Fault {
  readonly kind: 'fault';
  readonly problem: Problem;
}

function chooseProgram(found: DmSource, choices: DmChoices): DmProgram | Fault {
  if (choices.template === undefined) {
    if (found.pipeline !== undefined) return { kind: 'pipetask', pipeline: found.pipeline };
    const message = 'No pipeline is given: open one, a BPS file, or give a command template.';
    return { kind: 'fault', problem: { where: 'file', message } };
  }
  const filled = fillCommandTemplate(choices.template, {
    repository: choices.repository,
    'input-collection': choices.inputCollection,
    'output-collection': choices.outputCollection,
    'data-query': choices.dataQuery,
    pipeline: found.pipeline,
  });
  if (filled.kind === 'words') return { kind: 'command', words: filled.words };
  return { kind: 'fault', problem: { where: 'parameters.template', message: filled.message } };
}

/** One job runs all tasks: what the most demanding of them needs. */
function largest(bps: BpsValues | undefined): BpsResources | undefined {
  if (bps === undefined) return undefined;
  const all = [bps.resources, ...bps.tasks.values()];
  const most = (key: keyof BpsResources): number | null =>
    all.reduce<number | null>((max, one) => {
      const value = one[key];
      return value === null ? max : Math.max(max ?? 0, value);
    }, null);
  return {
    memoryMB: most('memoryMB'),
    cores: most('cores'),
    diskMB: most('diskMB'),
    walltimeSeconds: most('walltimeSeconds'),
    retries: bps.resources.retries,
  };
}
