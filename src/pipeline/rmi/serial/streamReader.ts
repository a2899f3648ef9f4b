import type { ByteQueue } from './byteQueue.ts';
import { ClassReader } from './classReader.ts';
import { corrupt } from './errors.ts';
import { classesOf, classNameOf, primitiveBytes } from './inspect.ts';
import type { StreamGuard } from './limits.ts';
import type {
  AnyDesc,
  ClassData,
  ClassDesc,
  Content,
  JavaArray,
  JavaEnum,
  JavaObject,
  JavaString,
  JavaValue,
} from './model.ts';
import type { Mutable, Reading } from './reading.ts';
import { FLAG, isReference, PRIMITIVE_SIZE, STREAM_MAGIC, STREAM_VERSION, TC } from './typeCodes.ts';

/**
 * Reads one object stream from bytes as they come. A reading stops where bytes are missing and goes on when there are
 * more, so that the end of a message without a length is found in one pass.
 */
export class StreamReader extends ClassReader {
  constructor(input: ByteQueue, guard: StreamGuard) {
    super(input, guard);
  }

  /** Magic number and version; first of all. */
  *header(): Reading<void> {
    if (!this.has(4)) yield* this.wait(4);
    const magic = this.input.u16();
    const version = this.input.u16();
    if (magic !== STREAM_MAGIC || version !== STREAM_VERSION) {
      throw corrupt(`invalid stream header: ${hex(magic)}${hex(version)}`);
    }
  }

  /** The next element of the stream. */
  *content(): Reading<Content> {
    const short = this.atOnce();
    if (short !== undefined) return short;
    if (!this.has(1)) yield* this.wait(1);
    return yield* this.contentOf(this.input.u8(), true);
  }

  protected override *contentOf(code: number, topmost = false): Reading<Content> {
    switch (code) {
      case TC.blockData:
      case TC.blockDataLong:
        return yield* this.#block(code);
      case TC.reset:
        if (!topmost) throw corrupt('a reset within an object');
        this.forgetHandles();
        return { kind: 'reset' };
      case TC.exception:
        return yield* this.#exception(topmost);
      default:
        return yield* this.valueOf(code);
    }
  }

  protected override *valueOf(code: number): Reading<JavaValue> {
    this.countItem();
    switch (code) {
      case TC.null:
        return null;
      case TC.reference:
        return yield* this.reference();
      case TC.string:
      case TC.longString:
        return yield* this.newString(code);
      case TC.classDesc:
      case TC.proxyClassDesc:
        return yield* this.descOf(code);
      default:
        break;
    }
    this.enter(true);
    try {
      switch (code) {
        case TC.object:
          return yield* this.#object();
        case TC.array:
          return yield* this.#array();
        case TC.enum:
          return yield* this.#enum();
        case TC.class:
          return this.addHandle({ kind: 'class', desc: yield* this.desc() });
        default:
          throw corrupt(`invalid type code: ${hex(code, 2)}`);
      }
    } finally {
      this.leave(true);
    }
  }

  *#block(code: number): Reading<Content> {
    this.countItem();
    const long = code === TC.blockDataLong;
    if (!this.has(long ? 4 : 1)) yield* this.wait(long ? 4 : 1);
    const length = long ? this.input.i32() : this.input.u8();
    if (length < 0) throw corrupt('block data of negative length');
    if (!this.has(length)) yield* this.wait(length);
    return { kind: 'block', bytes: this.input.take(length) };
  }

  *#exception(topmost: boolean): Reading<Content> {
    this.forgetHandles();
    const thrown = yield* this.value();
    this.forgetHandles();
    if (!topmost) throw corrupt(`the sender failed while it wrote: ${classNameOf(thrown)}`);
    return { kind: 'exception', thrown };
  }

  *#object(): Reading<JavaObject> {
    const desc = yield* this.desc();
    if (desc === null) throw corrupt('an object without a class');
    const object: Mutable<JavaObject> = { kind: 'object', desc, levels: [] };
    this.addHandle(object);
    object.levels = yield* this.#levels(desc);
    return object;
  }

  *#levels(desc: AnyDesc): Reading<ClassData[]> {
    if (desc.kind === 'classDesc' && (desc.flags & FLAG.externalizable) !== 0) {
      if ((desc.flags & FLAG.serializable) !== 0 || (desc.flags & FLAG.blockData) === 0) {
        throw corrupt(`data of ${desc.name} whose end cannot be found`);
      }
      const custom = yield* this.annotation();
      return [{ desc, primitives: Buffer.alloc(0), references: [], custom }];
    }
    const levels: ClassData[] = [];
    for (const one of classesOf(desc)) {
      if ((one.flags & FLAG.serializable) === 0) {
        if (one === desc) throw corrupt(`an object of ${one.name}, which is not serializable`);
        continue;
      }
      levels.push(yield* this.#level(one));
    }
    return levels;
  }

  *#level(desc: ClassDesc): Reading<ClassData> {
    const size = primitiveBytes(desc);
    if (!this.has(size)) yield* this.wait(size);
    const primitives = this.input.take(size);
    const references: JavaValue[] = [];
    for (const { type } of desc.fields) {
      if (!isReference(type)) continue;
      const short = this.atOnce();
      references.push(short === undefined ? yield* this.value() : short);
    }
    const custom = (desc.flags & FLAG.writeMethod) === 0 ? undefined : yield* this.annotation();
    return { desc, primitives, references, custom };
  }

  *#array(): Reading<JavaArray> {
    const desc = yield* this.desc();
    if (desc?.kind !== 'classDesc' || !desc.name.startsWith('[')) {
      throw corrupt('an array whose class is none of an array');
    }
    const type = desc.name.charAt(1);
    const array: Mutable<JavaArray> = { kind: 'array', desc, bytes: undefined, elements: [] };
    this.addHandle(array);
    if (!this.has(4)) yield* this.wait(4);
    const length = this.input.i32();
    this.checkArrayLength(length);
    if (!isReference(type)) {
      const size = PRIMITIVE_SIZE[type];
      if (size === undefined) throw corrupt(`an array of ${desc.name}`);
      if (!this.has(length * size)) yield* this.wait(length * size);
      array.bytes = this.input.take(length * size);
      return array;
    }
    const elements: JavaValue[] = [];
    array.elements = elements;
    for (let index = 0; index < length; index++) elements.push(yield* this.value());
    return array;
  }

  *#enum(): Reading<JavaEnum> {
    const desc = yield* this.desc();
    if (desc?.kind !== 'classDesc' || (desc.flags & FLAG.enum) === 0) {
      throw corrupt('an enum constant of a class that is no enum');
    }
    const made: Mutable<JavaEnum> = { kind: 'enum', desc, constant: NO_NAME };
    this.addHandle(made);
    made.constant = yield* this.string();
    return made;
  }
}

const NO_NAME: JavaString = { kind: 'string', value: '' };

function hex(value: number, digits = 4): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
