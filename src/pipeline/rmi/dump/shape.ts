import { objIdKey } from '../jrmp/ids.ts';
import type { Uid } from '../jrmp/ids.ts';
import { readPrimitive } from '../serial/fields.ts';
import type { ClassData, Content, JavaArray, JavaValue } from '../serial/model.ts';
import { isReference, PRIMITIVE_SIZE } from '../serial/typeCodes.ts';
import type { DumpedMessage, KnownMethod } from './message.ts';

/**
 * A message as plain data for JSON. Numbers of 64 bits are texts; an object has an `id`, by which `ref` means it where it
 * comes again. Fields are those of each class in the chain of its classes, the topmost superclass first.
 */
export function messageShape(message: DumpedMessage): object {
  const { direction, offset, length, kind } = message;
  const place = { direction, offset, length, kind };
  switch (message.kind) {
    case 'handshake':
      return { ...place, protocol: message.protocol };
    case 'acknowledgement':
    case 'endpoint':
      return { ...place, endpoint: message.endpoint };
    case 'confirmation':
      return { ...place, uid: uidShape(message.uid) };
    case 'call': {
      const { objId, operation, hash } = message.header;
      const { method, contents, sameBytes } = message;
      const values = new Shapes().contents(contents);
      const called = { object: objIdKey(objId), operation, hash: String(hash), method: nameOf(method) };
      return { ...place, ...called, values, sameBytes };
    }
    case 'return': {
      const { exceptional, uid, contents, sameBytes } = message;
      return {
        ...place,
        exceptional,
        uid: uidShape(uid),
        values: new Shapes().contents(contents),
        sameBytes,
      };
    }
    case 'unknown':
      return { ...place, problem: message.problem, hex: message.bytes.toString('hex') };
    default:
      return place;
  }
}

function nameOf(method: KnownMethod | undefined): string | null {
  return method === undefined ? null : `${method.of}.${method.name}`;
}

function uidShape({ unique, time, count }: Uid): object {
  return { unique, time: String(time), count };
}

/** Shapes of the values of one stream. */
class Shapes {
  readonly #ids = new Map<object, number>();

  contents(contents: readonly Content[]): unknown[] {
    return contents.map((content) => this.#content(content));
  }

  #content(content: Content): unknown {
    switch (content?.kind) {
      case 'block':
        return { block: content.bytes.toString('hex') };
      case 'reset':
        return { reset: true };
      case 'exception':
        return { exception: this.#value(content.thrown) };
      default:
        return this.#value(content);
    }
  }

  #value(value: JavaValue): unknown {
    if (value === null) return null;
    if (value.kind === 'string') return value.value;
    const known = this.#ids.get(value);
    if (known !== undefined) return { ref: known };
    const id = this.#ids.size;
    this.#ids.set(value, id);
    switch (value.kind) {
      case 'object': {
        const { desc, levels } = value;
        const name = desc.kind === 'classDesc' ? { class: desc.name } : { proxy: desc.interfaces };
        return { id, ...name, levels: levels.map((level) => this.#level(level)) };
      }
      case 'array':
        return { id, class: value.desc.name, ...this.#elements(value) };
      case 'enum':
        return { id, class: value.desc.name, constant: value.constant.value };
      case 'class':
        return { id, classOf: value.desc === null ? null : this.#value(value.desc) };
      case 'classDesc':
        return { id, class: value.name, suid: String(value.suid) };
      case 'proxyDesc':
        return { id, proxy: value.interfaces };
    }
  }

  #level({ desc, primitives, references, custom }: ClassData): object {
    const fields: Record<string, unknown> = {};
    const values = references.values();
    let at = 0;
    for (const { type, name } of desc.fields) {
      if (isReference(type)) {
        fields[name] = this.#value(values.next().value ?? null);
      } else {
        fields[name] = plain(readPrimitive(primitives, at, type));
        at += PRIMITIVE_SIZE[type] ?? 0;
      }
    }
    const data = custom === undefined ? {} : { data: this.contents(custom) };
    return { class: desc.name, suid: String(desc.suid), fields, ...data };
  }

  #elements({ bytes, elements }: JavaArray): object {
    if (bytes !== undefined) return { hex: bytes.toString('hex') };
    return { elements: elements.map((element) => this.#value(element)) };
  }
}

function plain(value: number | bigint | boolean): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
