import type { AnyDesc, ClassDesc, Field, JavaString, JavaValue, ProxyDesc } from './model.ts';
import { FLAG, isReference } from './typeCodes.ts';

/** A class as one writes it down; `fields` as `I size` and `L path Ljava/lang/String;`, in the order of the stream. */
export interface ClassShape {
  readonly name: string;
  readonly suid: bigint;
  /** Whether it writes data of its own after its fields. */
  readonly writes?: boolean;
  readonly fields?: readonly string[];
  readonly superDesc?: AnyDesc;
}

/** RMI writes the codebase after each class, and there is none. */
const NO_CODEBASE: readonly JavaValue[] = [null];

const typeStrings = new Map<string, JavaString>();

/** A type's text, one object for each, as Java's are: so that a stream has it once. */
function typeString(signature: string): JavaString {
  const known = typeStrings.get(signature);
  if (known !== undefined) return known;
  const made: JavaString = { kind: 'string', value: signature };
  typeStrings.set(signature, made);
  return made;
}

export function serializable({ name, suid, writes = false, fields = [], superDesc }: ClassShape): ClassDesc {
  return {
    kind: 'classDesc',
    name,
    suid,
    flags: FLAG.serializable | (writes ? FLAG.writeMethod : 0),
    fields: fields.map(fieldOf),
    annotations: NO_CODEBASE,
    superDesc: superDesc ?? null,
  };
}

function fieldOf(text: string): Field {
  const [type = '', name = '', signature = ''] = text.split(' ');
  return { type, name, signature: isReference(type) ? typeString(signature) : undefined };
}

const ENUM = enumDesc('java.lang.Enum', null);

/** The class of an enum's constants. */
export function enumClass(name: string): ClassDesc {
  return enumDesc(name, ENUM);
}

function enumDesc(name: string, superDesc: ClassDesc | null): ClassDesc {
  const flags = FLAG.serializable | FLAG.enum;
  return { kind: 'classDesc', name, suid: 0n, flags, fields: [], annotations: NO_CODEBASE, superDesc };
}

const PROXY = serializable({
  name: 'java.lang.reflect.Proxy',
  suid: -2222568056686623797n,
  fields: ['L h Ljava/lang/reflect/InvocationHandler;'],
});

/** The class of objects that stand for another by its interfaces. */
export function proxyClass(interfaces: readonly string[]): ProxyDesc {
  return { kind: 'proxyDesc', interfaces, annotations: NO_CODEBASE, superDesc: PROXY };
}
