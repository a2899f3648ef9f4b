import { serializable } from './classDescs.ts';
import { corrupt, SerialError } from './errors.ts';
import { fieldsOf } from './fields.ts';
import type { FieldReader } from './fields.ts';
import { ARRAY_LIST, HASH_MAP } from './javaClasses.ts';
import type { ClassDesc, Content, JavaValue } from './model.ts';
import { classNameOf, isValue } from './inspect.ts';
import { blockOf } from './values.ts';

type Entries = readonly (readonly [JavaValue, JavaValue])[];

/** How objects of a class are seen as a list or a map; `known` is the class, or the superclass, that holds the data. */
interface View<T> {
  readonly known: ClassDesc;
  /** `inner` sees what a wrapper wraps. */
  see(fields: FieldReader, inner: (value: JavaValue) => T): T;
}

/** Wrappers around wrappers; nobody needs more, and one may wrap itself. */
const MOST_WRAPPERS = 8;

const COLLECTIONS = 'java.util.Collections$';
const OBJECT_MAP = 'L m Ljava/util/Map;';

const COLL_SER = serializable({
  name: 'java.util.CollSer',
  suid: 6309168927139932177n,
  writes: true,
  fields: ['I tag'],
});
const COLL_SER_LIST = 1;
const COLL_SER_MAP = 3;

const HASHTABLE = serializable({
  name: 'java.util.Hashtable',
  suid: 1421746759512286392n,
  writes: true,
  fields: ['F loadFactor', 'I threshold'],
});

const UNMODIFIABLE_COLLECTION = serializable({
  name: `${COLLECTIONS}UnmodifiableCollection`,
  suid: 1820017752578914078n,
  fields: ['L c Ljava/util/Collection;'],
});

const SYNCHRONIZED_COLLECTION = serializable({
  name: `${COLLECTIONS}SynchronizedCollection`,
  suid: 3053995032091335093n,
  writes: true,
  fields: ['L c Ljava/util/Collection;', 'L mutex Ljava/lang/Object;'],
});

const wrappedList = (known: ClassDesc): View<readonly JavaValue[]> => ({
  known,
  see: (fields, inner) => inner(fields.value('c')),
});

const countedList = (known: ClassDesc): View<readonly JavaValue[]> => ({
  known,
  see: ({ custom }) => counted(custom, blockOf(custom[0], 4).readInt32BE(0)),
});

const LISTS: ReadonlyMap<string, View<readonly JavaValue[]>> = new Map<string, View<readonly JavaValue[]>>([
  [
    'java.util.ArrayList',
    { known: ARRAY_LIST, see: ({ custom, number }) => counted(custom, number('size')) },
  ],
  [
    'java.util.LinkedList',
    countedList(serializable({ name: 'java.util.LinkedList', suid: 876323262645176354n, writes: true })),
  ],
  [
    'java.util.Vector',
    {
      known: serializable({
        name: 'java.util.Vector',
        suid: -2767605614048989439n,
        writes: true,
        fields: ['I capacityIncrement', 'I elementCount', '[ elementData [Ljava/lang/Object;'],
      }),
      see: ({ number, value }) => {
        const elements = elementsOf(value('elementData'));
        const count = number('elementCount');
        if (count < 0 || count > elements.length) throw corrupt(`a Vector of ${count} elements with fewer`);
        return elements.slice(0, count);
      },
    },
  ],
  [
    'java.util.Arrays$ArrayList',
    {
      known: serializable({
        name: 'java.util.Arrays$ArrayList',
        suid: -2764017481108945198n,
        fields: ['[ a [Ljava/lang/Object;'],
      }),
      see: ({ value }) => elementsOf(value('a')),
    },
  ],
  ['java.util.CollSer', { known: COLL_SER, see: (fields) => immutable(fields, COLL_SER_LIST, 'list') }],
  [`${COLLECTIONS}UnmodifiableList`, wrappedList(UNMODIFIABLE_COLLECTION)],
  [`${COLLECTIONS}UnmodifiableRandomAccessList`, wrappedList(UNMODIFIABLE_COLLECTION)],
  [`${COLLECTIONS}SynchronizedList`, wrappedList(SYNCHRONIZED_COLLECTION)],
  [`${COLLECTIONS}SynchronizedRandomAccessList`, wrappedList(SYNCHRONIZED_COLLECTION)],
  [
    `${COLLECTIONS}SingletonList`,
    {
      known: serializable({
        name: `${COLLECTIONS}SingletonList`,
        suid: 3093736618740652951n,
        fields: ['L element Ljava/lang/Object;'],
      }),
      see: ({ value }) => [value('element')],
    },
  ],
  [
    `${COLLECTIONS}EmptyList`,
    { known: serializable({ name: `${COLLECTIONS}EmptyList`, suid: 8842843931221139166n }), see: () => [] },
  ],
]);

const hashView = (known: ClassDesc): View<Entries> => ({
  known,
  see: ({ custom }) => pairs(counted(custom, 2 * blockOf(custom[0], 8).readInt32BE(4))),
});

const wrappedMap = (known: ClassDesc): View<Entries> => ({
  known,
  see: (fields, inner) => inner(fields.value('m')),
});

const MAPS: ReadonlyMap<string, View<Entries>> = new Map<string, View<Entries>>([
  ['java.util.HashMap', hashView(HASH_MAP)],
  ['java.util.LinkedHashMap', hashView(HASH_MAP)],
  ['java.util.Hashtable', hashView(HASHTABLE)],
  ['java.util.Properties', hashView(HASHTABLE)],
  [
    'java.util.TreeMap',
    {
      known: serializable({
        name: 'java.util.TreeMap',
        suid: 919286545866124006n,
        writes: true,
        fields: ['L comparator Ljava/util/Comparator;'],
      }),
      see: ({ custom }) => pairs(counted(custom, 2 * blockOf(custom[0], 4).readInt32BE(0))),
    },
  ],
  [
    'java.util.concurrent.ConcurrentHashMap',
    {
      known: serializable({
        name: 'java.util.concurrent.ConcurrentHashMap',
        suid: 7249069246763182397n,
        writes: true,
      }),
      see: ({ custom }) => untilNulls(custom),
    },
  ],
  ['java.util.CollSer', { known: COLL_SER, see: (fields) => pairs(immutable(fields, COLL_SER_MAP, 'map')) }],
  [
    `${COLLECTIONS}UnmodifiableMap`,
    wrappedMap(
      serializable({
        name: `${COLLECTIONS}UnmodifiableMap`,
        suid: -1034234728574286014n,
        fields: [OBJECT_MAP],
      }),
    ),
  ],
  [
    `${COLLECTIONS}SynchronizedMap`,
    wrappedMap(
      serializable({
        name: `${COLLECTIONS}SynchronizedMap`,
        suid: 1978198479659022715n,
        writes: true,
        fields: [OBJECT_MAP, 'L mutex Ljava/lang/Object;'],
      }),
    ),
  ],
  [
    `${COLLECTIONS}SingletonMap`,
    {
      known: serializable({
        name: `${COLLECTIONS}SingletonMap`,
        suid: -6979724477215052911n,
        fields: ['L k Ljava/lang/Object;', 'L v Ljava/lang/Object;'],
      }),
      see: ({ value }) => [[value('k'), value('v')]],
    },
  ],
  [
    `${COLLECTIONS}EmptyMap`,
    { known: serializable({ name: `${COLLECTIONS}EmptyMap`, suid: 6428348081105594320n }), see: () => [] },
  ],
]);

/** The elements of any list that is known, in order; null for null. */
export function listOf(value: JavaValue): readonly JavaValue[] | null {
  return see(value, LISTS, 'list', 0);
}

/** The entries of any map that is known, in the order of the stream; null for null. */
export function mapOf(value: JavaValue): Entries | null {
  return see(value, MAPS, 'map', 0);
}

function see<T>(
  value: JavaValue,
  views: ReadonlyMap<string, View<T>>,
  what: string,
  wrappers: number,
): T | null {
  if (value === null) return null;
  const view = views.get(classNameOf(value));
  if (value.kind !== 'object' || view === undefined || wrappers > MOST_WRAPPERS) {
    throw new SerialError('type', `${classNameOf(value)} is no ${what} that is known`);
  }
  return view.see(fieldsOf(value, view.known), (inner) => {
    const seen = see(inner, views, what, wrappers + 1);
    if (seen === null) throw corrupt(`${classNameOf(value)} around nothing`);
    return seen;
  });
}

/** What stands behind the block data at the beginning, which must be as many values as it says. */
function counted(custom: readonly Content[], count: number): readonly JavaValue[] {
  blockOf(custom[0], 4);
  const values = valuesOf(custom.slice(1));
  if (values.length !== count) throw corrupt(`a collection of ${count} values with ${values.length}`);
  return values;
}

function immutable({ custom, number }: FieldReader, tag: number, what: string): readonly JavaValue[] {
  if ((number('tag') & 0xff) !== tag) throw new SerialError('type', `java.util.CollSer is no ${what} here`);
  return counted(custom, blockOf(custom[0], 4).readInt32BE(0));
}

function untilNulls(custom: readonly Content[]): Entries {
  const values = valuesOf(custom);
  if (values.length < 2 || values.at(-1) !== null || values.at(-2) !== null) {
    throw corrupt('a ConcurrentHashMap without an end');
  }
  return pairs(values.slice(0, -2));
}

function pairs(values: readonly JavaValue[]): Entries {
  if (values.length % 2 !== 0) throw corrupt('a map with a key and no value');
  const entries: (readonly [JavaValue, JavaValue])[] = [];
  for (let index = 0; index < values.length; index += 2) {
    entries.push([values[index] ?? null, values[index + 1] ?? null]);
  }
  return entries;
}

function valuesOf(custom: readonly Content[]): JavaValue[] {
  return custom.map((content) => {
    if (isValue(content)) return content;
    throw corrupt('block data within a collection');
  });
}

function elementsOf(value: JavaValue): readonly JavaValue[] {
  if (value?.kind === 'array' && value.bytes === undefined) return value.elements;
  throw corrupt('a list without an array');
}
