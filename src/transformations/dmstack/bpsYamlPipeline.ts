import type { Report } from '../yamlReport.ts';
import { valueOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode } from '../yamlTree.ts';
import type { BpsValues } from './bpsYamlValues.ts';
import { isElsewhere } from './locations.ts';
import { LabelReader } from './pipelineYamlLabels.ts';
import type { Labels } from './pipelineYamlLabels.ts';
import type { YamlSurroundings } from './surroundings.ts';

/** What stands below `pipetask` without being a task. */
const NO_TASKS: readonly string[] = ['pipetaskInit'];

/** Checks labels of a submit file against the pipeline that it names, where that and all of its imports can be read. */
export function checkPipelineOf(
  root: YamlMap,
  { pipelineYaml }: BpsValues,
  surroundings: YamlSurroundings,
  report: Report,
): void {
  const at = valueOf(root, 'pipelineYaml');
  if (at === undefined || pipelineYaml === null || /[{$]/u.test(pipelineYaml)) return;
  const [path = '', fragment = ''] = pipelineYaml.split('#', 2);
  if (
    !isElsewhere(path) &&
    surroundings.readFile !== undefined &&
    surroundings.readFile(path) === undefined
  ) {
    const message = `There is no ${path} beside this file: BPS looks for it in the folder where it is started.`;
    report.warning(at, 'pipeline-missing', message);
    return;
  }
  const labels = new LabelReader(surroundings).ofFile(path);
  if (!labels.complete) return;
  checkChosen(fragment, labels, at, report);
  checkSections(valueOf(root, 'pipetask'), labels, report);
}

/** Labels behind the #; ranges of them and the like are left alone. */
function checkChosen(fragment: string, { tasks, subsets }: Labels, at: YamlNode, report: Report): void {
  for (const label of fragment.split(',').map((one) => one.trim())) {
    if (!/^\w+$/u.test(label) || tasks.has(label) || subsets.has(label)) continue;
    report.error(at, 'pipeline-unknown-label', `The pipeline has no task or subset ${label}.`);
  }
}

function checkSections(sections: YamlNode | undefined, { tasks }: Labels, report: Report): void {
  if (sections?.kind !== 'map') return;
  for (const { key, keyPlace } of sections.entries) {
    if (tasks.has(key) || NO_TASKS.includes(key)) continue;
    const message = `The pipeline has no task ${key}, so that this is for none.`;
    report.warning(keyPlace, 'pipetask-unknown-label', message);
  }
}
