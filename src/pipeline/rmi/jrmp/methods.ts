import { createHash } from 'node:crypto';
import type { JavaValue } from '../serial/model.ts';
import { encodeModifiedUtf8 } from '../serial/modifiedUtf8.ts';
import type { StreamWriter } from '../serial/streamWriter.ts';

/** A parameter or result: `J` is a bigint, `Z` a boolean, other primitives are numbers; undefined is void. */
export type Argument = number | bigint | boolean | JavaValue;
/** Writes a result that is one object, without a model of it being made. */
export type WrittenResult = (writer: StreamWriter) => void;
export type Result = Argument | WrittenResult | undefined;

export interface RemoteMethod {
  readonly name: string;
  /** As in `(Ljava/lang/String;)V`. */
  readonly descriptor: string;
  /** The first character of each parameter's type. */
  readonly parameters: readonly string[];
  /** The first character of the result's type; `V` for none. */
  readonly result: string;
  /** Its number, where methods are called by numbers as those of registry and lease keeper are; else -1. */
  readonly operation: number;
  /** Of the method, or of the whole interface where it has a number. */
  readonly hash: bigint;
}

const TYPE = /\[*(?:[BCDFIJSZV]|L[^;]+;)/g;

export function remoteMethod(name: string, descriptor: string): RemoteMethod {
  const [parameters = '', result = ''] = descriptor.slice(1).split(')');
  return {
    name,
    descriptor,
    parameters: (parameters.match(TYPE) ?? []).map((type) => type.charAt(0)),
    result: result.charAt(0),
    operation: -1,
    hash: methodHash(name, descriptor),
  };
}

/** The same method, called by its number in an interface with this hash. */
export function numbered(method: RemoteMethod, operation: number, hash: bigint): RemoteMethod {
  return { ...method, operation, hash };
}

/** The first 8 bytes of a SHA-1 of name and descriptor, the lowest first. */
function methodHash(name: string, descriptor: string): bigint {
  const text = encodeModifiedUtf8(name + descriptor);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length, 0);
  return createHash('sha1').update(length).update(text).digest().readBigInt64LE(0);
}

/** An argument that is an object or an array. */
export function valueArgument(args: readonly Argument[], index: number): JavaValue {
  const value = args[index];
  if (typeof value === 'object') return value;
  throw new TypeError(`argument ${index + 1} is no object`);
}

/** An argument that is a primitive, but no boolean. */
export function numberArgument(args: readonly Argument[], index: number): number | bigint {
  const value = args[index];
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  throw new TypeError(`argument ${index + 1} is no number`);
}
