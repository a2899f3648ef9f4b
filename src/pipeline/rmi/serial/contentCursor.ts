import { corrupt } from './errors.ts';
import { readPrimitive } from './fields.ts';
import { isValue } from './inspect.ts';
import type { Content, JavaValue } from './model.ts';
import { decodeModifiedUtf8 } from './modifiedUtf8.ts';
import { isReference, PRIMITIVE_SIZE } from './typeCodes.ts';

/** Reads primitives and objects one after the other, as the class that wrote them would; pieces of block data join. */
export class ContentCursor {
  readonly #contents: readonly Content[];
  #next = 0;
  #bytes = Buffer.alloc(0);

  constructor(contents: readonly Content[]) {
    this.#contents = contents;
  }

  /** Whether everything was read. */
  get atEnd(): boolean {
    return this.#bytes.length === 0 && this.#next === this.#contents.length;
  }

  /** A value by the first character of its type. */
  read(type: string): number | bigint | boolean | JavaValue {
    return isReference(type) ? this.value() : this.primitive(type);
  }

  primitive(type: string): number | bigint | boolean {
    return readPrimitive(this.bytes(PRIMITIVE_SIZE[type] ?? 0), 0, type);
  }

  utf(): string {
    return decodeModifiedUtf8(this.bytes(this.bytes(2).readUInt16BE(0)));
  }

  value(): JavaValue {
    const content = this.#contents[this.#next];
    if (this.#bytes.length > 0 || content === undefined || !isValue(content)) {
      throw corrupt('an object is missing');
    }
    this.#next += 1;
    return content;
  }

  bytes(length: number): Buffer {
    while (this.#bytes.length < length) {
      const content = this.#contents[this.#next];
      if (content?.kind !== 'block') throw corrupt(`${length} bytes of block data are missing`);
      this.#next += 1;
      this.#bytes = Buffer.concat([this.#bytes, content.bytes]);
    }
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}
