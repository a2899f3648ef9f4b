import assert from 'node:assert/strict';
import { enumClass, serializable } from '../../../../../src/pipeline/rmi/serial/classDescs.ts';
import { ContentCursor } from '../../../../../src/pipeline/rmi/serial/contentCursor.ts';
import { classData, fieldsOf } from '../../../../../src/pipeline/rmi/serial/fields.ts';
import { FILE } from '../../../../../src/pipeline/rmi/serial/javaClasses.ts';
import type {
  ClassDesc,
  JavaClass,
  JavaObject,
  JavaString,
} from '../../../../../src/pipeline/rmi/serial/model.ts';
import {
  block,
  bytesOf,
  dateOf,
  enumOf,
  fileOf,
  javaBytes,
  javaEnum,
  javaFile,
  javaString,
  javaStringArray,
  stringOf,
} from '../../../../../src/pipeline/rmi/serial/values.ts';
import { javaDate, sent, writeStream } from '../streams.ts';

describe('values in object streams', () => {
  it('come back as they were sent', () => {
    for (const text of ['', 'é€😀\0', 'x'.repeat(70_000)])
      assert.equal(stringOf(sent(javaString(text))), text);
    for (const at of [0, -1, 1382356800123, 8.64e15]) assert.equal(dateOf(javaDate(at)), at);
    assert.equal(fileOf(sent(javaFile('/data/desc é'))), '/data/desc é');
    assert.deepEqual(bytesOf(sent(javaBytes(Buffer.of(0, 128, 255)))), Buffer.of(0, 128, 255));
    assert.equal(enumOf(sent(javaEnum(enumClass('a.Color'), 'RED')), enumClass('a.Color'), ['RED']), 'RED');
  });

  it('are null where null was sent', () => {
    assert.deepEqual(
      [
        javaString(null),
        javaDate(null),
        javaFile(null),
        javaBytes(null),
        javaEnum(enumClass('a.Color'), null),
      ],
      [null, null, null, null, null],
    );
    const nulls = [
      stringOf(null),
      dateOf(null),
      fileOf(null),
      bytesOf(null),
      enumOf(null, enumClass('a'), []),
    ];
    assert.deepEqual(nulls, [null, null, null, null, null]);
  });

  it('are not taken for what they are not', () => {
    const wrong = [
      () => stringOf(javaDate(0)),
      () => dateOf(javaString('0')),
      () => fileOf(javaDate(0)),
      () => bytesOf(javaStringArray([])),
      () => enumOf(javaEnum(enumClass('a.Color'), 'RED'), enumClass('a.Shade'), ['RED']),
    ];
    for (const read of wrong) assert.throws(read, { name: 'SerialError', kind: 'type' });
    const red = javaEnum(enumClass('a.Color'), 'RED');
    assert.throws(() => enumOf(red, enumClass('a.Color'), ['BLUE']), { kind: 'version', message: /RED/ });
  });

  it('read paths of machines that separate names otherwise', () => {
    const path = { path: javaString('C:\\data\\x') };
    const levels = [classData(FILE, path, [block(Buffer.from('005c', 'hex'))])];
    assert.equal(fileOf({ kind: 'object', desc: FILE, levels }), 'C:/data/x');
  });

  it('keep what numbers cannot: kinds of NaN, and booleans beyond 1', () => {
    const desc = serializable({ name: 'a.Odd', suid: 1n, fields: ['D d', 'F f', 'Z z'] });
    const primitives = Buffer.from('7ff0000000000001' + '7fa00001' + '07', 'hex');
    const odd: JavaObject = {
      kind: 'object',
      desc,
      levels: [{ desc, primitives, references: [], custom: undefined }],
    };
    assert.deepEqual(sent(odd).levels[0]?.primitives, primitives);
  });
});

describe('fields', () => {
  const known = serializable({
    name: 'a.Known',
    suid: 1n,
    fields: ['B b', 'C c', 'D d', 'F f', 'I i', 'J j', 'S s', 'Z z', 'L text Ljava/lang/String;'],
  });
  const made = (shape: readonly string[], values: Parameters<typeof classData>[1], suid = 1n): JavaObject => {
    const desc = serializable({ name: 'a.Known', suid, fields: shape });
    return { kind: 'object', desc, levels: [classData(desc, values)] };
  };

  it('are of each type', () => {
    const values = { b: -1, c: 0x20ac, d: Math.PI, f: 0.5, i: -5, j: -(2n ** 63n), s: -300, z: true };
    const object: JavaObject = {
      kind: 'object',
      desc: known,
      levels: [classData(known, { ...values, text: javaString('x') })],
    };
    const fields = fieldsOf(sent(object), known);
    const numbers = Object.fromEntries(
      ['b', 'c', 'd', 'f', 'i', 's'].map((name) => [name, fields.number(name)]),
    );
    assert.deepEqual({ ...numbers, j: fields.long('j'), z: fields.boolean('z') }, values);
    assert.equal(stringOf(fields.value('text')), 'x');
  });

  it('may be missing, more, and in another order', () => {
    const fields = fieldsOf(made(['J more', 'I i', 'L other Ljava/lang/Object;'], { i: 7 }), known);
    assert.deepEqual([fields.number('i'), fields.long('j'), fields.boolean('z')], [7, 0n, false]);
    assert.equal(fields.value('text'), null);
  });

  it('may not be of another type, nor of another version', () => {
    const fields = fieldsOf(made(['J i'], { i: 7n }), known);
    assert.throws(() => fields.number('i'), { kind: 'version', message: /incompatible types for field i/ });
    assert.throws(() => fieldsOf(made([], {}, 2n), known), { kind: 'version' });
  });
});

describe('data that a class wrote itself', () => {
  it('is read across pieces of block data', () => {
    const cursor = new ContentCursor([
      block(Buffer.from('0001', 'hex')),
      block(Buffer.from('4100', 'hex')),
      block(Buffer.from('000007', 'hex')),
      javaString('x'),
      null,
    ]);
    assert.equal(cursor.utf(), 'A');
    assert.equal(cursor.read('I'), 7);
    assert.equal(stringOf(cursor.value()), 'x');
    assert.equal(cursor.atEnd, false);
    assert.equal(cursor.read('L'), null);
    assert.ok(cursor.atEnd);
    assert.throws(() => cursor.value(), { kind: 'corrupt' });
    assert.throws(() => cursor.primitive('B'), { kind: 'corrupt' });
  });

  it('has no object where block data is', () => {
    const cursor = new ContentCursor([block(Buffer.of(1))]);
    assert.throws(() => cursor.value(), { kind: 'corrupt' });
  });
});

describe('a class that was written before', () => {
  const OUTER = serializable({
    name: 'a.Outer',
    suid: 1n,
    fields: ['L one Ljava/lang/String;', 'L two Ljava/lang/String;'],
    superDesc: serializable({ name: 'a.Inner', suid: 2n, fields: ['L three Ljava/lang/String;'] }),
  });
  const object = (): JavaObject => ({
    kind: 'object',
    desc: OUTER,
    levels: [classData(OUTER.superDesc as ClassDesc), classData(OUTER)],
  });
  // As many handles as others take, and none of them of the class.
  const texts = (count: number): JavaString[] => Array.from({ length: count }, () => javaString('x'));
  const before = [
    { what: 'nothing', values: [] },
    { what: 'three texts', values: texts(3) },
    { what: 'four texts', values: texts(4) },
    { what: 'another object of it', values: [object()] },
    { what: 'a class that names the same types', values: [javaFile('/x')] },
    { what: 'its superclass', values: [{ kind: 'class', desc: OUTER.superDesc } as JavaClass] },
  ];

  for (const first of before) {
    for (const second of before) {
      it(`is written right behind ${second.what}, also where it was behind ${first.what}`, () => {
        writeStream([...first.values, object()]);
        const contents = [...second.values, object()];
        // A copy is of classes that nobody wrote yet.
        assert.deepEqual(writeStream(contents), writeStream(structuredClone(contents)));
      });
    }
  }

  it('is written right where its superclass, written before, refers to parts of itself', () => {
    const superDesc = serializable({
      name: 'a.Super',
      suid: 3n,
      fields: ['L one Ljava/lang/String;', 'L two Ljava/lang/String;'],
    });
    const desc = serializable({ name: 'a.Sub', suid: 4n, fields: ['I size'], superDesc });
    const classOf = (one: ClassDesc): JavaClass => ({ kind: 'class', desc: one });
    // First the superclass with the handle that it has behind the class, then the class, then the class elsewhere.
    const streams = [
      [javaString('x'), classOf(superDesc)],
      [classOf(desc)],
      [javaString('x'), classOf(desc)],
    ];
    for (const contents of streams) {
      assert.deepEqual(writeStream(contents), writeStream(structuredClone(contents)));
    }
  });
});
