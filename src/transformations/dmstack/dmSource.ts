import { basename, dirname } from 'node:path';
import type { Problem } from '../../panda/index.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { readBeside } from '../readBeside.ts';
import { checkBpsYaml } from './bpsYaml.ts';
import type { BpsValues } from './bpsYamlValues.ts';
import { MOST_BYTES, nameAtSite, readSmall, sentPipeline } from './dmFiles.ts';
import type { SentPipeline } from './dmFiles.ts';
import { isElsewhere } from './locations.ts';
import { checkPipelineYaml } from './pipelineYaml.ts';
import { LabelReader } from './pipelineYamlLabels.ts';
import type { Labels } from './pipelineYamlLabels.ts';

/** What a file says of what to run. */
export interface DmSource {
  readonly description: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly problems: readonly Problem[];
  readonly bps: BpsValues | undefined;
  /** As pipetask is given it. */
  readonly pipeline: string | undefined;
  /** The pipeline file of this machine that goes along. */
  readonly sent: SentPipeline | undefined;
  /** Of the pipeline, where it and all that it imports could be read. */
  readonly labels: Labels | undefined;
}

export const NO_SOURCE: DmSource = {
  description: 'a program of the science pipelines',
  diagnostics: [],
  problems: [],
  bps: undefined,
  pipeline: undefined,
  sent: undefined,
  labels: undefined,
};

/** Reads a pipeline or BPS file; what cannot be read is a problem. */
export async function readDmSource(path: string, signal: AbortSignal | undefined): Promise<DmSource> {
  const read = await readSmall(path, signal);
  if (read === undefined) {
    const message = `The file is not there, or larger than ${MOST_BYTES / 1024 ** 2} MB: ${path}`;
    return { ...NO_SOURCE, problems: [{ where: 'file', message }] };
  }
  const text = new TextDecoder().decode(read.content);
  const readFile = readBeside(dirname(path));
  const pipeline = checkPipelineYaml(text, { readFile });
  if (pipeline.detected) {
    const sent = { folder: dirname(path), name: basename(path) };
    const { diagnostics, summary } = pipeline;
    const tasks = summary?.tasks.length ?? 0;
    return {
      ...NO_SOURCE,
      description: `pipeline, ${tasks} ${tasks === 1 ? 'task' : 'tasks'} of its own`,
      diagnostics,
      problems: errorsOf(diagnostics, 'The pipeline'),
      pipeline: nameAtSite(sent),
      sent,
      labels: labelsOf(sent),
    };
  }
  const bps = checkBpsYaml(text, { readFile });
  if (bps.detected && bps.values !== undefined) return ofBps(path, bps.values, bps.diagnostics);
  return NO_SOURCE;
}

function ofBps(path: string, values: BpsValues, diagnostics: readonly Diagnostic[]): DmSource {
  const [location = '', labels] = (values.pipelineYaml ?? '').split('#', 2);
  const problems = [...errorsOf(diagnostics, 'The BPS file')];
  if (location === '') {
    problems.push({
      where: 'file',
      message: 'The BPS file names no pipelineYaml, which is what is run here.',
    });
  }
  const fragment = labels === undefined ? '' : `#${labels}`;
  const elsewhere = isElsewhere(location);
  const sent = location === '' || elsewhere ? undefined : sentPipeline(dirname(path), location);
  return {
    description: `BPS file, pipeline ${values.pipelineYaml ?? 'unknown'}`,
    diagnostics,
    problems,
    bps: values,
    pipeline: sent === undefined ? (values.pipelineYaml ?? undefined) : `${nameAtSite(sent)}${fragment}`,
    sent,
    labels: sent === undefined ? undefined : labelsOf(sent),
  };
}

function labelsOf({ folder, name }: SentPipeline): Labels | undefined {
  const labels = new LabelReader({ readFile: readBeside(folder) }).ofFile(name);
  return labels.complete ? labels : undefined;
}

function errorsOf(diagnostics: readonly Diagnostic[], what: string): readonly Problem[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return [];
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const message = `${what}, line ${first.line}: ${first.message.replace(/\.$/u, '')}${more}`;
  return [{ where: 'file', message }];
}
