import { proxyClass, serializable } from '../serial/classDescs.ts';
import { ContentCursor } from '../serial/contentCursor.ts';
import { corrupt, SerialError } from '../serial/errors.ts';
import { classData } from '../serial/fields.ts';
import { classNameOf } from '../serial/inspect.ts';
import type { ClassData, Content, JavaObject, JavaValue } from '../serial/model.ts';
import { encodeModifiedUtf8 } from '../serial/modifiedUtf8.ts';
import { block } from '../serial/values.ts';
import { OBJ_ID_BYTES, objIdBytes, readObjId } from './ids.ts';
import type { ObjId } from './ids.ts';

/** Where something answers: a name or address, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A reference to an exported object, as a stub carries it. */
export interface RemoteRef extends Endpoint {
  readonly objId: ObjId;
  /** Of the object, as in `java.rmi.Remote`; empty where the stub is of a class made for it. */
  readonly interfaces: readonly string[];
}

const REMOTE_OBJECT = serializable({
  name: 'java.rmi.server.RemoteObject',
  suid: -3215090123894869218n,
  writes: true,
});

const INVOCATION_HANDLER = serializable({
  name: 'java.rmi.server.RemoteObjectInvocationHandler',
  suid: 2n,
  superDesc: REMOTE_OBJECT,
});

/** Flag before the endpoint in a `UnicastRef2`, where a socket factory follows it. */
const WITH_FACTORY = 1;

/** A stub that stands for an object. `isResult`: whether it is in an answer, which the receiver then confirms. */
export function stubOf(ref: RemoteRef, isResult: boolean): JavaObject {
  const data = Buffer.concat([
    utf('UnicastRef'),
    utf(ref.host),
    int32(ref.port),
    objIdBytes(ref.objId),
    Buffer.of(isResult ? 1 : 0),
  ]);
  const handler: JavaObject = {
    kind: 'object',
    desc: INVOCATION_HANDLER,
    levels: [classData(REMOTE_OBJECT, {}, [block(data)]), classData(INVOCATION_HANDLER)],
  };
  const desc = proxyClass(ref.interfaces);
  const proxy = desc.superDesc;
  if (proxy?.kind !== 'classDesc') throw new TypeError('a proxy without its superclass');
  return { kind: 'object', desc, levels: [classData(proxy, { h: handler })] };
}

/** What a stub in an object stream refers to. */
export interface ReceivedRef {
  readonly ref: RemoteRef;
  /** Whether it came in an answer that is to be confirmed. */
  readonly isResult: boolean;
}

/** Undefined for what is no stub. A stub that cannot be used is an error. */
export function receivedRefOf(value: JavaValue): ReceivedRef | undefined {
  if (value?.kind !== 'object') return undefined;
  const level = holderOf(value);
  if (level === undefined) return undefined;
  return parse(level, value.desc.kind === 'proxyDesc' ? value.desc.interfaces : []);
}

/** What a stub refers to; throws SerialError of kind `type` for anything else. */
export function remoteRefOf(value: JavaValue): RemoteRef {
  const received = receivedRefOf(value);
  if (received !== undefined) return received.ref;
  throw new SerialError('type', `${classNameOf(value)} where a remote object is expected`);
}

/** Whether a value is a stub of any kind, also one that we could not call. */
export function isStub(value: JavaValue): value is JavaObject {
  return value?.kind === 'object' && holderOf(value) !== undefined;
}

/** The same stub, for an answer (`isResult`) or as an argument. */
export function stubFor(stub: JavaObject, isResult: boolean): JavaObject {
  const levels = stub.levels.map((level, index): ClassData => {
    if (level.desc.name === REMOTE_OBJECT.name) return { ...level, custom: flagged(level.custom, isResult) };
    const [handler, ...rest] = level.references;
    const wraps = index === 0 && stub.desc.kind === 'proxyDesc' && handler?.kind === 'object';
    return wraps ? { ...level, references: [stubFor(handler, isResult), ...rest] } : level;
  });
  return { ...stub, levels };
}

/** The last byte says whether it is in an answer. */
function flagged(custom: readonly Content[] | undefined, isResult: boolean): readonly Content[] {
  const last = custom?.at(-1);
  if (custom === undefined || last?.kind !== 'block' || last.bytes.length === 0) {
    throw corrupt('a stub without its reference');
  }
  const bytes = Buffer.from(last.bytes);
  bytes.writeUInt8(isResult ? 1 : 0, bytes.length - 1);
  return [...custom.slice(0, -1), block(bytes)];
}

/** The object that holds the reference: a stub of a class made for it itself, else the handler of a proxy. */
function holderOf(stub: JavaObject): ClassData | undefined {
  const holder = stub.desc.kind === 'proxyDesc' ? (stub.levels[0]?.references[0] ?? null) : stub;
  if (holder?.kind !== 'object') return undefined;
  return holder.levels.find(({ desc }) => desc.name === REMOTE_OBJECT.name);
}

function parse(level: ClassData, interfaces: readonly string[]): ReceivedRef {
  const cursor = new ContentCursor(level.custom ?? []);
  const kind = cursor.utf();
  if (kind !== 'UnicastRef' && kind !== 'UnicastRef2') {
    throw new SerialError('type', `a remote object behind a ${kind === '' ? 'class of its own' : kind}`);
  }
  const format = kind === 'UnicastRef2' ? Number(cursor.primitive('B')) : 0;
  const host = cursor.utf();
  const port = Number(cursor.primitive('I'));
  if (format === WITH_FACTORY) throw new SerialError('type', 'a remote object behind a socket factory');
  if (port < 0 || port > 0xffff) throw corrupt(`a remote object at port ${port}`);
  const objId = readObjId(cursor.bytes(OBJ_ID_BYTES));
  const isResult = cursor.primitive('Z') === true;
  return { ref: { interfaces, host, port, objId }, isResult };
}

function utf(text: string): Buffer {
  const bytes = encodeModifiedUtf8(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value, 0);
  return bytes;
}
