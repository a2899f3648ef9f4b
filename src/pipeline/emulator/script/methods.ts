import { isObject, ScriptFault, textOf } from './values.ts';
import type { ScriptFunction, ScriptValue } from './values.ts';

type Args = readonly ScriptValue[];

const MOST_RANGE = 100_000;

/** Throws ScriptFault for a method that is not known. */
export function callMethod(owner: ScriptValue, name: string, args: Args, line: number): ScriptValue {
  if (isObject(owner) && Object.hasOwn(owner.methods, name)) {
    const method = owner.methods[name];
    if (method !== undefined) return method(args);
  }
  const method =
    typeof owner === 'string'
      ? TEXT_METHODS.get(name)?.(owner, args)
      : Array.isArray(owner)
        ? LIST_METHODS.get(name)?.(owner, args)
        : owner instanceof Map
          ? MAP_METHODS.get(name)?.(owner, args)
          : undefined;
  if (method === undefined) {
    const what = isObject(owner) ? owner.name : textOf(owner).slice(0, 40);
    throw new ScriptFault(line, `the method ${name} of ${what} is not run by the emulator`, true);
  }
  return method;
}

const TEXT_METHODS: ReadonlyMap<string, (text: string, args: Args) => ScriptValue> = new Map([
  ['split', (text: string, [separator = null]: Args): ScriptValue => splitText(text, separator)],
  ['strip', (text: string) => text.trim()],
  ['rstrip', (text: string) => text.trimEnd()],
  ['lstrip', (text: string) => text.trimStart()],
  ['upper', (text: string) => text.toUpperCase()],
  ['lower', (text: string) => text.toLowerCase()],
  ['replace', (text: string, [from = '', to = '']: Args) => text.replaceAll(textOf(from), () => textOf(to))],
  ['startswith', (text: string, [start = '']: Args) => text.startsWith(textOf(start))],
  ['endswith', (text: string, [end = '']: Args) => text.endsWith(textOf(end))],
  ['zfill', (text: string, [width = 0]: Args) => text.padStart(Math.min(Number(width), 1000), '0')],
  ['join', (text: string, [list = null]: Args) => (Array.isArray(list) ? list.map(textOf).join(text) : '')],
] as const);

const LIST_METHODS: ReadonlyMap<string, (list: ScriptValue[], args: Args) => ScriptValue> = new Map([
  [
    'append',
    (list: ScriptValue[], [item = null]: Args): ScriptValue => {
      list.push(item);
      return null;
    },
  ],
] as const);

const MAP_METHODS: ReadonlyMap<string, (map: Map<string, ScriptValue>, args: Args) => ScriptValue> = new Map([
  [
    'put',
    (map: Map<string, ScriptValue>, [key = null, value = null]: Args): ScriptValue => {
      map.set(textOf(key), value);
      return null;
    },
  ],
  ['get', (map, [key = null, otherwise = null]) => map.get(textOf(key)) ?? otherwise],
  ['containsKey', (map, [key = null]) => map.has(textOf(key))],
  ['keys', (map) => [...map.keys()]],
  ['items', (map) => [...map].map(([key, value]): ScriptValue => [key, value])],
] as [string, (map: Map<string, ScriptValue>, args: Args) => ScriptValue][]);

function splitText(text: string, separator: ScriptValue): ScriptValue {
  return separator === null ? text.split(/\s+/).filter((word) => word !== '') : text.split(textOf(separator));
}

/** Functions that every script has. */
export const BUILT_IN: ReadonlyMap<string, ScriptFunction> = new Map(
  Object.entries({
    HashMap: () => new Map<string, ScriptValue>(),
    dict: () => new Map<string, ScriptValue>(),
    str: ([value = '']: Args) => textOf(value),
    int: ([value = 0]: Args) => wholeNumber(value),
    float: ([value = 0]: Args) => floating(value),
    len: ([value = null]: Args) => lengthOf(value),
    range,
    xrange: range,
    enumerate: ([list = null]: Args) => itemsOf(list).map((item, index): ScriptValue => [index, item]),
    sorted: ([list = null]: Args) => itemsOf(list).toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)),
  } satisfies Record<string, (args: Args) => ScriptValue>).map(([name, call]) => [
    name,
    { kind: 'function' as const, name, call },
  ]),
);

/** Elements of what can be gone through. Throws ScriptFault, which knows no line. */
export function itemsOf(value: ScriptValue): readonly ScriptValue[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  if (typeof value === 'string') return [...value];
  throw new ScriptFault(0, `${textOf(value)} has no elements`, false);
}

function lengthOf(value: ScriptValue): number {
  return value instanceof Map ? value.size : itemsOf(value).length;
}

function wholeNumber(value: ScriptValue): number {
  return Math.trunc(floating(value));
}

function floating(value: ScriptValue): number {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
  if (!Number.isFinite(number)) throw new ScriptFault(0, `${textOf(value)} is not a number`, false);
  return number;
}

function range(args: Args): ScriptValue {
  const numbers = args.map(wholeNumber);
  const [start, end, step] =
    numbers.length < 2 ? [0, numbers[0] ?? 0, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1];
  const length = step === 0 ? 0 : Math.max(0, Math.ceil((end - start) / step));
  if (length > MOST_RANGE) throw new ScriptFault(0, `it has more than ${MOST_RANGE} elements`, true);
  return Array.from({ length }, (_, index) => start + index * step);
}
