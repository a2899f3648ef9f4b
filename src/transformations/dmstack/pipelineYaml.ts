import { NO_FINDINGS } from '../findings.ts';
import type { ListedFindings } from '../findings.ts';
import { createReport } from '../yamlReport.ts';
import type { Report } from '../yamlReport.ts';
import { entryOf, headOf, isNothing, readYaml, textOf, valueOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode } from '../yamlTree.ts';
import { checkContracts } from './pipelineYamlContracts.ts';
import { checkClashes, checkImports } from './pipelineYamlImports.ts';
import { merge } from './pipelineYamlLabels.ts';
import { checkSteps, checkSubsets } from './pipelineYamlSubsets.ts';
import { checkParameterUse, checkTasks, configFiles, isDotted } from './pipelineYamlTasks.ts';
import type { YamlSurroundings } from './surroundings.ts';
import { checkCharacters } from './yamlCharacters.ts';
import { isMeantAsPipeline, mayBePipeline } from './yamlKinds.ts';

/** What a pipeline file says of itself, without what it imports. */
export interface PipelineSummary {
  readonly description: string | null;
  /** Dotted class name; null where it names none. */
  readonly instrument: string | null;
  /** Labels of its own tasks, in the order written. */
  readonly tasks: readonly string[];
  readonly subsets: readonly string[];
  readonly steps: readonly string[];
  /** Locations as written, with their variables. */
  readonly imports: readonly string[];
  /** Config files of its own tasks, as written. */
  readonly configFiles: readonly string[];
}

export interface PipelineCheck extends ListedFindings {
  /** False: this is no pipeline, and nothing more is said of it. */
  readonly detected: boolean;
  readonly summary: PipelineSummary | undefined;
}

const TOP_LEVEL = [
  'description',
  'instrument',
  'imports',
  'parameters',
  'tasks',
  'subsets',
  'steps',
  'contracts',
] as const;
/** Sections that the loader goes through, whatever they hold. */
const MUST_HOLD: readonly string[] = ['subsets', 'steps', 'contracts'];

/**
 * Checks a pipeline file by the rules of the loader of `lsst.pipe.base` (pipelineIR.py). What cannot be known, as an import
 * cannot be read, is not complained of. Never throws.
 */
export function checkPipelineYaml(text: string, surroundings: YamlSurroundings = {}): PipelineCheck {
  const nothing = { detected: false, summary: undefined, ...NO_FINDINGS };
  if (!mayBePipeline(text)) return nothing;
  const file = readYaml(text);
  const { root } = file;
  const report = createReport(file);
  if (!isPipeline(root)) {
    if (file.problems.length === 0 || !isMeantAsPipeline(text)) return nothing;
    return { detected: true, summary: undefined, ...report.list() };
  }
  checkCharacters(text, report);
  const tasks = checkTasks(root, report);
  const imports = checkImports(root, surroundings, report);
  const known = merge(
    { tasks, subsets: new Map(), complete: true },
    imports.map(({ labels }) => labels),
  );
  checkTopLevel(root, report);
  checkClashes(root, imports, tasks, report);
  if (imports.length === 0) checkParameterUse(root, report);
  const subsets = checkSubsets(root, known, report);
  const steps = checkSteps(root, subsets, known, report);
  checkContracts(root, known, report);
  const summary = {
    description: textOf(valueOf(root, 'description')) ?? null,
    instrument: textOf(valueOf(root, 'instrument')) ?? null,
    tasks: [...tasks],
    subsets: [...subsets],
    steps,
    imports: imports.flatMap(({ location }) => location ?? []),
    configFiles: configFiles(root),
  };
  return { detected: true, summary, ...report.list() };
}

/**
 * A mapping with a description and tasks or imports, or what else only a pipeline has; or with tasks that are classes; no
 * submit file of BPS.
 */
function isPipeline(root: YamlNode | undefined): root is YamlMap {
  if (root?.kind !== 'map') return false;
  const has = (key: string): boolean => entryOf(root, key) !== undefined;
  if (has('pipelineYaml') || has('payload')) return false;
  if (has('description')) {
    if (['tasks', 'imports', 'inherits', 'subsets', 'contracts'].some(has)) return true;
    if (isDotted(textOf(valueOf(root, 'instrument')))) return true;
  }
  const tasks = valueOf(root, 'tasks');
  return (
    tasks?.kind === 'map' &&
    tasks.entries.some(({ value }) => isDotted(textOf(value) ?? textOf(valueOf(value, 'class'))))
  );
}

function checkTopLevel(root: YamlMap, report: Report): void {
  const has = (key: string): boolean => entryOf(root, key) !== undefined;
  if (!has('description')) {
    report.error(headOf(root), 'missing-description', 'A pipeline needs a description.');
  }
  if (!['tasks', 'imports', 'inherits'].some(has)) {
    report.error(headOf(root), 'missing-tasks', 'A pipeline needs tasks or imports.');
  }
  checkInstrument(valueOf(root, 'instrument'), report);
  const parameters = valueOf(root, 'parameters');
  if (parameters !== undefined && parameters.kind !== 'map') {
    const message = 'The parameters are a mapping of names to values.';
    report.error(parameters, 'parameters-not-mapping', message);
  }
  for (const { key, keyPlace, value } of root.entries) {
    if (MUST_HOLD.includes(key) && isNothing(value)) {
      const message = `The loader stops where ${key} holds nothing: leave it out.`;
      report.error(keyPlace, 'empty-section', message);
    }
    if (key === 'inherits') {
      report.error(keyPlace, 'inherits-not-supported', 'The key inherits is not supported: use imports.');
    } else if (key === 'subset' && !has('subsets')) {
      report.error(keyPlace, 'subset-instead-of-subsets', 'The key is subsets, with an s.');
    } else if (!TOP_LEVEL.some((known) => known === key)) {
      const message = `The key ${key} is ignored: a pipeline knows none of this name.`;
      report.information(keyPlace, 'unknown-key', message);
    }
  }
}

function checkInstrument(instrument: YamlNode | undefined, report: Report): void {
  if (instrument?.kind === 'list') {
    report.error(instrument, 'instrument-list', 'A pipeline has one instrument, not a list.');
  } else if (instrument?.kind === 'map') {
    report.error(instrument, 'wrong-kind', 'The instrument is the name of a class.');
  }
}
