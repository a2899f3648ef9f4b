import { ByteWriter } from './byteWriter.ts';
import type {
  AnyDesc,
  ClassDesc,
  Content,
  JavaArray,
  JavaEnum,
  JavaObject,
  JavaValue,
  ProxyDesc,
} from './model.ts';
import { encodeModifiedUtf8 } from './modifiedUtf8.ts';
import { FIRST_HANDLE, PRIMITIVE_SIZE, STREAM_MAGIC, STREAM_VERSION, TC } from './typeCodes.ts';

const LONGEST_SHORT_STRING = 0xffff;
const LONGEST_SHORT_BLOCK = 0xff;

/** Writes object streams as Java does: what is the same object is written once, and referred to after that. */
export class StreamWriter {
  readonly #out = new ByteWriter();
  #handles = new Map<object, number>();

  /** Magic number and version; first of all. */
  header(): void {
    this.#out.u16(STREAM_MAGIC);
    this.#out.u16(STREAM_VERSION);
  }

  content(content: Content): void {
    switch (content?.kind) {
      case 'block':
        return this.#block(content.bytes);
      case 'reset':
        this.#handles.clear();
        return this.#out.u8(TC.reset);
      case 'exception':
        this.#out.u8(TC.exception);
        this.#handles.clear();
        this.value(content.thrown);
        this.#handles.clear();
        return undefined;
      default:
        return this.value(content);
    }
  }

  value(value: JavaValue): void {
    if (value === null) return this.#out.u8(TC.null);
    const handle = this.#handles.get(value);
    if (handle !== undefined) return this.#reference(handle);
    switch (value.kind) {
      case 'string':
        return this.#string(value);
      case 'object':
        return this.#object(value);
      case 'array':
        return this.#array(value);
      case 'enum':
        return this.#enum(value);
      case 'class':
        this.#out.u8(TC.class);
        this.#desc(value.desc);
        return this.#addHandle(value);
      case 'classDesc':
      case 'proxyDesc':
        return this.#desc(value);
    }
  }

  /** Everything that was written. */
  bytes(): Buffer {
    return this.#out.bytes();
  }

  #addHandle(value: object): void {
    this.#handles.set(value, FIRST_HANDLE + this.#handles.size);
  }

  #reference(handle: number): void {
    this.#out.u8(TC.reference);
    this.#out.i32(handle);
  }

  #utf(text: string): void {
    const bytes = encodeModifiedUtf8(text);
    if (bytes.length > LONGEST_SHORT_STRING) throw new RangeError(`a name of ${bytes.length} bytes`);
    this.#out.u16(bytes.length);
    this.#out.put(bytes);
  }

  #block(bytes: Buffer): void {
    if (bytes.length <= LONGEST_SHORT_BLOCK) {
      this.#out.u8(TC.blockData);
      this.#out.u8(bytes.length);
    } else {
      this.#out.u8(TC.blockDataLong);
      this.#out.i32(bytes.length);
    }
    this.#out.put(bytes);
  }

  #string(value: { readonly value: string }): void {
    this.#addHandle(value);
    const bytes = encodeModifiedUtf8(value.value);
    if (bytes.length <= LONGEST_SHORT_STRING) {
      this.#out.u8(TC.string);
      this.#out.u16(bytes.length);
    } else {
      this.#out.u8(TC.longString);
      this.#out.i64(BigInt(bytes.length));
    }
    this.#out.put(bytes);
  }

  #object(object: JavaObject): void {
    this.#out.u8(TC.object);
    this.#desc(object.desc);
    this.#addHandle(object);
    for (const { primitives, references, custom } of object.levels) {
      this.#out.put(primitives);
      for (const reference of references) this.value(reference);
      if (custom !== undefined) this.#annotation(custom);
    }
  }

  #array(array: JavaArray): void {
    this.#out.u8(TC.array);
    this.#desc(array.desc);
    this.#addHandle(array);
    const { bytes, elements } = array;
    const length = bytes === undefined ? elements.length : bytes.length / elementSize(array);
    this.#out.i32(length);
    if (bytes !== undefined) this.#out.put(bytes);
    for (const element of elements) this.value(element);
  }

  #enum(value: JavaEnum): void {
    this.#out.u8(TC.enum);
    this.#desc(value.desc);
    this.#addHandle(value);
    this.value(value.constant);
  }

  #annotation(contents: readonly Content[]): void {
    for (const content of contents) this.content(content);
    this.#out.u8(TC.endBlockData);
  }

  #desc(desc: AnyDesc | null): void {
    if (desc === null) return this.#out.u8(TC.null);
    const handle = this.#handles.get(desc);
    if (handle !== undefined) return this.#reference(handle);
    if (desc.kind === 'classDesc') this.#classDesc(desc);
    else this.#proxyDesc(desc);
    this.#annotation(desc.annotations);
    this.#desc(desc.superDesc);
  }

  #classDesc(desc: ClassDesc): void {
    this.#out.u8(TC.classDesc);
    this.#utf(desc.name);
    this.#out.i64(desc.suid);
    this.#addHandle(desc);
    this.#out.u8(desc.flags);
    this.#out.u16(desc.fields.length);
    for (const { type, name, signature } of desc.fields) {
      this.#out.u8(type.charCodeAt(0));
      this.#utf(name);
      if (signature !== undefined) this.value(signature);
    }
  }

  #proxyDesc(desc: ProxyDesc): void {
    this.#out.u8(TC.proxyClassDesc);
    this.#addHandle(desc);
    this.#out.i32(desc.interfaces.length);
    for (const name of desc.interfaces) this.#utf(name);
  }
}

function elementSize({ desc }: JavaArray): number {
  const size = PRIMITIVE_SIZE[desc.name.charAt(1)];
  if (size === undefined) throw new TypeError(`${desc.name} has no primitive elements`);
  return size;
}
