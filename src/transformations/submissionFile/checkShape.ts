import { nearest } from '../nearest.ts';
import type { Report } from '../yamlReport.ts';
import { headOf, isNothing, textOf } from '../yamlTree.ts';
import type { YamlMap, YamlNode } from '../yamlTree.ts';
import type { Fields, Shape, TextShape } from './shape.ts';

/** Says everything in which a value differs from its shape. `name`: how people call it, as `resources.memory`. */
export function checkShape(node: YamlNode, shape: Shape, name: string, report: Report): void {
  switch (shape.kind) {
    case 'text':
      checkText(node, shape, name, report);
      return;
    case 'count':
      checkCount(node, shape, name, report);
      return;
    case 'number':
      checkNumber(node, name, report);
      return;
    case 'list':
      checkList(node, shape, name, report);
      return;
    case 'oneOrMore':
      if (node.kind === 'list') checkList(node, { ...shape, least: 1 }, name, report);
      else checkShape(node, shape.of, name, report);
      return;
    case 'fieldsOr':
      checkShape(node, node.kind === 'map' ? { ...shape, kind: 'fields' } : shape.other, name, report);
      return;
    case 'record':
    case 'fields':
      if (node.kind !== 'map') report.error(node, 'not-a-mapping', `The value of ${name} is a mapping.`);
      else if (shape.kind === 'record') checkRecord(node, shape, name, report);
      else checkFields(node, shape.fields, name, report);
      return;
  }
}

/** Checks the keys of a mapping and the values below them. */
export function checkFields(map: YamlMap, fields: Fields, name: string, report: Report): void {
  const inside = (key: string): string => (name === '' ? key : `${name}.${key}`);
  for (const { key, keyPlace, value } of map.entries) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field !== undefined) {
      checkShape(value, field.shape, inside(key), report);
      continue;
    }
    const near = nearest(key, Object.keys(fields));
    const advice = near === undefined ? `The keys are ${keysOf(fields)}` : `${near} is probably meant`;
    report.error(keyPlace, 'unknown-key', `There is no key ${inside(key)}. ${advice}.`);
  }
  const given = new Set(map.entries.map(({ key }) => key));
  for (const [key, { required }] of Object.entries(fields)) {
    if (required === true && !given.has(key)) {
      report.error(headOf(map), 'missing-key', `The key ${inside(key)} is missing.`);
    }
  }
}

function keysOf(fields: Fields): string {
  return Object.keys(fields).join(', ');
}

function checkText(node: YamlNode, shape: TextShape, name: string, report: Report): void {
  const value = textOf(node);
  if (value === undefined) {
    const message = isNothing(node)
      ? `The value of ${name} is missing.`
      : `The value of ${name} is one text.`;
    report.error(node, 'not-a-text', message);
  } else if (value.length > shape.most) {
    report.error(node, 'too-long', `The value of ${name} is longer than ${shape.most} characters.`);
  } else if (value.includes('\0') || !value.isWellFormed()) {
    report.error(node, 'bad-text', `The value of ${name} holds characters that cannot be passed on.`);
  } else if (shape.choices !== undefined) {
    if (!shape.choices.includes(value)) {
      const near = nearest(value, shape.choices);
      const advice = near === undefined ? `one of ${shape.choices.join(', ')}` : `${near} is probably meant`;
      report.error(node, 'not-a-choice', `${value} cannot be the value of ${name}: ${advice}.`);
    }
  } else if (shape.pattern?.test(value) === false) {
    report.error(node, 'bad-text', `The value of ${name} is ${shape.patternHelp ?? 'something else'}.`);
  }
}

function checkCount(
  node: YamlNode,
  { least, most }: Extract<Shape, { kind: 'count' }>,
  name: string,
  report: Report,
): void {
  const value = node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  report.error(node, 'not-a-count', `The value of ${name} is a whole number from ${least} to ${most}.`);
}

function checkNumber(node: YamlNode, name: string, report: Report): void {
  if (node.kind === 'scalar' && typeof node.value === 'number' && Number.isFinite(node.value)) return;
  report.error(node, 'not-a-number', `The value of ${name} is a number.`);
}

function checkList(
  node: YamlNode,
  { of, most, least = 0 }: { readonly of: Shape; readonly most: number; readonly least?: number },
  name: string,
  report: Report,
): void {
  if (node.kind !== 'list') {
    report.error(node, 'not-a-list', `The value of ${name} is a list.`);
    return;
  }
  const { items } = node;
  if (items.length > most) report.error(node, 'too-many', `The list ${name} has more than ${most} entries.`);
  if (items.length < least) report.error(node, 'empty-list', `The list ${name} is empty.`);
  for (const [index, item] of items.slice(0, most).entries()) {
    checkShape(item, of, `${name}[${index}]`, report);
  }
}

function checkRecord(
  map: YamlMap,
  { of, name: form, nameHelp }: Extract<Shape, { kind: 'record' }>,
  name: string,
  report: Report,
): void {
  for (const { key, keyPlace, value } of map.entries) {
    if (!form.test(key)) {
      report.error(keyPlace, 'bad-name', `${key} cannot be a name in ${name}: ${nameHelp}.`);
    }
    checkShape(value, of, `${name}.${key}`, report);
  }
}
