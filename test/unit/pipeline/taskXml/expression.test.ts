import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expand, inspect } from '../../../../src/pipeline/taskXml/expression.ts';
import { format } from '../../../../src/pipeline/taskXml/format.ts';
import type { Value } from '../../../../src/pipeline/taskXml/values.ts';

const VALUES = new Map<string, Value>([
  ['SITE', 'NERSC'],
  ['OPTIONS', '-p x'],
  ['N', 7],
  ['TEXT', '12'],
  ['EMPTY', ''],
  ['pipeline.stream', 42],
]);

function expanded(text: string): string {
  return expand(text, (name) => VALUES.get(name)).text;
}

describe('expressions of task files', () => {
  it('are worked out wherever they stand', () => {
    for (const [text, result] of [
      ['plain $ { }', 'plain $ { }'],
      ['/a/${SITE}/${N}.txt', '/a/NERSC/7.txt'],
      ['${format(pipeline.stream,"%06d")}', '000042'],
      ['${SITE=="NERSC" ? "CORIP" : SITE}', 'CORIP'],
      ['${SITE!="NERSC" ? "CORIP" : SITE}', 'NERSC'],
      ['${SITE=="NERSC" ? "${OPTIONS} -q" : " "}', '-p x -q'],
      ['${SITE=="SLAC" ? "${OPTIONS}" : " -c {2} "}', ' -c {2} '],
      ['${100000 / (SITE=="NERSC" ? 10 : 1)}', '10000'],
      ["${'a' + N}", 'a7'],
      ['${TEXT + 1 - -2 * 3 % 4}', '15'],
      ['${N >= 7 && !(TEXT < 3) || EMPTY}', 'true'],
      ['${EMPTY ? 1 : N == "7.0" ? 2 : 3}', '2'],
      ['${SITE', '${SITE'],
    ] as const) {
      assert.equal(expanded(text), result, text);
    }
  });

  it('stay as they are where they cannot be', () => {
    const { text, unknown, faults } = expand(
      '${NOBODY} ${SITE * 2} ${f(1)} ${1 +} ${N | 2} ${N / 0} ${N}',
      (name) => VALUES.get(name),
    );
    assert.equal(text, '${NOBODY} ${SITE * 2} ${f(1)} ${1 +} ${N | 2} ${N / 0} 7');
    assert.deepEqual(unknown, ['NOBODY']);
    assert.deepEqual(faults, [
      '"NERSC" is not a number',
      'there is no function f',
      'its end is missing',
      '| 2 is not understood',
      'it divides by 0',
    ]);
  });

  it('tell the names they use', () => {
    assert.deepEqual(inspect('${A=="x" ? "${B}" : format(C.d, "%d")} ${A} ${(}'), {
      names: ['A', 'B', 'C.d'],
      faults: ['its end is missing'],
    });
  });

  it('are bounded in depth', () => {
    assert.match(inspect(`\${${'('.repeat(100)}1${')'.repeat(100)}}`).faults[0] ?? '', /too deep/);
    assert.match(inspect(`\${${'-'.repeat(100)}1}`).faults[0] ?? '', /too deep/);
    assert.match(inspect(`\${${'1+'.repeat(50_000)}1}`).faults[0] ?? '', /too long/);
  });

  it('format as printf does', () => {
    for (const [value, form, result] of [
      [3, '%06d', '000003'],
      [-3, '%04d', '-003'],
      ['7', '%d', '7'],
      [3, '%-4d|', '3   |'],
      [3, '%+d', '+3'],
      [255, '%x', 'ff'],
      [1.005, '%.1f', '1.0'],
      ['abc', '%5s', '  abc'],
      [5, 'v%03dx', 'v005x'],
    ] as const) {
      assert.equal(format(value, form), result, form);
    }
    assert.throws(() => format(1, 'no form'), /not understood/);
    assert.throws(() => format('x', '%d'), /not a number/);
  });

  it('never throw, whatever stands there', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'${}()?:"\' +-*/%=!<>&|,.a1fN'), maxLength: 60 }),
        (text) => {
          inspect(text);
          expanded(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});
