import type { JobRequest, Resources } from '../../panda/index.ts';
import type { TransformationOptions } from '../api.ts';
import { DEFAULT_RESOURCES, withDefaults } from '../checks.ts';
import { STAND_IN } from '../parameters.ts';
import { payloadFile, type ReadPayload } from '../payloads.ts';
import type { BpsResources } from './bpsYamlValues.ts';
import type { DmChoices } from './dmChoices.ts';
import type { PipelineFiles } from './dmFiles.ts';

/** What pipetask writes about its run; the data go into the repository. */
const SUMMARY = 'pipetask-summary.json';

/** What runs: pipetask with a pipeline at the site or sent along, or a command of the user's own. */
export type DmProgram =
  | { readonly kind: 'pipetask'; readonly pipeline: string }
  | { readonly kind: 'command'; readonly words: readonly string[] };

export function buildDmRequest(
  name: string,
  program: DmProgram,
  files: PipelineFiles,
  choices: DmChoices,
  asked: BpsResources | undefined,
  options: TransformationOptions,
  readPayload: ReadPayload,
): JobRequest {
  const resources = withDefaults(options.resources, proposeResources(choices, asked));
  return {
    name,
    transformation: {
      id: 'dmstack',
      payload: payloadFile('dm-stack.sh', readPayload),
      tarball: files.tarball(choices.software === STAND_IN),
    },
    arguments: payloadWords(program, choices, resources.cores, options.arguments ?? []),
    site: options.site,
    resources,
    outputs: [...(program.kind === 'pipetask' ? [SUMMARY] : []), ...(options.outputs ?? [])],
    inputs: files.inputs,
    pipeline: undefined,
  };
}

function payloadWords(
  program: DmProgram,
  choices: DmChoices,
  cores: number,
  more: readonly string[],
): readonly string[] {
  const common = [
    ...['--software', choices.software],
    ...(choices.product === 'lsst_distrib' ? [] : ['--product', choices.product]),
    ...given('--image', choices.image),
    ...given('--setup', choices.setup),
  ];
  if (program.kind === 'command') return [...common, '--', ...program.words, ...more];
  const pipeline =
    choices.labels === undefined ? program.pipeline : withLabels(program.pipeline, choices.labels);
  return [...common, '--pipeline', pipeline, '--', ...pipetaskWords(choices, cores), ...more];
}

/** Labels that are asked for take the place of those in the file's own reference. */
function withLabels(pipeline: string, labels: string): string {
  return `${pipeline.split('#', 1)[0] ?? ''}#${labels}`;
}

function pipetaskWords(choices: DmChoices, cores: number): readonly string[] {
  return [
    ...['pipetask', '--long-log', 'run'],
    ...given('-b', choices.repository),
    ...given('-i', choices.inputCollection),
    ...given('-o', choices.outputCollection),
    ...given('--output-run', choices.outputRun),
    ...given('-d', choices.dataQuery),
    ...choices.config.flatMap((one) => ['-c', one]),
    ...given('-j', cores > 1 ? String(cores) : undefined),
    '--register-dataset-types',
    ...['--summary', SUMMARY],
  ];
}

function given(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}

/** Enough for single detectors; co-adding needs four times the memory and more. */
const DM_RESOURCES: Resources = { cores: 1, memoryMB: 4000, diskMB: 10_000, walltimeSeconds: 12 * 3600 };

function proposeResources({ software }: DmChoices, asked: BpsResources | undefined): Resources {
  if (software === STAND_IN) return DEFAULT_RESOURCES;
  return {
    cores: asked?.cores ?? DM_RESOURCES.cores,
    memoryMB: asked?.memoryMB ?? DM_RESOURCES.memoryMB,
    diskMB: asked?.diskMB ?? DM_RESOURCES.diskMB,
    walltimeSeconds: asked?.walltimeSeconds ?? DM_RESOURCES.walltimeSeconds,
  };
}
