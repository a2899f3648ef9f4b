import assert from 'node:assert/strict';
import { serializable } from '../../../../../src/pipeline/rmi/serial/classDescs.ts';
import { SerialError } from '../../../../../src/pipeline/rmi/serial/errors.ts';
import { classData } from '../../../../../src/pipeline/rmi/serial/fields.ts';
import type { JavaValue } from '../../../../../src/pipeline/rmi/serial/model.ts';
import { javaArrayList, javaBytes, javaString } from '../../../../../src/pipeline/rmi/serial/values.ts';
import { readStream, writeStream } from '../streams.ts';

const HEADER = 'aced0005';

function read(hex: string): unknown {
  return readStream(Buffer.from(HEADER + hex, 'hex'));
}

function limited(limit: 'bytes' | 'items' | 'depth' | 'arrayLength', most: number, value: JavaValue): void {
  const bytes = writeStream([value]);
  readStream(bytes, { [limit]: most });
  assert.throws(() => readStream(bytes, { [limit]: most - 1 }), { name: 'SerialError', kind: 'limit' });
}

describe('what an object stream may ask for', () => {
  it('is bounded in bytes', () => {
    const bytes = writeStream([javaString('x'.repeat(100))]);
    limited('bytes', bytes.length, javaString('x'.repeat(100)));
  });

  it('is bounded in items', () => {
    // The list; its class, with a field, no codebase and no superclass; its capacity; its elements.
    limited('items', 1 + 4 + 1 + 4, javaArrayList([null, null, null, null]));
  });

  it('is bounded in depth, as Java counts it', () => {
    let value: JavaValue = null;
    for (let depth = 0; depth < 20; depth++) value = javaArrayList([value]);
    limited('depth', 20, value);
  });

  it('is bounded in the length of arrays, before there is room for one', () => {
    limited('arrayLength', 300, javaBytes(new Uint8Array(300)));
    const huge = `7572${'00025b42'}acf317f8060854e00200007078707fffffff`;
    assert.throws(() => read(huge), { kind: 'limit', message: /2147483647 elements/ });
  });

  it('takes no memory for lengths that are only said', () => {
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => readStream(Buffer.from(`${HEADER}7c0000000000f00000`, 'hex')), /bytes are missing/);
    assert.throws(() => readStream(Buffer.from(`${HEADER}7a00f00000`, 'hex')), /bytes are missing/);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1e6);
  });

  it('holds classes within classes within bounds, too', () => {
    let superDesc = serializable({ name: 'a.Class', suid: 1n });
    for (let depth = 0; depth < 1000; depth++)
      superDesc = serializable({ name: 'a.Class', suid: 1n, superDesc });
    const object = { kind: 'object', desc: superDesc, levels: [] } as const;
    assert.throws(() => readStream(writeStream([object])), { kind: 'limit' });
  });

  it('tells of the memory it takes', () => {
    let charged = 0;
    const bytes = writeStream([javaArrayList(Array<null>(1000).fill(null))]);
    readStream(bytes, {}, { charge: (more) => (charged += more) });
    assert.ok(charged > 1000 * 100 && charged < 1000 * 1000, String(charged));
  });

  it('asks about each class but those of arrays', () => {
    const names: string[] = [];
    const mapClass = serializable({ name: 'a.Map', suid: 1n, fields: ['L list Ljava/util/List;'] });
    const list = javaArrayList([javaBytes(Buffer.of(1))]);
    const object = { kind: 'object', desc: mapClass, levels: [classData(mapClass, { list })] } as const;
    readStream(writeStream([object]), {}, { checkClass: (name) => names.push(name) });
    assert.deepEqual(names, ['a.Map', 'java.util.ArrayList']);
  });
});

describe('what is no object stream', () => {
  const wrong = {
    'another header': ['aced0006', /invalid stream header: ACED0006/],
    'an unknown type code': [`${HEADER}6f`, /invalid type code: 6F/],
    'a reference to nothing': [`${HEADER}71007e0000`, /reference to nothing/],
    'a negative reference': [`${HEADER}7100000000`, /reference to nothing/],
    'an end mark without a beginning': [`${HEADER}78`, /invalid type code: 78/],
    'block data of negative length': [`${HEADER}7affffffff`, /negative length/],
    'a text of negative length': [`${HEADER}7cffffffffffffffff`, /negative length/],
    'an object of a text': [`${HEADER}7374000141`, /no class where one is expected/],
    'an object without a class': [`${HEADER}7370`, /without a class/],
    'an array of a class that is none of an array': [
      `${HEADER}757200014100000000000000010200007870`,
      /whose class is none of an array/,
    ],
    'an enum of a class that is no enum': [`${HEADER}7e7200014100000000000000010200007870`, /is no enum/],
    'a field of an unknown type': [`${HEADER}7372000141000000000000000102000151000161`, /field of type Q/],
    'objects before primitives': [
      `${HEADER}73720001410000000000000001020002${'4c00016174000141'}${'49000162'}7870`,
      /illegal field order/,
    ],
    'data whose end cannot be found': [
      `${HEADER}73720001410000000000000001040000${'7870'}`,
      /end cannot be found/,
    ],
    'an object of a class that is not serializable': [
      `${HEADER}73720001410000000000000001000000${'7870'}`,
      /not serializable/,
    ],
    'a class that is its own superclass': [
      `${HEADER}73720001410000000000000001020000${'7871007e0000'}`,
      /made of itself/,
    ],
    'a reset within an object': [`${HEADER}737200014100000000000000010300007870${'79'}`, /reset within/],
    'a proxy of too many interfaces': [`${HEADER}737d7fffffff`, /2147483647 interfaces/],
    'an object cut off by its sender': [
      `${HEADER}737200014100000000000000010300007870${'7b70'}`,
      /the sender failed while it wrote: null/,
    ],
  } as const;
  for (const [what, [hex, message]] of Object.entries(wrong)) {
    it(`is ${what}`, () => {
      assert.throws(
        () => readStream(Buffer.from(hex, 'hex')),
        (error) => error instanceof SerialError && message.test(error.message),
      );
    });
  }

  it('is none of these: a reset, an exception in place of the rest, data of an externalizable class', () => {
    const contents = readStream(
      Buffer.from(
        `${HEADER}740001${'41'}79740001${'41'}7b740001${'42'}${'737200014100000000000000010c00007870'}7701ff78`,
        'hex',
      ),
    );
    assert.deepEqual(
      contents.map((content) => content?.kind),
      ['string', 'reset', 'string', 'exception', 'object'],
    );
    assert.equal(contents[3]?.kind === 'exception' && contents[3].thrown?.kind, 'string');
    assert.deepEqual(contents[4]?.kind === 'object' && contents[4].levels[0]?.custom, [
      { kind: 'block', bytes: Buffer.of(0xff) },
    ]);
  });
});
