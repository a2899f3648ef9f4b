import { objIdKey } from '../jrmp/ids.ts';
import type { Argument } from '../jrmp/methods.ts';
import { receivedRefOf } from '../jrmp/remoteRef.ts';
import type { Endpoint } from '../jrmp/remoteRef.ts';
import { listOf, mapOf } from '../serial/collections.ts';
import { ContentCursor } from '../serial/contentCursor.ts';
import { corrupt, SerialError } from '../serial/errors.ts';
import { readPrimitive } from '../serial/fields.ts';
import { classNameOf, isValue } from '../serial/inspect.ts';
import type {
  ClassData,
  Content,
  JavaArray,
  JavaEnum,
  JavaObject,
  JavaString,
  JavaValue,
} from '../serial/model.ts';
import { isThrowable, throwableOf } from '../serial/throwables.ts';
import { isReference, PRIMITIVE_SIZE } from '../serial/typeCodes.ts';
import { dateOf, fileOf } from '../serial/values.ts';
import { throwableLines } from './exceptionLines.ts';
import type { DumpedMessage } from './message.ts';
import { arrayName, boxedOf, classText, quoted } from './names.ts';

const ARROWS = { 'client->server': '→', 'server->client': '←' } as const;
/** Bytes of one value that are shown. */
const MOST_BYTES = 64;
/** Elements of one collection. */
const MOST_ELEMENTS = 50;

/** A message for people: one line, then its values, indented. Texts stand as they came; control characters are theirs. */
export function messageLines(message: DumpedMessage): readonly string[] {
  const arrow = ARROWS[message.direction];
  switch (message.kind) {
    case 'handshake':
      return [`${arrow} handshake: ${message.protocol} protocol`];
    case 'acknowledgement':
    case 'endpoint':
      return [`${arrow} ${message.kind}: ${endpoint(message.endpoint)}`];
    case 'confirmation':
      return [`${arrow} confirmation of a reference`];
    case 'call': {
      const { header, method, contents, sameBytes, length } = message;
      const name = method === undefined ? `unknown method ${header.hash}` : `${method.of}.${method.name}`;
      const called = `${arrow} call: ${name}, object ${objIdKey(header.objId)}`;
      return [called + verdict(length, sameBytes), ...valueLines(contents, method?.parameters)];
    }
    case 'return': {
      const { method, exceptional, contents, sameBytes, length } = message;
      const what = exceptional ? 'exception' : contents.length === 0 ? 'return, void' : 'return';
      const types =
        exceptional || method === undefined ? undefined : [method.result].filter((type) => type !== 'V');
      return [`${arrow} ${what}${verdict(length, sameBytes)}`, ...valueLines(contents, types)];
    }
    case 'unknown': {
      const { problem, bytes } = message;
      return [
        `${arrow} not understood: ${problem}; ${counted(message.length)} from ${message.offset} on`,
        `    ${short(bytes)}`,
      ];
    }
    default:
      return [`${arrow} ${message.kind}`];
  }
}

function endpoint({ host, port }: Endpoint): string {
  return `${host === '' ? 'no host' : host}:${port}`;
}

function counted(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

function verdict(length: number, same: boolean): string {
  return `, ${counted(length)}${same ? '' : ', written otherwise than we write it'}`;
}

/** `types`: first characters of the types that the values have; without them, primitives are shown as their bytes. */
function valueLines(contents: readonly Content[], types: readonly string[] | undefined): readonly string[] {
  const printer = new Printer(repeated(contents));
  const values = types === undefined ? undefined : attempt(() => valuesOf(types, contents));
  const lines =
    values === undefined
      ? contents.flatMap((content) => printer.content(content))
      : values.flatMap((value) => (typeof value === 'object' ? printer.content(value) : [String(value)]));
  return indented(indented(lines));
}

function valuesOf(types: readonly string[], contents: readonly Content[]): readonly Argument[] {
  const cursor = new ContentCursor(contents);
  const values = types.map((type) => cursor.read(type));
  if (!cursor.atEnd) throw corrupt('there is more than the method has');
  return values;
}

/** The values that come more than once. */
function repeated(contents: readonly Content[]): ReadonlySet<object> {
  const once = new Set<object>();
  const again = new Set<object>();
  const waiting: Content[] = [...contents];
  for (let content = waiting.pop(); content !== undefined; content = waiting.pop()) {
    if (content?.kind !== 'object' && content?.kind !== 'array') continue;
    if (once.has(content)) {
      again.add(content);
      continue;
    }
    once.add(content);
    if (content.kind === 'array') for (const element of content.elements) waiting.push(element);
    else for (const { references, custom = [] } of content.levels) waiting.push(...references, ...custom);
  }
  return again;
}

/** Prints the values of one stream: what was printed once is only named after that. */
class Printer {
  readonly #repeated: ReadonlySet<object>;
  readonly #numbers = new Map<object, number>();

  constructor(repeated: ReadonlySet<object>) {
    this.#repeated = repeated;
  }

  content(content: Content): string[] {
    if (isValue(content)) return this.#value(content);
    if (content.kind === 'block') return [`bytes ${short(content.bytes)}`];
    if (content.kind === 'reset') return ['reset'];
    return nested('the sender failed', this.#value(content.thrown));
  }

  /** The first line goes on where its name ends. */
  #value(value: JavaValue): string[] {
    if (value === null) return ['null'];
    if (value.kind === 'string') return [quoted(value.value)];
    if (value.kind === 'enum') return [`${value.desc.name}.${value.constant.value}`];
    const known = this.#numbers.get(value);
    if (known !== undefined) return [`${classNameOf(value)} #${known}, as above`];
    if (!this.#repeated.has(value)) return this.#whole(value);
    const number = this.#numbers.size + 1;
    this.#numbers.set(value, number);
    const [first = '', ...more] = this.#whole(value);
    return [`#${number} ${first}`, ...more];
  }

  #whole(value: Exclude<JavaValue, null | JavaString | JavaEnum>): string[] {
    if (value.kind === 'array') return this.#array(value);
    if (value.kind === 'object') return this.#special(value) ?? this.#object(value);
    return [`class ${classText(value)}`];
  }

  /** Objects of classes that are known, as what they mean. */
  #special(object: JavaObject): string[] | undefined {
    try {
      const name = classNameOf(object);
      if (name === 'java.util.Date') return [`Date ${isoTime(dateOf(object) ?? 0)}`];
      if (name === 'java.io.File') return [`File ${quoted(fileOf(object) ?? '')}`];
      if (isThrowable(object)) return throwableLines(throwableOf(object));
      const boxed = boxedOf(object);
      if (boxed !== undefined) return [`${name} ${boxed}`];
      const received = receivedRefOf(object);
      if (received !== undefined) {
        const { ref, isResult } = received;
        const confirmed = isResult ? ', to be confirmed' : '';
        const interfaces = ref.interfaces.length === 0 ? name : ref.interfaces.join(', ');
        return [`reference to ${interfaces} at ${endpoint(ref)}, object ${objIdKey(ref.objId)}${confirmed}`];
      }
    } catch (error) {
      if (!(error instanceof SerialError)) throw error;
    }
    return this.#collection(object);
  }

  #collection(object: JavaObject): string[] | undefined {
    const entries = attempt(() => mapOf(object));
    if (entries !== undefined && entries !== null) {
      const lines = entries
        .slice(0, MOST_ELEMENTS)
        .flatMap(([key, value]) => nested(`${this.#value(key).join(' ')} =`, this.#value(value)));
      return [
        `${classNameOf(object)} of ${entries.length}`,
        ...indented([...lines, ...left(entries.length)]),
      ];
    }
    const elements = attempt(() => listOf(object));
    if (elements === undefined || elements === null) return undefined;
    return [`${classNameOf(object)} of ${elements.length}`, ...this.#elements(elements)];
  }

  #object(object: JavaObject): string[] {
    return [classNameOf(object), ...indented(object.levels.flatMap((level) => this.#level(level)))];
  }

  #level({ desc, primitives, references, custom = [] }: ClassData): string[] {
    const values = references.values();
    let at = 0;
    const fields = desc.fields.flatMap(({ type, name }) => {
      if (isReference(type)) return nested(`${name} =`, this.#value(values.next().value ?? null));
      const value = readPrimitive(primitives, at, type);
      at += PRIMITIVE_SIZE[type] ?? 0;
      return [`${name} = ${value}`];
    });
    return [...fields, ...custom.flatMap((content) => this.content(content))];
  }

  #array({ desc, bytes, elements }: JavaArray): string[] {
    const name = arrayName(desc.name);
    if (bytes === undefined) return [`${name} of ${elements.length}`, ...this.#elements(elements)];
    const type = desc.name.charAt(1);
    if (type === 'B') return [`${name} ${short(bytes)}`];
    const size = PRIMITIVE_SIZE[type] ?? 1;
    const count = bytes.length / size;
    const shown = Array.from({ length: Math.min(count, MOST_ELEMENTS) }, (_, index) =>
      String(readPrimitive(bytes, index * size, type)),
    );
    return [`${name} of ${count}${count === 0 ? '' : ': '}${shown.join(', ')}${left(count).join('')}`];
  }

  #elements(elements: readonly JavaValue[]): string[] {
    const shown = elements.slice(0, MOST_ELEMENTS).flatMap((element) => this.#value(element));
    return indented([...shown, ...left(elements.length)]);
  }
}

/** Undefined where the value is not what it seems. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SerialError) return undefined;
    throw error;
  }
}

function nested(name: string, [first = '', ...more]: readonly string[]): string[] {
  return [`${name} ${first}`, ...more];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function left(count: number): string[] {
  return count > MOST_ELEMENTS ? [`… ${count - MOST_ELEMENTS} more`] : [];
}

function short(bytes: Buffer): string {
  const shown = bytes.subarray(0, MOST_BYTES).toString('hex');
  return bytes.length > MOST_BYTES ? `${shown}… (${bytes.length} bytes)` : shown;
}

function isoTime(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}
