import { SerialError } from './errors.ts';
import { checkVersion, classData, objectOf } from './fields.ts';
import { ARRAY_LIST, BYTE_ARRAY, DATE, FILE, HASH_MAP, STRING_ARRAY } from './javaClasses.ts';
import type {
  BlockData,
  ClassDesc,
  Content,
  JavaArray,
  JavaEnum,
  JavaObject,
  JavaString,
  JavaValue,
} from './model.ts';
import { classNameOf } from './inspect.ts';

export const HASH_LOAD_FACTOR = 0.75;
const FEWEST_BUCKETS = 16;

export function javaString(text: string): JavaString;
export function javaString(text: string | null): JavaString | null;
export function javaString(text: string | null): JavaString | null {
  return text === null ? null : { kind: 'string', value: text };
}

/** A text or null; anything else is an error of kind `type`. */
export function stringOf(value: JavaValue): string | null {
  if (value === null) return null;
  if (value.kind === 'string') return value.value;
  throw new SerialError('type', `${classNameOf(value)} where java.lang.String is expected`);
}

/** Milliseconds since 1970, or null. */
export function dateOf(value: JavaValue): number | null {
  const date = objectOf(value, DATE);
  return date === null ? null : Number(blockOf(date.custom[0], 8).readBigInt64BE(0));
}

export function javaFile(path: string | null): JavaObject | null {
  if (path === null) return null;
  const custom = [block(Buffer.from('/', 'utf16le').swap16())];
  return { kind: 'object', desc: FILE, levels: [classData(FILE, { path: javaString(path) }, custom)] };
}

/** A path with `/` between its names, or null. */
export function fileOf(value: JavaValue): string | null {
  const file = objectOf(value, FILE);
  if (file === null) return null;
  const path = stringOf(file.value('path'));
  if (path === null) throw new SerialError('type', 'a java.io.File without a path');
  return path.replaceAll(String.fromCharCode(blockOf(file.custom[0], 2).readUInt16BE(0)), '/');
}

export function javaArrayList(elements: readonly JavaValue[]): JavaObject {
  const custom: Content[] = [block(ints(elements.length)), ...elements];
  return {
    kind: 'object',
    desc: ARRAY_LIST,
    levels: [classData(ARRAY_LIST, { size: elements.length }, custom)],
  };
}

export function javaHashMap(entries: Iterable<readonly [JavaValue, JavaValue]>): JavaObject {
  return { kind: 'object', desc: HASH_MAP, levels: [hashMapData([...entries])] };
}

function hashMapData(entries: readonly (readonly [JavaValue, JavaValue])[]): ReturnType<typeof classData> {
  const { buckets, threshold } = hashTableOf(entries.length);
  const fields = { loadFactor: HASH_LOAD_FACTOR, threshold };
  return classData(HASH_MAP, fields, [block(ints(buckets, entries.length)), ...entries.flat()]);
}

/** What Java's HashMap says of its table. */
export function hashTableOf(size: number): { readonly buckets: number; readonly threshold: number } {
  let buckets = FEWEST_BUCKETS;
  while (buckets * HASH_LOAD_FACTOR < size) buckets *= 2;
  // As in Java, where a map that never held anything has not yet laid out its table.
  return { buckets, threshold: size === 0 ? 0 : buckets * HASH_LOAD_FACTOR };
}

export function javaBytes(bytes: Uint8Array | null): JavaArray | null {
  if (bytes === null) return null;
  return { kind: 'array', desc: BYTE_ARRAY, bytes: Buffer.from(bytes), elements: [] };
}

/** The bytes of a `byte[]`, or null. */
export function bytesOf(value: JavaValue): Buffer | null {
  if (value === null) return null;
  if (value.kind === 'array' && value.desc.name === '[B' && value.bytes !== undefined) return value.bytes;
  throw new SerialError('type', `${classNameOf(value)} where a byte array is expected`);
}

export function javaStringArray(texts: readonly string[]): JavaArray {
  return {
    kind: 'array',
    desc: STRING_ARRAY,
    bytes: undefined,
    elements: texts.map((text) => javaString(text)),
  };
}

/** The elements of an array of objects of this class. */
export function arrayOf(value: JavaValue, known: ClassDesc): readonly JavaValue[] {
  if (value?.kind !== 'array' || value.desc.name !== known.name) {
    throw new SerialError('type', `${classNameOf(value)} where ${known.name} is expected`);
  }
  checkVersion(value.desc, known);
  return value.elements;
}

export function javaEnum(desc: ClassDesc, constant: string | null): JavaEnum | null {
  return constant === null ? null : { kind: 'enum', desc, constant: { kind: 'string', value: constant } };
}

/** One of the constants, or null; others are an error of kind `version`. */
export function enumOf<Name extends string>(
  value: JavaValue,
  known: ClassDesc,
  constants: readonly Name[],
): Name | null {
  if (value === null) return null;
  if (value.kind !== 'enum' || value.desc.name !== known.name) {
    throw new SerialError('type', `${classNameOf(value)} where ${known.name} is expected`);
  }
  const name = value.constant.value;
  const constant = constants.find((one) => one === name);
  if (constant !== undefined) return constant;
  throw new SerialError('version', `enum constant ${name} does not exist in ${known.name}`);
}

export function block(bytes: Buffer): BlockData {
  return { kind: 'block', bytes };
}

/** The bytes of a piece of block data that must have this length at least. */
export function blockOf(content: Content | undefined, length: number): Buffer {
  if (content?.kind === 'block' && content.bytes.length >= length) return content.bytes;
  throw new SerialError('corrupt', `${length} bytes of block data are missing`);
}

function ints(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, 4 * index);
  return bytes;
}
