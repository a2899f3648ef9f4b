/**
 * What an object stream holds, as data: nothing is made of a class's name. Two objects that a sender had shared are one
 * object here, so that writing gives the same bytes. Primitives are kept as their bytes, which no number can always do.
 */

/** Anything that a reference can point to. */
export type JavaValue =
  JavaString | JavaObject | JavaArray | JavaEnum | JavaClass | ClassDesc | ProxyDesc | null;

/** An element of a stream, or of the data that a class writes itself. */
export type Content = JavaValue | BlockData | ResetMark | ExceptionMark;

export interface JavaString {
  readonly kind: 'string';
  readonly value: string;
}

export interface JavaObject {
  readonly kind: 'object';
  readonly desc: AnyDesc;
  /** The data of each class that has some, the topmost superclass first. */
  readonly levels: readonly ClassData[];
}

/** What one class in the chain of an object's classes contributes. */
export interface ClassData {
  readonly desc: ClassDesc;
  /** Primitive fields in the order of the descriptor. */
  readonly primitives: Buffer;
  /** Object fields in the order of the descriptor. */
  readonly references: readonly JavaValue[];
  /** What the class wrote itself; undefined where it writes nothing. */
  readonly custom: readonly Content[] | undefined;
}

export interface JavaArray {
  readonly kind: 'array';
  readonly desc: ClassDesc;
  /** The bytes of primitive elements; undefined for objects. */
  readonly bytes: Buffer | undefined;
  /** The elements; empty for primitives. */
  readonly elements: readonly JavaValue[];
}

export interface JavaEnum {
  readonly kind: 'enum';
  readonly desc: ClassDesc;
  readonly constant: JavaString;
}

/** A class itself, as a value. */
export interface JavaClass {
  readonly kind: 'class';
  readonly desc: AnyDesc | null;
}

export type AnyDesc = ClassDesc | ProxyDesc;

export interface ClassDesc {
  readonly kind: 'classDesc';
  readonly name: string;
  /** serialVersionUID. */
  readonly suid: bigint;
  readonly flags: number;
  readonly fields: readonly Field[];
  readonly annotations: readonly Content[];
  readonly superDesc: AnyDesc | null;
}

export interface ProxyDesc {
  readonly kind: 'proxyDesc';
  readonly interfaces: readonly string[];
  readonly annotations: readonly Content[];
  readonly superDesc: AnyDesc | null;
}

export interface Field {
  /** One of `BCDFIJSZ`, `L` or `[`. */
  readonly type: string;
  readonly name: string;
  /** Type as in `Ljava/lang/String;`; undefined for primitives. */
  readonly signature: JavaString | undefined;
}

/** Raw bytes between objects. */
export interface BlockData {
  readonly kind: 'block';
  readonly bytes: Buffer;
}

/** From here on the sender counts its objects anew. */
export interface ResetMark {
  readonly kind: 'reset';
}

/** The sender failed while it wrote, and sends the reason. */
export interface ExceptionMark {
  readonly kind: 'exception';
  readonly thrown: JavaValue;
}
