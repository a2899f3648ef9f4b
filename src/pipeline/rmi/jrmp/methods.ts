import { createHash } from 'node:crypto';
import type { JavaValue } from '../serial/model.ts';
import { encodeModifiedUtf8 } from '../serial/modifiedUtf8.ts';

/** A parameter or result: `J` is a bigint, `Z` a boolean, other primitives are numbers; undefined is void. */
export type Argument = number | bigint | boolean | JavaValue;
export type Result = Argument | undefined;

export interface RemoteMethod {
  readonly name: string;
  /** As in `(Ljava/lang/String;)V`. */
  readonly descriptor: string;
  /** The first character of each parameter's type. */
  readonly parameters: readonly string[];
  /** The first character of the result's type; `V` for none. */
  readonly result: string;
  /** What names the method in a call. */
  readonly hash: bigint;
}

/** How registry and lease keeper are called: by numbers, and one hash for all. */
export interface Operations {
  readonly hash: bigint;
  readonly methods: readonly RemoteMethod[];
}

export interface RemoteInterface {
  readonly name: string;
  readonly methods: readonly RemoteMethod[];
}

const TYPE = /\[*(?:[BCDFIJSZV]|L[^;]+;)/g;

export function remoteMethod(name: string, descriptor: string): RemoteMethod {
  const [parameters = '', result = ''] = descriptor.slice(1).split(')');
  return {
    name,
    descriptor,
    parameters: (parameters.match(TYPE) ?? []).map((type) => type.charAt(0)),
    result: result.charAt(0),
    hash: methodHash(name, descriptor),
  };
}

/** The first 8 bytes of a SHA-1 of name and descriptor, the lowest first. */
function methodHash(name: string, descriptor: string): bigint {
  const text = encodeModifiedUtf8(name + descriptor);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length, 0);
  return createHash('sha1').update(length).update(text).digest().readBigInt64LE(0);
}
