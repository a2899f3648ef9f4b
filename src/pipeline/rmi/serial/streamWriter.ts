import { ByteWriter, isShortText } from './byteWriter.ts';
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
import { FIRST_HANDLE, PRIMITIVE_SIZE, STREAM_MAGIC, STREAM_VERSION, TC } from './typeCodes.ts';

const LONGEST_SHORT_BLOCK = 0xff;

/** What a class looks like in a stream, from its descriptor to the last of its superclasses. */
interface WrittenDesc {
  readonly bytes: Buffer;
  /** What got a handle by it, in this order. */
  readonly handles: readonly object[];
  /** The handle that it must begin with, where it refers to parts of itself. */
  readonly begins: number | undefined;
}

/** Answers are of the same few classes, again and again. */
const written = new WeakMap<ClassDesc, WrittenDesc>();

/** Writes object streams as Java does: what is the same object is written once, and referred to after that. */
export class StreamWriter {
  readonly #out: ByteWriter;
  readonly #handles = new Map<object, number>();
  /** Handles of shared texts. */
  readonly #shared = new Map<string, number>();
  /** Handles that were given out. */
  #count = 0;
  /** The lowest handle that was referred to since it was set. */
  #lowest = Infinity;

  /** `out`: what to write to, behind what is there already. */
  constructor(out = new ByteWriter()) {
    this.#out = out;
  }

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
        this.#forgetHandles();
        return this.#out.u8(TC.reset);
      case 'exception':
        this.#out.u8(TC.exception);
        this.#forgetHandles();
        this.value(content.thrown);
        this.#forgetHandles();
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
        this.#addHandle(value);
        return this.#text(value.value);
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

  /** A text of its own. */
  text(text: string | null): void {
    if (text === null) return this.#out.u8(TC.null);
    this.#count += 1;
    this.#text(text);
  }

  /** A text that stands in many places: the stream has it once, as it has an object of Java's. */
  sharedText(text: string | null): void {
    const handle = text === null ? undefined : this.#shared.get(text);
    if (handle !== undefined) return this.#reference(handle);
    if (text !== null) this.#shared.set(text, this.#count);
    this.text(text);
  }

  /**
   * Begins an object that nothing else refers to. The data of its classes follow, the topmost superclass first, as they
   * stand in a stream.
   */
  begin(desc: ClassDesc): ByteWriter {
    this.#out.u8(TC.object);
    this.#desc(desc);
    this.#count += 1;
    return this.#out;
  }

  /** Everything that was written. */
  bytes(): Buffer {
    return this.#out.bytes();
  }

  #addHandle(value: object): void {
    this.#handles.set(value, this.#count++);
  }

  #forgetHandles(): void {
    this.#handles.clear();
    this.#shared.clear();
    this.#count = 0;
  }

  #reference(handle: number): void {
    this.#out.u8(TC.reference);
    this.#out.i32(FIRST_HANDLE + handle);
    this.#lowest = Math.min(this.#lowest, handle);
  }

  #utf(text: string): void {
    if (!isShortText(text)) throw new RangeError(`a name of ${text.length} characters`);
    this.#out.shortText(text);
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

  #text(text: string): void {
    const short = isShortText(text);
    this.#out.u8(short ? TC.string : TC.longString);
    if (short) this.#out.shortText(text);
    else this.#out.longText(text);
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
    if (desc.kind === 'classDesc') return this.#again(desc);
    this.#proxyDesc(desc);
    this.#annotation(desc.annotations);
    this.#desc(desc.superDesc);
  }

  /** Writes a class as it was written before, where it would come out the same. */
  #again(desc: ClassDesc): void {
    const known = written.get(desc);
    const fits = known?.begins === undefined || known.begins === this.#count;
    if (known !== undefined && fits && !known.handles.some((one) => this.#handles.has(one))) {
      this.#out.put(known.bytes);
      this.#lowest = Math.min(this.#lowest, known.begins ?? Infinity);
      for (const one of known.handles) this.#addHandle(one);
      return;
    }
    const [from, begins, lowestBefore] = [this.#out.length, this.#count, this.#lowest];
    this.#lowest = Infinity;
    this.#classDesc(desc);
    if (this.#lowest >= begins) {
      written.set(desc, {
        bytes: Buffer.from(this.#out.bytes().subarray(from)),
        handles: [...this.#handles].flatMap(([one, handle]) => (handle >= begins ? [one] : [])),
        begins: this.#lowest === Infinity ? undefined : begins,
      });
    }
    this.#lowest = Math.min(this.#lowest, lowestBefore);
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
    this.#annotation(desc.annotations);
    this.#desc(desc.superDesc);
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
