import { NO_FINDINGS } from '../findings.ts';
import type { ListedFindings } from '../findings.ts';
import { createReport } from '../yamlReport.ts';
import type { Report } from '../yamlReport.ts';
import { entryOf, isNothing, readYaml, textOf, valueOf } from '../yamlTree.ts';
import type { YamlEntry, YamlMap, YamlNode } from '../yamlTree.ts';
import { likelyMeant, PAYLOAD, SECTIONS, TASK, TOP_LEVEL, WHOLE_NUMBERS } from './bpsYamlKeys.ts';
import { checkPipelineOf } from './bpsYamlPipeline.ts';
import type { IncludeTrouble } from './bpsYamlIncludes.ts';
import { readBpsValues } from './bpsYamlValues.ts';
import type { BpsValues } from './bpsYamlValues.ts';
import { isDotted } from './pipelineYamlTasks.ts';
import type { YamlSurroundings } from './surroundings.ts';
import { checkCharacters } from './yamlCharacters.ts';
import { hasSubmitFileKeys, isMeantAsSubmitFile, mayBeSubmitFile } from './yamlKinds.ts';

export interface BpsCheck extends ListedFindings {
  /** False: this is no submit file, and nothing more is said of it. */
  readonly detected: boolean;
  /** Undefined where the file cannot be read. */
  readonly values: BpsValues | undefined;
}

/** Checks a BPS submit file (`lsst.ctrl.bps`) and reads what it asks for. Never throws. */
export function checkBpsYaml(text: string, surroundings: YamlSurroundings = {}): BpsCheck {
  const nothing = { detected: false, values: undefined, ...NO_FINDINGS };
  if (!mayBeSubmitFile(text)) return nothing;
  const file = readYaml(text);
  const { root } = file;
  const report = createReport(file);
  if (!isSubmitFile(root)) {
    if (file.problems.length === 0 || !isMeantAsSubmitFile(text)) return nothing;
    return { detected: true, values: undefined, ...report.list() };
  }
  checkCharacters(text, report);
  checkKeys(root, report);
  checkNumbers(root, report);
  checkSections(root, report);
  checkIncludes(valueOf(root, 'includeConfigs'), report);
  checkServiceClass(root, report);
  const { values, includeTroubles } = readBpsValues(root, surroundings);
  reportIncludes(includeTroubles, report);
  for (const { name, at, loop } of values.unknownVariables) {
    if (loop) report.error(at, 'variable-loop', `The variable {${name}} leads back to itself.`);
    else report.warning(at, 'variable-unknown', `Nothing says what {${name}} is.`);
  }
  checkPipelineOf(root, values, surroundings, report);
  return { detected: true, values, ...report.list() };
}

function isSubmitFile(root: YamlNode | undefined): root is YamlMap {
  return root?.kind === 'map' && hasSubmitFileKeys((key) => entryOf(root, key) !== undefined);
}

function checkKeys(root: YamlMap, report: Report): void {
  warnOfSlips(root, TOP_LEVEL, report);
  warnOfSlips(valueOf(root, 'payload'), PAYLOAD, report);
  const tasks = valueOf(root, 'pipetask');
  if (tasks?.kind !== 'map') return;
  for (const { value } of tasks.entries) warnOfSlips(value, TASK, report);
}

function warnOfSlips(node: YamlNode | undefined, known: ReadonlySet<string>, report: Report): void {
  if (node?.kind !== 'map') return;
  for (const { key, keyPlace } of node.entries) {
    const meant = likelyMeant(key, known);
    if (meant === undefined) continue;
    report.warning(
      keyPlace,
      'likely-typo',
      `BPS does not know ${key}, and ignores it: ${meant} is probably meant.`,
    );
  }
}

/** Numbers may also be put together of variables or computed. */
const WHOLE = /^\d[\d_]*$|[{$]|^bpsEval\(/u;
const NUMBER = /^\d[\d_]*(\.\d+)?$|[{$]|^bpsEval\(/u;

function checkNumbers(root: YamlMap, report: Report): void {
  const tasks = valueOf(root, 'pipetask');
  const tables = [root, ...(tasks?.kind === 'map' ? tasks.entries.map(({ value }) => value) : [])];
  for (const table of tables) {
    if (table.kind !== 'map') continue;
    for (const entry of table.entries) checkNumber(entry, report);
  }
}

function checkNumber({ key, value }: YamlEntry, report: Report): void {
  if (isNothing(value)) return;
  if (WHOLE_NUMBERS.includes(key) && !WHOLE.test(textOf(value) ?? '')) {
    report.error(value, 'not-a-number', `The value of ${key} is a whole number.`);
  } else if (key === 'memoryMultiplier' && !NUMBER.test(textOf(value) ?? '')) {
    report.error(value, 'not-a-number', 'The value of memoryMultiplier is a number.');
  } else if (key === 'retryUnlessExit') {
    const codes = value.kind === 'list' ? value.items : [value];
    const wrong = codes.find((code) => !WHOLE.test(textOf(code) ?? ''));
    if (wrong !== undefined) report.error(wrong, 'not-a-number', 'An exit code is a whole number.');
  }
}

function checkSections(root: YamlMap, report: Report): void {
  for (const key of SECTIONS) {
    const section = valueOf(root, key);
    if (section === undefined || isNothing(section) || section.kind === 'map') continue;
    report.error(section, 'wrong-kind', `The section ${key} is a mapping.`);
  }
  for (const key of ['pipetask', 'site', 'cloud', 'cluster']) {
    const section = valueOf(root, key);
    if (section?.kind !== 'map') continue;
    for (const { key: name, value } of section.entries) {
      if (value.kind === 'map' || isNothing(value)) continue;
      report.error(value, 'wrong-kind', `Below ${key}, ${name} is a mapping.`);
    }
  }
}

function checkIncludes(includes: YamlNode | undefined, report: Report): void {
  if (includes === undefined || isNothing(includes)) return;
  const files = includes.kind === 'list' ? includes.items : [includes];
  const wrong = files.find((file) => textOf(file) === undefined);
  if (wrong !== undefined) report.error(wrong, 'wrong-kind', 'The key includeConfigs lists files.');
}

function reportIncludes(troubles: readonly IncludeTrouble[], report: Report): void {
  for (const { at, path, kind } of troubles) {
    if (kind === 'circle') {
      report.error(at, 'include-cycle', `${path} is among its own includes: BPS goes round in a circle.`);
    } else {
      const message = `There is no ${path} beside this file: BPS stops where it finds none.`;
      report.warning(at, 'include-missing', message);
    }
  }
}

function checkServiceClass(root: YamlMap, report: Report): void {
  const service = valueOf(root, 'wmsServiceClass');
  const name = textOf(service);
  if (service !== undefined && name !== undefined && !/[{$]/u.test(name) && !isDotted(name)) {
    const message = `${name} is not the full name of a class, such as lsst.ctrl.bps.panda.PanDAService.`;
    report.warning(service, 'class-not-dotted', message);
  }
  const endPoint = valueOf(root, 'fileDistributionEndPoint');
  const url = textOf(endPoint);
  if (endPoint !== undefined && url !== undefined && url !== '' && !/[/}]$/u.test(url)) {
    report.warning(
      endPoint,
      'missing-slash',
      'The end point must end with a slash: file names are put behind it.',
    );
  }
}
