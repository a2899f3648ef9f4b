import type { ByteQueue } from './byteQueue.ts';
import { corrupt, SerialError } from './errors.ts';
import { isValue } from './inspect.ts';
import { ITEM_MEMORY } from './limits.ts';
import type { StreamGuard } from './limits.ts';
import type { AnyDesc, ClassDesc, Content, Field, JavaString, JavaValue, ProxyDesc } from './model.ts';
import type { Mutable, Reading } from './reading.ts';
import { FIRST_HANDLE, isReference, PRIMITIVE_SIZE, TC } from './typeCodes.ts';

/** Readings call each other; this many at most, so that the stack holds them whatever a sender thinks of. */
const MAX_NESTING = 500;
const MAX_INTERFACES = 1000;

const REFERENCE_BYTES = 5;

/** Handles, limits, strings and class descriptors of a stream; the rest is in `StreamReader`. */
export abstract class ClassReader {
  protected readonly input: ByteQueue;
  #guard: StreamGuard;
  readonly #from: number;
  #handles: JavaValue[] = [];
  /** Descriptors that are being read: nothing can be of such a class yet. */
  readonly #open = new Set<AnyDesc>();
  #items = 0;
  /** Bytes of the stream that the guard was told of. */
  #charged = 0;
  #depth = 0;
  #nesting = 0;

  protected constructor(input: ByteQueue, guard: StreamGuard) {
    this.input = input;
    this.#guard = guard;
    this.#from = input.consumed;
  }

  /** Keeps to other limits from here on. */
  keepTo(guard: StreamGuard): void {
    this.#guard = guard;
  }

  /** The element that begins with this byte. */
  protected abstract contentOf(code: number): Reading<Content>;
  protected abstract valueOf(code: number): Reading<JavaValue>;

  /** Whether so many bytes are there; throws where the stream would become too long by them. */
  protected has(bytes: number): boolean {
    const { bytes: most } = this.#guard.limits;
    if (this.input.consumed - this.#from + bytes > most) {
      throw new SerialError('limit', `a message of more than ${most} bytes`);
    }
    return this.input.left >= bytes;
  }

  protected *wait(bytes: number): Reading<void> {
    while (this.input.left < bytes) {
      yield bytes - this.input.left;
      const come = this.input.consumed - this.#from + this.input.left;
      this.#guard.charge?.(come - this.#charged);
      this.#charged = come;
    }
  }

  protected countItem(count = 1): void {
    this.#items += count;
    const { items } = this.#guard.limits;
    if (this.#items > items) throw new SerialError('limit', `a message of more than ${items} items`);
    this.#guard.charge?.(count * ITEM_MEMORY);
  }

  protected checkArrayLength(length: number): void {
    if (length < 0) throw corrupt('an array of negative length');
    const { arrayLength } = this.#guard.limits;
    if (length > arrayLength) {
      throw new SerialError('limit', `an array of ${length} elements; ${arrayLength} are allowed`);
    }
  }

  protected enter(object: boolean): void {
    this.#nesting += 1;
    if (object) this.#depth += 1;
    const { depth } = this.#guard.limits;
    if (this.#depth > depth || this.#nesting > MAX_NESTING) {
      throw new SerialError('limit', `objects nested more than ${depth} deep`);
    }
  }

  protected leave(object: boolean): void {
    this.#nesting -= 1;
    if (object) this.#depth -= 1;
  }

  protected addHandle<T extends JavaValue>(value: T): T {
    this.#handles.push(value);
    return value;
  }

  protected forgetHandles(): void {
    this.#handles = [];
  }

  /** A value that is there already and needs no reading of its own, as most do not; undefined for others. */
  protected atOnce(): JavaValue | undefined {
    const { input } = this;
    if (input.left === 0) return undefined;
    switch (input.peek()) {
      case TC.null:
        if (!this.has(1)) return undefined;
        input.u8();
        this.countItem();
        return null;
      case TC.reference:
        if (!this.has(REFERENCE_BYTES)) return undefined;
        input.u8();
        this.countItem();
        return this.#handle(input.i32());
      case TC.string: {
        if (input.left < 3) return undefined;
        const length = (input.peek(1) << 8) | input.peek(2);
        if (!this.has(3 + length)) return undefined;
        this.countItem();
        input.u8();
        return this.addHandle({ kind: 'string', value: input.text(input.u16()) });
      }
      default:
        return undefined;
    }
  }

  protected *value(): Reading<JavaValue> {
    const short = this.atOnce();
    if (short !== undefined) return short;
    if (!this.has(1)) yield* this.wait(1);
    const content = yield* this.contentOf(this.input.u8());
    if (isValue(content)) return content;
    throw corrupt('block data where an object is expected');
  }

  protected *reference(): Reading<JavaValue> {
    if (!this.has(4)) yield* this.wait(4);
    return this.#handle(this.input.i32());
  }

  #handle(number: number): JavaValue {
    const value = this.#handles[number - FIRST_HANDLE];
    if (value === undefined) throw corrupt('a reference to nothing');
    return value;
  }

  protected *string(): Reading<JavaString> {
    const short = this.atOnce();
    const value = short === undefined ? yield* this.value() : short;
    if (value?.kind !== 'string') throw corrupt('a text is expected');
    return value;
  }

  protected *newString(code: number): Reading<JavaString> {
    const long = code === TC.longString;
    if (!this.has(long ? 8 : 2)) yield* this.wait(long ? 8 : 2);
    const length = long ? Number(this.input.i64()) : this.input.u16();
    if (length < 0) throw corrupt('a text of negative length');
    if (!this.has(length)) yield* this.wait(length);
    return this.addHandle({ kind: 'string', value: this.input.text(length) });
  }

  /** What a class wrote itself, up to its end mark. */
  protected *annotation(): Reading<Content[]> {
    const contents: Content[] = [];
    for (;;) {
      const short = this.atOnce();
      if (short !== undefined) {
        contents.push(short);
        continue;
      }
      if (!this.has(1)) yield* this.wait(1);
      const code = this.input.u8();
      if (code === TC.endBlockData) return contents;
      contents.push(yield* this.contentOf(code));
    }
  }

  /** A descriptor, new or known. */
  protected *desc(): Reading<AnyDesc | null> {
    if (!this.has(1)) yield* this.wait(1);
    const code = this.input.u8();
    this.countItem();
    if (code === TC.null) return null;
    if (code === TC.reference) {
      const value = yield* this.reference();
      if (value?.kind !== 'classDesc' && value?.kind !== 'proxyDesc')
        throw corrupt('a reference to no class');
      if (this.#open.has(value)) throw corrupt('a class that is made of itself');
      return value;
    }
    return yield* this.descOf(code);
  }

  protected *descOf(code: number): Reading<AnyDesc> {
    this.enter(false);
    try {
      if (code === TC.classDesc) return yield* this.#classDesc();
      if (code === TC.proxyClassDesc) return yield* this.#proxyDesc();
      throw corrupt('no class where one is expected');
    } finally {
      this.leave(false);
    }
  }

  *#classDesc(): Reading<ClassDesc> {
    const name = this.#utfAtOnce() ?? (yield* this.#utf());
    if (!name.startsWith('[')) this.#guard.checkClass?.(name);
    if (!this.has(8)) yield* this.wait(8);
    const desc: Mutable<ClassDesc> = {
      kind: 'classDesc',
      name,
      suid: this.input.i64(),
      flags: 0,
      fields: [],
      annotations: [],
      superDesc: null,
    };
    this.addHandle(desc);
    this.#open.add(desc);
    if (!this.has(3)) yield* this.wait(3);
    desc.flags = this.input.u8();
    desc.fields = yield* this.#fields(name, this.input.u16());
    desc.annotations = yield* this.annotation();
    desc.superDesc = yield* this.desc();
    this.#open.delete(desc);
    return desc;
  }

  *#fields(className: string, count: number): Reading<Field[]> {
    this.countItem(count);
    const fields: Field[] = [];
    for (let index = 0; index < count; index++) {
      if (!this.has(1)) yield* this.wait(1);
      const type = String.fromCharCode(this.input.u8());
      const name = this.#utfAtOnce() ?? (yield* this.#utf());
      const reference = isReference(type);
      if (!reference && PRIMITIVE_SIZE[type] === undefined)
        throw corrupt(`${className}: a field of type ${type}`);
      if (!reference && isReference(fields.at(-1)?.type ?? ''))
        throw corrupt(`${className}: illegal field order`);
      fields.push({ type, name, signature: reference ? yield* this.string() : undefined });
    }
    return fields;
  }

  *#proxyDesc(): Reading<ProxyDesc> {
    const desc: Mutable<ProxyDesc> = { kind: 'proxyDesc', interfaces: [], annotations: [], superDesc: null };
    this.addHandle(desc);
    this.#open.add(desc);
    if (!this.has(4)) yield* this.wait(4);
    const count = this.input.i32();
    if (count < 0) throw corrupt('a proxy of a negative number of interfaces');
    if (count > MAX_INTERFACES) throw new SerialError('limit', `a proxy of ${count} interfaces`);
    this.countItem(count);
    const interfaces: string[] = [];
    for (let index = 0; index < count; index++) interfaces.push(yield* this.#utf());
    desc.interfaces = interfaces;
    desc.annotations = yield* this.annotation();
    desc.superDesc = yield* this.desc();
    this.#open.delete(desc);
    return desc;
  }

  /** A name that is there already. */
  #utfAtOnce(): string | undefined {
    const { input } = this;
    if (input.left < 2 || !this.has(2 + ((input.peek() << 8) | input.peek(1)))) return undefined;
    return input.text(input.u16());
  }

  *#utf(): Reading<string> {
    if (!this.has(2)) yield* this.wait(2);
    const length = this.input.u16();
    if (!this.has(length)) yield* this.wait(length);
    return this.input.text(length);
  }
}
