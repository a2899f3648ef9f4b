import { listOf } from './collections.ts';
import { SerialError } from './errors.ts';
import { classData, fieldsOf } from './fields.ts';
import { classesOf, classNameOf } from './inspect.ts';
import { JavaThrowable } from './javaThrowable.ts';
import type { StackFrame } from './javaThrowable.ts';
import type { ClassData, JavaObject, JavaValue } from './model.ts';
import type { Mutable } from './reading.ts';
import {
  EMPTY_LIST,
  REMOTE_EXCEPTION,
  STACK_TRACE,
  STACK_TRACE_ELEMENT,
  THROWABLE,
  throwableClass,
} from './throwableClasses.ts';
import { javaArrayList, javaString, stringOf } from './values.ts';

/** Exceptions that are read of one with all its causes; shared ones would make more and more of them. */
const MOST_CAUSES = 64;

/** An exception as an object to be sent, without a stack: that of another language tells a Java caller nothing. */
export function javaThrowable(thrown: JavaThrowable): JavaObject {
  const emptyList: JavaObject = { kind: 'object', desc: EMPTY_LIST, levels: [classData(EMPTY_LIST)] };
  return encode(thrown, emptyList);
}

function encode(thrown: JavaThrowable, emptyList: JavaObject): JavaObject {
  const desc = throwableClass(thrown.className);
  const object: Mutable<JavaObject> = { kind: 'object', desc, levels: [] };
  const cause = thrown.cause === undefined ? undefined : encode(thrown.cause, emptyList);
  // RemoteException keeps its cause in a field of its own; in others, a cause that is the exception itself is none.
  const remote = thrown.is(REMOTE_EXCEPTION.name);
  object.levels = classesOf(desc).map((level): ClassData => {
    if (level === REMOTE_EXCEPTION) return classData(level, { detail: cause ?? null });
    if (level !== THROWABLE) return classData(level);
    const fields = {
      cause: remote ? null : (cause ?? object),
      detailMessage: javaString(thrown.detail),
      stackTrace: { kind: 'array', desc: STACK_TRACE, bytes: undefined, elements: [] },
      suppressedExceptions:
        thrown.suppressed.length === 0
          ? emptyList
          : javaArrayList(thrown.suppressed.map((one) => encode(one, emptyList))),
    } as const;
    return classData(level, fields, []);
  });
  return object;
}

/** Whether an object is an exception of any class. */
export function isThrowable(value: JavaValue): value is JavaObject {
  return value?.kind === 'object' && value.levels.some(({ desc }) => desc.name === THROWABLE.name);
}

/** An exception of any class, known or not; throws SerialError of kind `type` for what is none. */
export function throwableOf(value: JavaValue): JavaThrowable {
  if (isThrowable(value)) return decode(value, { left: MOST_CAUSES, within: new Set() });
  throw new SerialError('type', `${classNameOf(value)} is no exception`);
}

interface Budget {
  left: number;
  /** Those that are being read: one that is its own cause, near or far, is read once. */
  readonly within: Set<JavaObject>;
}

function decode(object: JavaObject, budget: Budget): JavaThrowable {
  const fields = fieldsOf(object, THROWABLE);
  const { within } = budget;
  within.add(object);
  const inner = (value: JavaValue): JavaThrowable | undefined => {
    if (!isThrowable(value) || within.has(value) || budget.left === 0) return undefined;
    budget.left -= 1;
    return decode(value, budget);
  };
  const remote = object.levels.some(({ desc }) => desc.name === REMOTE_EXCEPTION.name);
  const detail = remote ? fieldsOf(object, REMOTE_EXCEPTION).value('detail') : null;
  const thrown = new JavaThrowable(classNameOf(object), stringOf(fields.value('detailMessage')), {
    cause: inner(detail) ?? inner(fields.value('cause')),
    suppressed: (listOf(fields.value('suppressedExceptions')) ?? []).flatMap((one) => inner(one) ?? []),
    frames: framesOf(fields.value('stackTrace')),
    ancestors: classesOf(object.desc)
      .map(({ name }) => name)
      .slice(0, -1)
      .reverse(),
  });
  within.delete(object);
  return thrown;
}

function framesOf(value: JavaValue): readonly StackFrame[] {
  if (value?.kind !== 'array') return [];
  return value.elements.flatMap((element) => {
    if (element?.kind !== 'object' || classNameOf(element) !== STACK_TRACE_ELEMENT.name) return [];
    const fields = fieldsOf(element, STACK_TRACE_ELEMENT);
    return {
      className: stringOf(fields.value('declaringClass')) ?? '',
      methodName: stringOf(fields.value('methodName')) ?? '',
      fileName: stringOf(fields.value('fileName')),
      line: fields.number('lineNumber'),
    };
  });
}
