import { serializable } from './classDescs.ts';
import type { ClassDesc } from './model.ts';

const REMOTE = 'java.rmi.RemoteException';
const RUNTIME = 'java.lang.RuntimeException';
const EXCEPTION = 'java.lang.Exception';
const IO = 'java.io.IOException';

export const THROWABLE = serializable({
  name: 'java.lang.Throwable',
  suid: -3042686055658047285n,
  writes: true,
  fields: [
    'L cause Ljava/lang/Throwable;',
    'L detailMessage Ljava/lang/String;',
    '[ stackTrace [Ljava/lang/StackTraceElement;',
    'L suppressedExceptions Ljava/util/List;',
  ],
});

export const STACK_TRACE = serializable({
  name: '[Ljava.lang.StackTraceElement;',
  suid: 163864874655228473n,
});

export const STACK_TRACE_ELEMENT = serializable({
  name: 'java.lang.StackTraceElement',
  suid: 6992337162326171013n,
  fields: [
    'B format',
    'I lineNumber',
    'L classLoaderName Ljava/lang/String;',
    'L declaringClass Ljava/lang/String;',
    'L fileName Ljava/lang/String;',
    'L methodName Ljava/lang/String;',
    'L moduleName Ljava/lang/String;',
    'L moduleVersion Ljava/lang/String;',
  ],
});

export const EMPTY_LIST = serializable({
  name: 'java.util.Collections$EmptyList',
  suid: 8842843931221139166n,
});

/** Each exception that can be sent: its version, its superclass, and its own fields. */
const EXCEPTIONS: readonly (readonly [string, bigint, string, ...string[]])[] = [
  [EXCEPTION, -3387516993124229948n, 'java.lang.Throwable'],
  ['java.lang.Error', 4980196508277280342n, 'java.lang.Throwable'],
  [RUNTIME, -7034897190745766939n, EXCEPTION],
  ['java.lang.SecurityException', 6878364983674394167n, RUNTIME],
  ['java.lang.IllegalArgumentException', -5365630128856068164n, RUNTIME],
  ['java.lang.IllegalStateException', -1848914673093119416n, RUNTIME],
  ['java.lang.UnsupportedOperationException', -1242599979055084673n, RUNTIME],
  ['java.lang.NullPointerException', 5162710183389028792n, RUNTIME],
  ['java.lang.ClassCastException', -9223365651070458532n, RUNTIME],
  [IO, 7818375828146090155n, EXCEPTION],
  ['java.io.FileNotFoundException', -897856973823710492n, IO],
  ['java.io.ObjectStreamException', 7260898174833392607n, IO],
  [
    'java.io.InvalidClassException',
    -4333316296251054416n,
    'java.io.ObjectStreamException',
    'L classname Ljava/lang/String;',
  ],
  ['java.io.StreamCorruptedException', 8983558202217591746n, 'java.io.ObjectStreamException'],
  ['java.util.concurrent.TimeoutException', 1900926677490660714n, EXCEPTION],
  [REMOTE, -5148567311918794206n, IO, 'L detail Ljava/lang/Throwable;'],
  ['java.rmi.ServerException', -4775845313121906682n, REMOTE],
  ['java.rmi.ServerError', 8455284893909696482n, REMOTE],
  ['java.rmi.UnmarshalException', 594380845140740218n, REMOTE],
  ['java.rmi.MarshalException', 6223554758134037936n, REMOTE],
  ['java.rmi.NoSuchObjectException', 6619395951570472985n, REMOTE],
  ['java.rmi.AccessException', 6314925228044966088n, REMOTE],
  ['java.rmi.server.SkeletonMismatchException', -7780460454818859281n, REMOTE],
  ['java.rmi.NotBoundException', -1857741824849069317n, EXCEPTION],
  ['java.rmi.AlreadyBoundException', 9218657361741657110n, EXCEPTION],
  ['org.srs.jobcontrol.JobControlException', 107408095370490769n, EXCEPTION],
  ['org.srs.jobcontrol.JobSubmissionException', 2513799726921298515n, EXCEPTION],
  ['org.srs.jobcontrol.NoSuchJobException', -5626726286043883234n, EXCEPTION],
];

const CLASSES = new Map<string, ClassDesc>([[THROWABLE.name, THROWABLE]]);
for (const [name, suid, superName, ...fields] of EXCEPTIONS) {
  const superDesc = CLASSES.get(superName);
  if (superDesc === undefined) throw new TypeError(`${superName} comes after ${name}`);
  CLASSES.set(name, serializable({ name, suid, fields, superDesc }));
}

export const REMOTE_EXCEPTION = throwableClass(REMOTE);

/** The class of an exception that can be sent. */
export function throwableClass(name: string): ClassDesc {
  const found = CLASSES.get(name);
  if (found === undefined) throw new TypeError(`${name} is no exception that can be sent`);
  return found;
}

/** The superclasses of an exception, the nearest first; empty for one that is not known. */
export function ancestorsOf(name: string): readonly string[] {
  const names: string[] = [];
  for (let desc = CLASSES.get(name)?.superDesc; desc?.kind === 'classDesc'; desc = desc.superDesc)
    names.push(desc.name);
  return names;
}
