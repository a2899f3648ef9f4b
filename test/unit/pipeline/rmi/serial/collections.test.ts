import assert from 'node:assert/strict';
import { serializable } from '../../../../../src/pipeline/rmi/serial/classDescs.ts';
import { listOf, mapOf } from '../../../../../src/pipeline/rmi/serial/collections.ts';
import { classData } from '../../../../../src/pipeline/rmi/serial/fields.ts';
import { isValue } from '../../../../../src/pipeline/rmi/serial/inspect.ts';
import { ARRAY_LIST } from '../../../../../src/pipeline/rmi/serial/javaClasses.ts';
import type { ClassData, JavaObject, JavaValue } from '../../../../../src/pipeline/rmi/serial/model.ts';
import {
  block,
  javaArrayList,
  javaHashMap,
  javaString,
  stringOf,
} from '../../../../../src/pipeline/rmi/serial/values.ts';
import { writeLinkedHashMap } from '../../../../../src/pipeline/rmi/serial/writtenValues.ts';
import { recordedMessages } from '../captures.ts';
import { readStream, sent, written } from '../streams.ts';

/** The first argument of the call of a method in a capture. */
function argumentIn(capture: string, method: string): JavaValue {
  const call = recordedMessages(capture).find(({ what }) => what === `JobControl.${method}`);
  assert.ok(call !== undefined, capture);
  const content = readStream(call.bytes.subarray(1))[1];
  assert.ok(content !== undefined && isValue(content));
  return content;
}

function texts(values: readonly JavaValue[] | null): unknown {
  return values?.map(stringOf);
}

function fieldOfJob(job: JavaValue, name: string): JavaValue {
  assert.ok(job?.kind === 'object');
  const [level] = job.levels;
  const names = level?.desc.fields.filter(({ type }) => type === 'L').map((field) => field.name) ?? [];
  return level?.references[names.indexOf(name)] ?? null;
}

function mapTexts(value: JavaValue): unknown {
  return mapOf(value)?.map(([key, one]) => [stringOf(key), stringOf(one)]) ?? null;
}

describe('lists that Java programs send', () => {
  const one = ['1810000001'];
  const two = [...one, '999'];
  const three = [...two, '1810000002'];
  const lists: Readonly<Record<string, readonly string[]>> = {
    'jdk17-arrayStatus-object': three,
    'jdk17-arrayStatus-asList-object': one,
    'jdk17-arrayStatus-empty-object': [],
    'jdk17-arrayStatus-emptylist-object': [],
    'jdk17-arrayStatus-linkedlist-object': two,
    'jdk17-arrayStatus-listof-object': two,
    'jdk17-arrayStatus-singleton-object': one,
    'jdk17-arrayStatus-sublist-copy-object': [...one, ...one],
    'jdk17-arrayStatus-synchronized-object': one,
    'jdk17-arrayStatus-unmodifiable-object': two,
    'jdk17-arrayStatus-vector-object': one,
  };
  for (const [capture, expected] of Object.entries(lists)) {
    it(`are read: ${capture}`, () => {
      assert.deepEqual(texts(listOf(argumentIn(capture, 'arrayStatus'))), expected);
    });
  }
});

describe('maps that Java programs send', () => {
  const TASK = ['PIPELINE_TASK', 'DESC-phosim'];
  const STREAM = ['PIPELINE_STREAM', '7'];
  const INSTANCE = ['PIPELINE_PROCESSINSTANCE', '12345678'];
  const WRAPPER = ['pipeline_wrapper', '#!/bin/bash\nexec "$@"\n'];
  const jobs: Readonly<Record<string, { readonly env: unknown; readonly files: unknown }>> = {
    concurrenthashmap: { env: [STREAM, TASK, INSTANCE], files: [WRAPPER] },
    'hashtable-properties': { env: [TASK, STREAM, INSTANCE], files: [['a', 'b']] },
    linkedhashmap: { env: [STREAM, TASK, INSTANCE], files: [WRAPPER] },
    mapof: {
      env: [
        ['A', '1'],
        ['B', '2'],
      ],
      files: [['f', '1']],
    },
    minimal: { env: [], files: [] },
    'null-values': {
      env: [
        [null, 'B'],
        ['A', null],
      ],
      files: [WRAPPER],
    },
    nulls: { env: null, files: null },
    'shared-strings': { env: [STREAM, ['A', 'same'], ['B', 'same'], TASK, INSTANCE], files: [WRAPPER] },
    'synchronized-empty': { env: [TASK, STREAM, INSTANCE], files: [] },
    treemap: { env: [INSTANCE, STREAM, TASK], files: [] },
    unicode: { env: [STREAM, ['NUL', 'a\0b'], TASK, INSTANCE], files: [WRAPPER] },
    unmodifiable: { env: [STREAM, TASK, INSTANCE], files: [['f', '1']] },
  };
  for (const [capture, expected] of Object.entries(jobs)) {
    it(`are read: ${capture}`, () => {
      const job = argumentIn(`jdk17-submit-${capture}-object`, 'submit');
      const maps = { env: mapTexts(fieldOfJob(job, 'env')), files: mapTexts(fieldOfJob(job, 'files')) };
      assert.deepEqual(maps, expected);
    });
  }
});

describe('collections', () => {
  const one = javaString('one');

  it('are written as Java reads them, and read back', () => {
    const elements = Array.from({ length: 100 }, (_, index) => javaString(String(index)));
    assert.deepEqual(listOf(sent(javaArrayList(elements))), elements);
    const entries = elements.map((element) => [element, null] as const);
    assert.deepEqual(mapOf(sent(javaHashMap(entries))), entries);
    const linked = written((writer) =>
      writeLinkedHashMap(writer, entries.length, () => entries.flat().forEach((one) => writer.value(one))),
    );
    assert.deepEqual(mapOf(linked), entries);
    assert.deepEqual(mapOf(sent(javaHashMap([]))), []);
  });

  it('are null where null was sent', () => {
    assert.equal(listOf(null), null);
    assert.equal(mapOf(null), null);
  });

  it('are of no other class', () => {
    const stranger = serializable({ name: 'a.List', suid: 1n, superDesc: ARRAY_LIST });
    const list: JavaObject = { ...javaArrayList([one]), desc: stranger };
    assert.throws(() => listOf(sent(list)), { kind: 'type', message: 'a.List is no list that is known' });
    assert.throws(() => mapOf(javaArrayList([])), { kind: 'type', message: /ArrayList is no map/ });
    assert.throws(() => listOf(one), { kind: 'type', message: /String is no list/ });
  });

  it('are of the version that is known', () => {
    const other = serializable({ name: ARRAY_LIST.name, suid: 1n, writes: true, fields: ['I size'] });
    const list = objectOf(other, [classData(other, { size: 0 }, [block(Buffer.alloc(4))])]);
    assert.throws(() => listOf(list), { kind: 'version', message: /serialVersionUID = 1, local/ });
  });

  it('have as many elements as they say', () => {
    const list = objectOf(ARRAY_LIST, [classData(ARRAY_LIST, { size: 2 }, [block(Buffer.alloc(4)), one])]);
    assert.throws(() => listOf(list), { kind: 'corrupt', message: /2 values with 1/ });
  });

  it('that wrap themselves are refused', () => {
    const desc = serializable({
      name: 'java.util.Collections$UnmodifiableMap',
      suid: -1034234728574286014n,
      fields: ['L m Ljava/util/Map;'],
    });
    const levels: ClassData[] = [];
    const map = objectOf(desc, levels);
    levels.push(classData(desc, { m: map }));
    assert.throws(() => mapOf(map), { kind: 'type' });
  });

  it('that hold block data among their elements are refused', () => {
    const custom = [block(Buffer.alloc(4)), block(Buffer.alloc(4))];
    const list = objectOf(ARRAY_LIST, [classData(ARRAY_LIST, { size: 1 }, custom)]);
    assert.throws(() => listOf(list), { kind: 'corrupt' });
  });

  function objectOf(desc: JavaObject['desc'], levels: readonly ClassData[]): JavaObject {
    return { kind: 'object', desc, levels };
  }
});
