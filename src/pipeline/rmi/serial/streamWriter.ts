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
  readonly #pieces: Buffer[] = [];
  #handles = new Map<object, number>();

  /** Magic number and version; first of all. */
  header(): void {
    this.#numbers(4, (bytes) => {
      bytes.writeUInt16BE(STREAM_MAGIC, 0);
      bytes.writeUInt16BE(STREAM_VERSION, 2);
    });
  }

  content(content: Content): void {
    switch (content?.kind) {
      case 'block':
        return this.#block(content.bytes);
      case 'reset':
        this.#handles.clear();
        return this.#code(TC.reset);
      case 'exception':
        this.#code(TC.exception);
        this.#handles.clear();
        this.value(content.thrown);
        this.#handles.clear();
        return undefined;
      default:
        return this.value(content);
    }
  }

  value(value: JavaValue): void {
    if (value === null) return this.#code(TC.null);
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
        this.#code(TC.class);
        this.#desc(value.desc);
        return this.#addHandle(value);
      case 'classDesc':
      case 'proxyDesc':
        return this.#desc(value);
    }
  }

  /** Everything that was written. */
  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #code(code: number): void {
    this.#pieces.push(Buffer.of(code));
  }

  #numbers(size: number, fill: (bytes: Buffer) => void): void {
    const bytes = Buffer.allocUnsafe(size);
    fill(bytes);
    this.#pieces.push(bytes);
  }

  #addHandle(value: object): void {
    this.#handles.set(value, FIRST_HANDLE + this.#handles.size);
  }

  #reference(handle: number): void {
    this.#numbers(5, (bytes) => {
      bytes.writeUInt8(TC.reference, 0);
      bytes.writeInt32BE(handle, 1);
    });
  }

  #utf(text: string): void {
    const bytes = encodeModifiedUtf8(text);
    if (bytes.length > LONGEST_SHORT_STRING) throw new RangeError(`a name of ${bytes.length} bytes`);
    this.#numbers(2, (length) => length.writeUInt16BE(bytes.length, 0));
    this.#pieces.push(bytes);
  }

  #block(bytes: Buffer): void {
    if (bytes.length <= LONGEST_SHORT_BLOCK) {
      this.#pieces.push(Buffer.of(TC.blockData, bytes.length));
    } else {
      this.#numbers(5, (head) => {
        head.writeUInt8(TC.blockDataLong, 0);
        head.writeInt32BE(bytes.length, 1);
      });
    }
    this.#pieces.push(bytes);
  }

  #string(value: { readonly value: string }): void {
    this.#addHandle(value);
    const bytes = encodeModifiedUtf8(value.value);
    if (bytes.length <= LONGEST_SHORT_STRING) {
      this.#numbers(3, (head) => {
        head.writeUInt8(TC.string, 0);
        head.writeUInt16BE(bytes.length, 1);
      });
    } else {
      this.#numbers(9, (head) => {
        head.writeUInt8(TC.longString, 0);
        head.writeBigInt64BE(BigInt(bytes.length), 1);
      });
    }
    this.#pieces.push(bytes);
  }

  #object(object: JavaObject): void {
    this.#code(TC.object);
    this.#desc(object.desc);
    this.#addHandle(object);
    for (const { primitives, references, custom } of object.levels) {
      this.#pieces.push(primitives);
      for (const reference of references) this.value(reference);
      if (custom !== undefined) this.#annotation(custom);
    }
  }

  #array(array: JavaArray): void {
    this.#code(TC.array);
    this.#desc(array.desc);
    this.#addHandle(array);
    const { bytes, elements } = array;
    const length = bytes === undefined ? elements.length : bytes.length / elementSize(array);
    this.#numbers(4, (head) => head.writeInt32BE(length, 0));
    if (bytes !== undefined) this.#pieces.push(bytes);
    for (const element of elements) this.value(element);
  }

  #enum(value: JavaEnum): void {
    this.#code(TC.enum);
    this.#desc(value.desc);
    this.#addHandle(value);
    this.value(value.constant);
  }

  #annotation(contents: readonly Content[]): void {
    for (const content of contents) this.content(content);
    this.#code(TC.endBlockData);
  }

  #desc(desc: AnyDesc | null): void {
    if (desc === null) return this.#code(TC.null);
    const handle = this.#handles.get(desc);
    if (handle !== undefined) return this.#reference(handle);
    if (desc.kind === 'classDesc') this.#classDesc(desc);
    else this.#proxyDesc(desc);
    this.#annotation(desc.annotations);
    this.#desc(desc.superDesc);
  }

  #classDesc(desc: ClassDesc): void {
    this.#code(TC.classDesc);
    this.#utf(desc.name);
    this.#numbers(8, (bytes) => bytes.writeBigInt64BE(desc.suid, 0));
    this.#addHandle(desc);
    this.#numbers(3, (bytes) => {
      bytes.writeUInt8(desc.flags, 0);
      bytes.writeUInt16BE(desc.fields.length, 1);
    });
    for (const { type, name, signature } of desc.fields) {
      this.#code(type.charCodeAt(0));
      this.#utf(name);
      if (signature !== undefined) this.value(signature);
    }
  }

  #proxyDesc(desc: ProxyDesc): void {
    this.#code(TC.proxyClassDesc);
    this.#addHandle(desc);
    this.#numbers(4, (bytes) => bytes.writeInt32BE(desc.interfaces.length, 0));
    for (const name of desc.interfaces) this.#utf(name);
  }
}

function elementSize({ desc }: JavaArray): number {
  const size = PRIMITIVE_SIZE[desc.name.charAt(1)];
  if (size === undefined) throw new TypeError(`${desc.name} has no primitive elements`);
  return size;
}
