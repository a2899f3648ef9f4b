import type { Report } from '../yamlReport.ts';
import { headOf, isNothing, textOf, valueOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode } from '../yamlTree.ts';
import type { Labels } from './pipelineYamlLabels.ts';

/** Checks the contracts: Python expressions over the configurations of tasks, `label.field`. */
export function checkContracts(root: YamlMap, known: Labels, report: Report): void {
  const contracts = valueOf(root, 'contracts');
  if (contracts === undefined || isNothing(contracts)) return;
  if (contracts.kind === 'map') {
    report.error(contracts, 'wrong-kind', 'The contracts are a list of expressions.');
    return;
  }
  for (const item of contracts.kind === 'list' ? contracts.items : [contracts]) {
    const expression = item.kind === 'map' ? readContract(item, report) : item;
    if (expression === undefined) continue;
    const text = textOf(expression);
    if (text === undefined) {
      report.error(expression, 'wrong-kind', 'A contract is a Python expression as text.');
    } else if (known.complete) {
      checkLabels(text, expression, known, report);
    }
  }
}

function readContract(item: YamlMap, report: Report): YamlNode | undefined {
  for (const { key, keyPlace } of item.entries) {
    if (key === 'contract' || key === 'msg') continue;
    report.error(
      keyPlace,
      'contract-unknown-key',
      `A contract knows no key ${key}: it has contract and msg.`,
    );
  }
  const expression = valueOf(item, 'contract');
  if (expression === undefined || isNothing(expression)) {
    report.error(headOf(item), 'contract-without-expression', 'A contract needs the key contract.');
    return undefined;
  }
  return expression;
}

function checkLabels(text: string, at: YamlNode, { tasks }: Labels, report: Report): void {
  for (const label of labelsOf(text)) {
    if (!tasks.has(label)) {
      // It is Python, which is only looked at, not understood.
      report.warning(
        at,
        'contract-unknown-label',
        `The contract speaks of ${label}, and there is no such task.`,
      );
    }
  }
}

/** Texts of Python, and what would be taken for `label.field` without being one. */
const STRINGS = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gu;
const NUMBERS = /\b\d[\w.]*/gu;
const BOUND = /\b(?:for|lambda)\s([^:]{0,200}?)(?:\bin\b|:)/gu;
const LABEL = /(?<![\p{L}\p{N}_.)\]])([\p{L}_][\p{L}\p{N}_]*)\s*\.\s*[\p{L}_]/gu;
/** Longer expressions are not looked into. */
const LONGEST = 10_000;

function labelsOf(text: string): ReadonlySet<string> {
  const code = text.slice(0, LONGEST).replaceAll(STRINGS, ' "" ').replaceAll(NUMBERS, ' 0 ');
  const bound = new Set([...code.matchAll(BOUND)].flatMap(([, names = '']) => names.match(/\w+/gu) ?? []));
  const labels = [...code.matchAll(LABEL)].flatMap(([, label]) => label ?? []);
  return new Set(labels.filter((label) => !bound.has(label)));
}
