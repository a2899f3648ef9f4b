import { readPrimitive } from '../serial/fields.ts';
import type { ClassDesc, JavaClass, JavaObject, ProxyDesc } from '../serial/model.ts';
import { isReference } from '../serial/typeCodes.ts';

/** Characters of one text that are shown. */
const MOST_CHARACTERS = 200;

/** A text in quotes, cut where it is long. */
export function quoted(text: string): string {
  const shown = JSON.stringify(text.slice(0, MOST_CHARACTERS));
  return text.length > MOST_CHARACTERS ? `${shown}… (${text.length} characters)` : shown;
}

/** What an object of java.lang's classes for primitives holds. */
export function boxedOf({ desc, levels }: JavaObject): string | undefined {
  const own = levels.at(-1);
  const [field, ...others] = own?.desc.fields ?? [];
  const isBox = desc.kind === 'classDesc' && BOXES.has(desc.name);
  if (!isBox || own === undefined || field?.name !== 'value' || others.length > 0) return undefined;
  return isReference(field.type) ? undefined : String(readPrimitive(own.primitives, 0, field.type));
}

const BOXES: ReadonlySet<string> = new Set(
  ['Boolean', 'Byte', 'Character', 'Double', 'Float', 'Integer', 'Long', 'Short'].map(
    (name) => `java.lang.${name}`,
  ),
);

/** The name of a class that is a value itself. */
export function classText(value: JavaClass | ClassDesc | ProxyDesc): string {
  if (value.kind === 'classDesc') return arrayName(value.name);
  if (value.kind === 'proxyDesc') return `proxy of ${value.interfaces.join(', ')}`;
  return value.desc === null ? 'null' : classText(value.desc);
}

/** A class as Java's sources name it: `int[][]` for `[[I`. */
export function arrayName(name: string): string {
  const [, dimensions = '', type = '', className = ''] = /^(\[+)(?:([BCDFIJSZ])|L(.+);)$/s.exec(name) ?? [];
  if (dimensions === '') return name;
  return `${type === '' ? className : PRIMITIVE_NAMES[type]}${'[]'.repeat(dimensions.length)}`;
}

const PRIMITIVE_NAMES: Readonly<Record<string, string>> = {
  B: 'byte',
  C: 'char',
  D: 'double',
  F: 'float',
  I: 'int',
  J: 'long',
  S: 'short',
  Z: 'boolean',
};
