import type { AnyDesc, ClassDesc, Content, JavaValue } from './model.ts';
import { PRIMITIVE_SIZE } from './typeCodes.ts';

/** The classes of an object that have a descriptor, the topmost superclass first; proxies have no data of their own. */
export function classesOf(desc: AnyDesc): ClassDesc[] {
  const classes: ClassDesc[] = [];
  for (let one: AnyDesc | null = desc; one !== null; one = one.superDesc) {
    if (one.kind === 'classDesc') classes.push(one);
  }
  return classes.reverse();
}

export function primitiveBytes(desc: ClassDesc): number {
  return desc.fields.reduce((sum, { type }) => sum + (PRIMITIVE_SIZE[type] ?? 0), 0);
}

/** A name to speak of a value by. */
export function classNameOf(value: JavaValue): string {
  if (value === null) return 'null';
  if (value.kind === 'string') return 'java.lang.String';
  if (value.kind === 'class' || value.kind === 'classDesc' || value.kind === 'proxyDesc')
    return 'java.lang.Class';
  return value.desc.kind === 'classDesc' ? value.desc.name : `proxy of ${value.desc.interfaces.join(', ')}`;
}

/** Whether an element of a stream is a value, and neither block data nor a mark. */
export function isValue(content: Content): content is JavaValue {
  const kind = content?.kind;
  return kind !== 'block' && kind !== 'reset' && kind !== 'exception';
}
