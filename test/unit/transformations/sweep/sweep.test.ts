import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseParameterTable } from '../../../../src/transformations/sweep/parameterTable.ts';
import { createSweep } from '../../../../src/transformations/sweep/sweep.ts';
import {
  fillTemplate,
  isTemplate,
  literalTemplate,
  namesIn,
} from '../../../../src/transformations/sweep/template.ts';

describe('a sweep', () => {
  it('makes every combination, the last axis fastest', () => {
    const sweep = createSweep([
      { kind: 'list', name: 'filter', values: ['g', 'r'] },
      {
        kind: 'table',
        columns: ['a', 'b'],
        rows: [
          ['1', '2'],
          ['3', '4'],
        ],
      },
      { kind: 'range', name: 'n', from: 1, to: 2, step: 1 },
    ]);
    assert.equal(sweep.count, 8);
    assert.deepEqual(sweep.names, ['filter', 'a', 'b', 'n']);
    const all = Array.from({ length: 8 }, (_, index) => Object.values(sweep.at(index)).join(''));
    assert.deepEqual(all, ['g121', 'g122', 'g341', 'g342', 'r121', 'r122', 'r341', 'r342']);
    assert.throws(() => sweep.at(8), RangeError);
    assert.throws(() => sweep.at(-1), RangeError);
  });

  it('is one combination of nothing without axes', () => {
    assert.equal(createSweep([]).count, 1);
    assert.deepEqual(createSweep([]).at(0), {});
  });

  it('keeps nothing of what it makes, however much that is', () => {
    const side = { kind: 'range', from: 1, to: 1e6, step: 1 } as const;
    const sweep = createSweep([
      { ...side, name: 'a' },
      { ...side, name: 'b' },
    ]);
    assert.equal(sweep.count, 1e12);
    assert.deepEqual(sweep.at(1e12 - 1), { a: '1000000', b: '1000000' });
  });

  const ranges: readonly (readonly [from: number, to: number, step: number, values: string[]])[] = [
    [1, 3, 1, ['1', '2', '3']],
    [0.1, 0.3, 0.1, ['0.1', '0.2', '0.3']],
    [0, 1, 0.4, ['0.0', '0.4', '0.8']],
    [3, 1, -1, ['3', '2', '1']],
    [1, 3, -1, []],
    [1, 3, 0, []],
    [5, 5, 1, ['5']],
    [1e-7, 3e-7, 1e-7, ['0.0000001', '0.0000002', '0.0000003']],
    [Number.NaN, 1, 1, []],
    [1, Infinity, 1, []],
  ];
  for (const [from, to, step, values] of ranges) {
    it(`goes from ${from} to ${to} by ${step}`, () => {
      const sweep = createSweep([{ kind: 'range', name: 'x', from, to, step }]);
      assert.deepEqual(
        Array.from({ length: sweep.count }, (_, index) => sweep.at(index).x),
        values,
      );
    });
  }
});

describe('a template', () => {
  const fill = (text: string): string =>
    fillTemplate(text, { parameters: { a: '1', 'b-c': '{a}' }, number: 3 });

  it('takes the values of a job', () => {
    const table: readonly (readonly [string, string])[] = [
      ['--a={a}', '--a=1'],
      ['{b-c}', '{a}'],
      ['{{a}}', '{a}'],
      ['{"a": {a}}', '{"a": 1}'],
      ['{ a }', '{ a }'],
      ['{}', '{}'],
      ['%RNDM:100', '102'],
      ['x%RNDM:0-', 'x2-'],
      ['%RNDM', '%RNDM'],
      ['{{%RNDM:5}}', '%RNDM:5'],
      ['{toString}{__proto__}', '{toString}{__proto__}'],
      ['$(rm) `{a}`', '$(rm) `1`'],
    ];
    for (const [text, filled] of table) assert.equal(fill(text), filled);
  });

  it('names what it wants', () => {
    assert.deepEqual(namesIn('{a}{{b}} {c-d} {1} %RNDM:1'), ['a', 'c-d']);
    for (const text of ['{a}', '%RNDM:1', '{{a}}{a}']) assert.ok(isTemplate(text), text);
    for (const text of ['{{a', 'a', '{ a }', '{{a}}', '{{%RNDM:1}}']) assert.ok(!isTemplate(text), text);
  });

  it('can say any text as it is', () => {
    const unit = fc.constantFrom('{', '}', 'a', 'b-c', '%RNDM:', '7', ' ');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string()), (text) => {
        const literal = literalTemplate(text);
        assert.equal(fill(literal), text);
        assert.equal(isTemplate(literal), false);
        assert.deepEqual(namesIn(literal), []);
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves texts without marks as they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (!/[{%]/u.test(text)) assert.equal(fill(text), text);
        else fill(text);
      }),
    );
  });
});

describe('a parameter table', () => {
  const rows = (text: string): unknown => {
    const { columns, rows: values, diagnostics } = parseParameterTable(text);
    assert.deepEqual(diagnostics, []);
    return [columns, ...values];
  };

  it('reads CSV as RFC 4180 has it', () => {
    assert.deepEqual(rows('a,b\n1,2\n'), [
      ['a', 'b'],
      ['1', '2'],
    ]);
    assert.deepEqual(rows('\ufeffa,b\r\n1,"x, ""y"""\r\n,\r\n'), [
      ['a', 'b'],
      ['1', 'x, "y"'],
      ['', ''],
    ]);
    assert.deepEqual(rows('a\n"two\nlines"\n\n  \nlast'), [['a'], ['two\nlines'], ['last']]);
    assert.deepEqual(rows('"a", b \n 1 ,2'), [
      ['a', 'b'],
      [' 1 ', '2'],
    ]);
    assert.deepEqual(rows('a,b\n1,'), [
      ['a', 'b'],
      ['1', ''],
    ]);
  });

  const faults: readonly (readonly [string, ...string[]])[] = [
    ['', '1 empty-table'],
    ['a,b\n', '1 no-rows'],
    ['a,a\n1,2\n', '1 duplicate-column'],
    ['a,,1x\n1,2,3\n', '1 bad-column-name', '1 bad-column-name'],
    ['a,b\n1\n"x\ny",2\n1,2,3\n', '2 wrong-number-of-values', '5 wrong-number-of-values'],
    ['a\n"open\n', '2 bad-quotes'],
    ['a\n1"2\n', '2 bad-quotes'],
    ['a\n"1"2\n', '2 bad-quotes'],
    [`a\n${'1\n'.repeat(100_001)}`, '100002 too-many-rows'],
  ];
  for (const [text, ...expected] of faults) {
    it(`says where ${JSON.stringify(text.slice(0, 30))} is wrong`, () => {
      const { diagnostics } = parseParameterTable(text);
      assert.deepEqual(
        diagnostics.map(({ line, code }) => `${line} ${code}`),
        expected,
      );
    });
  }

  it('says what is wrong in words', () => {
    const message = (text: string): string => parseParameterTable(text).diagnostics[0]?.message ?? '';
    assert.equal(message('a,b\n1\n'), 'The row has 1 value, the table 2 columns.');
    assert.equal(message('a\n1,2\n'), 'The row has 2 values, the table 1 column.');
    assert.match(message('a;b\n1;2\n'), /separated by commas/);
    assert.match(message('a\tb\n1\t2\n'), /separated by commas/);
    assert.match(message('1a\n2\n'), /a letter first/);
  });

  it('reads back whatever is quoted', () => {
    const value = fc.string().filter((text) => text !== '\ufeff');
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 }), (values) => {
        const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const text = ['a,b', ...values.map((row) => row.map(quote).join(','))].join('\r\n');
        assert.deepEqual(parseParameterTable(text).rows, values);
      }),
    );
  });

  it('never throws, and ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ') }), (text) => {
        parseParameterTable(text);
      }),
      { numRuns: 2000 },
    );
    const begun = process.cpuUsage();
    parseParameterTable(`a\n"${'""'.repeat(1_000_000)}"\n`);
    parseParameterTable(`a\n"${'x'.repeat(10_000_000)}`);
    assert.ok(process.cpuUsage(begun).user < 5_000_000);
  });
});
