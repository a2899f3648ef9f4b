import { SerialError } from './errors.ts';
import type { AnyDesc, ClassData, ClassDesc, Content, JavaObject, JavaValue } from './model.ts';
import { classNameOf, primitiveBytes } from './inspect.ts';
import { isReference, PRIMITIVE_SIZE } from './typeCodes.ts';

type FieldValue = number | bigint | boolean | JavaValue;

/** The data of one class of an object, from its fields by name; those that are not named are 0, false or null. */
export function classData(
  desc: ClassDesc,
  values: Readonly<Record<string, FieldValue>> = {},
  custom?: readonly Content[],
): ClassData {
  const primitives = Buffer.alloc(primitiveBytes(desc));
  const references: JavaValue[] = [];
  let at = 0;
  for (const { type, name } of desc.fields) {
    const value = values[name];
    if (isReference(type)) {
      if (value !== undefined && typeof value !== 'object') throw new TypeError(`${name} is an object`);
      references.push(value ?? null);
      continue;
    }
    at = writePrimitive(primitives, at, type, value ?? 0);
  }
  return { desc, primitives, references, custom };
}

/** Writes one primitive and says where the next begins. */
export function writePrimitive(bytes: Buffer, at: number, type: string, value: unknown): number {
  switch (type) {
    case 'Z':
      return bytes.writeUInt8(value === true ? 1 : 0, at);
    case 'B':
      return bytes.writeInt8(Number(value), at);
    case 'C':
      return bytes.writeUInt16BE(Number(value), at);
    case 'S':
      return bytes.writeInt16BE(Number(value), at);
    case 'I':
      return bytes.writeInt32BE(Number(value), at);
    case 'F':
      return bytes.writeFloatBE(Number(value), at);
    case 'D':
      return bytes.writeDoubleBE(Number(value), at);
    case 'J':
      return bytes.writeBigInt64BE(typeof value === 'bigint' ? value : BigInt(Number(value)), at);
    default:
      throw new TypeError(`${type} is no primitive`);
  }
}

/** A primitive by its type: `J` is a bigint, `Z` a boolean, all others are numbers. */
export function readPrimitive(bytes: Buffer, at: number, type: string): number | bigint | boolean {
  switch (type) {
    case 'Z':
      return bytes.readUInt8(at) !== 0;
    case 'B':
      return bytes.readInt8(at);
    case 'C':
      return bytes.readUInt16BE(at);
    case 'S':
      return bytes.readInt16BE(at);
    case 'I':
      return bytes.readInt32BE(at);
    case 'F':
      return bytes.readFloatBE(at);
    case 'D':
      return bytes.readDoubleBE(at);
    case 'J':
      return bytes.readBigInt64BE(at);
    default:
      throw new TypeError(`${type} is no primitive`);
  }
}

/** The fields of one class of an object. What a sender left out is 0, false or null, as in Java. */
export interface FieldReader {
  /** Of `B`, `C`, `S`, `I`, `F` and `D`. */
  readonly number: (name: string) => number;
  readonly long: (name: string) => bigint;
  readonly boolean: (name: string) => boolean;
  readonly value: (name: string) => JavaValue;
  /** What the class wrote itself. */
  readonly custom: readonly Content[];
}

/** Reads an object as one of a known class, whether the class itself or a superclass. */
export function fieldsOf(object: JavaObject, known: ClassDesc): FieldReader {
  const level = object.levels.find(({ desc }) => desc.name === known.name);
  if (level === undefined) throw new SerialError('type', `${classNameOf(object)} is no ${known.name}`);
  checkVersion(level.desc, known);
  const primitive = (name: string): number | bigint | boolean | undefined => {
    const expected = typeOf(known, name);
    let at = 0;
    for (const field of level.desc.fields) {
      if (field.name === name) {
        if (field.type === expected) return readPrimitive(level.primitives, at, expected);
        throw new SerialError('version', `${known.name}; incompatible types for field ${name}`);
      }
      at += PRIMITIVE_SIZE[field.type] ?? 0;
    }
    return undefined;
  };
  return {
    number: (name) => Number(primitive(name) ?? 0),
    long: (name) => BigInt(primitive(name) ?? 0),
    boolean: (name) => primitive(name) === true,
    value: (name) => {
      let index = 0;
      for (const field of level.desc.fields) {
        if (!isReference(field.type)) continue;
        if (field.name === name) return level.references[index] ?? null;
        index += 1;
      }
      return null;
    },
    custom: level.custom ?? [],
  };
}

/** An object of exactly this class, or null. */
export function objectOf(value: JavaValue, known: ClassDesc): FieldReader | null {
  if (value === null) return null;
  if (value.kind !== 'object' || nameOf(value.desc) !== known.name) {
    throw new SerialError('type', `${classNameOf(value)} where ${known.name} is expected`);
  }
  return fieldsOf(value, known);
}

export function checkVersion(desc: ClassDesc, known: ClassDesc): void {
  if (desc.suid === known.suid) return;
  throw new SerialError(
    'version',
    `${known.name}; local class incompatible: stream classdesc serialVersionUID = ${desc.suid}, local class serialVersionUID = ${known.suid}`,
  );
}

function nameOf(desc: AnyDesc): string {
  return desc.kind === 'classDesc' ? desc.name : '';
}

function typeOf(known: ClassDesc, name: string): string {
  const field = known.fields.find((one) => one.name === name);
  if (field === undefined) throw new TypeError(`${known.name} has no field ${name}`);
  return field.type;
}
