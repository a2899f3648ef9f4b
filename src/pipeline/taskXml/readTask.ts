import { nearest } from '../../transformations/index.ts';
import { ELEMENTS, JOB_ATTRIBUTES, NAMESPACE } from './elements.ts';
import type { ElementRule } from './elements.ts';
import type { Dependency, JobCommand, Process, Script, Task, TaskFile, Variable } from './model.ts';
import type { Problems } from './problems.ts';
import type { XmlElement } from './xmlTree.ts';

/** What the tree says; undefined where it is no task file. */
export function readTaskFile(root: XmlElement, problems: Problems): TaskFile | undefined {
  if (root.name !== 'pipeline') {
    problems.error(
      root.place,
      'not-a-task',
      `The outermost element is ${root.name}; a task file's is pipeline`,
    );
    return undefined;
  }
  if (root.namespace !== NAMESPACE) {
    const found = root.namespace === '' ? 'no namespace' : `the namespace ${root.namespace}`;
    problems.error(root.place, 'namespace', `The element pipeline has ${found}; write xmlns="${NAMESPACE}"`);
  }
  checkShape(root, problems);
  return { variables: variablesOf(root), tasks: childrenOf(root, 'task').map(taskOf) };
}

function taskOf(element: XmlElement): Task {
  return {
    name: attribute(element, 'name'),
    type: attribute(element, 'type'),
    version: attribute(element, 'version', '1.0'),
    notation: notationOf(element),
    variables: variablesOf(element),
    prerequisites: childrenOf(element, 'prerequisites').flatMap((list) =>
      childrenOf(list, 'prerequisite').map((one) => ({
        name: attribute(one, 'name'),
        type: attribute(one, 'type'),
      })),
    ),
    processes: childrenOf(element, 'process').map(processOf),
    tasks: childrenOf(element, 'task').map(taskOf),
    place: namePlace(element),
  };
}

function processOf(element: XmlElement): Process {
  const depends = childrenOf(element, 'depends');
  const dependencies = (name: string): readonly Dependency[] =>
    depends.flatMap((list) => childrenOf(list, name)).map(dependencyOf);
  return {
    name: attribute(element, 'name'),
    notation: notationOf(element),
    site: attribute(element, 'site'),
    autoRetryMaxAttempts: attribute(element, 'autoRetryMaxAttempts', '0'),
    retryOn: attribute(element, 'retryOn'),
    variables: variablesOf(element),
    run: runOf(element),
    after: dependencies('after'),
    before: dependencies('before'),
    createsSubtasks: childrenOf(element, 'createsSubtasks')
      .flatMap((list) => childrenOf(list, 'subtask'))
      .map(({ text, place }) => ({ name: text.trim(), place })),
    place: namePlace(element),
  };
}

/** A process with neither is told elsewhere; it counts as a job without a command. */
function runOf(element: XmlElement): JobCommand | Script {
  const [script] = childrenOf(element, 'script');
  if (script !== undefined) {
    const language = attribute(script, 'language', 'python');
    return { kind: 'script', language, text: script.text, place: script.place };
  }
  const [job] = childrenOf(element, 'job');
  return {
    kind: 'job',
    executable: job === undefined ? '' : attribute(job, 'executable').trim(),
    script: job?.text.trim() ?? '',
    attributes: new Map(
      JOB_ATTRIBUTES.flatMap((name) => {
        const value = job?.attributes.get(name)?.value;
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
    environment: job === undefined ? [] : childrenOf(job, 'environment').flatMap(varsOf),
    place: job?.place ?? element.place,
  };
}

function dependencyOf(element: XmlElement): Dependency {
  return {
    process: attribute(element, 'process').trim(),
    status: attribute(element, 'status', 'SUCCESS').trim(),
    place: element.attributes.get('process')?.place ?? element.place,
  };
}

function variablesOf(element: XmlElement): readonly Variable[] {
  return childrenOf(element, 'variables').flatMap(varsOf);
}

function varsOf(list: XmlElement): readonly Variable[] {
  return childrenOf(list, 'var').map((element) => ({
    name: attribute(element, 'name').trim(),
    value: element.text,
    place: namePlace(element),
  }));
}

function notationOf(element: XmlElement): string {
  return childrenOf(element, 'notation')
    .map(({ text }) => text.trim().replaceAll(/\s+/g, ' '))
    .join(' ');
}

function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

function attribute(element: XmlElement, name: string, otherwise = ''): string {
  return element.attributes.get(name)?.value ?? otherwise;
}

function namePlace(element: XmlElement) {
  return element.attributes.get('name')?.place ?? element.place;
}

/** Elements and attributes that are missing, strange or out of order, here and below. */
function checkShape(element: XmlElement, problems: Problems): void {
  const rule = ELEMENTS.get(element.name);
  if (rule === undefined) return;
  checkAttributes(element, rule, problems);
  checkChildren(element, rule, problems);
  for (const child of element.children) checkShape(child, problems);
}

function checkAttributes(
  { name, attributes, place }: XmlElement,
  rule: ElementRule,
  problems: Problems,
): void {
  for (const required of rule.required) {
    if ((attributes.get(required)?.value.trim() ?? '') !== '') continue;
    problems.error(place, 'attribute-missing', `The element ${name} has no ${required}`);
  }
  const known = [...rule.required, ...rule.optional];
  for (const [key, { place: at }] of attributes) {
    if (known.includes(key)) continue;
    const message = `The pipeline knows no attribute ${key} of ${name}${meant(key, known)}`;
    problems.warning(at, 'attribute-unknown', message);
  }
}

function checkChildren(element: XmlElement, rule: ElementRule, problems: Problems): void {
  let last = 0;
  const [first, second] = element.children.filter(({ name }) => isCommand(element, name));
  if (second !== undefined) {
    const message = `A process has one job or script; this one has a ${first?.name} before`;
    problems.error(second.place, 'two-commands', message);
  }
  for (const child of element.children) {
    if (child !== first && isCommand(element, child.name)) continue;
    const rank = rule.children.indexOf(child.name);
    if (rank < 0) {
      const message = `The pipeline knows no element ${child.name} in ${element.name}${meant(child.name, rule.children)}`;
      problems.warning(child.place, 'element-unknown', message);
      continue;
    }
    // A dependency may name what it comes before and after in any order.
    if (rank < last && element.name !== 'depends') {
      const before = rule.children[last] ?? '';
      const message = `The element ${child.name} stands after ${before}; the pipeline's schema wants it before`;
      problems.warning(child.place, 'element-order', message);
    }
    last = Math.max(last, rank);
  }
  if (rule.text === undefined && element.text.trim() !== '') {
    const word = element.text.trim().split(/\s/, 1)[0] ?? '';
    problems.warning(
      element.place,
      'stray-text',
      `The element ${element.name} holds text that means nothing: ${word}`,
    );
  }
}

function isCommand({ name }: XmlElement, child: string): boolean {
  return name === 'process' && (child === 'job' || child === 'script');
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? '' : `; ${near} may be meant`;
}
