import assert from 'node:assert/strict';
import { asciiJson, parseJson } from '../../../../src/sandbox/server/wire/jsonText.ts';
import {
  bind,
  bool,
  int,
  intList,
  optional,
  required,
  str,
  withDefault,
} from '../../../../src/sandbox/server/wire/parameters.ts';
import { pythonBytes, pythonLiteral, utf8Problem } from '../../../../src/sandbox/server/wire/pythonText.ts';
import { parseRange } from '../../../../src/sandbox/server/files/sendFile.ts';
import { isSafeName } from '../../../../src/sandbox/server/files/fileNames.ts';

describe('arguments of the sandbox’s calls', () => {
  const declaration = {
    job_ids: required(intList),
    code: optional(int),
    flag: withDefault(bool, false),
    name: withDefault(str, ''),
  };
  const message = (given: Record<string, unknown>, cast = false): string => {
    const bound = bind(declaration, new Map(Object.entries(given)), cast);
    return bound.ok ? JSON.stringify(bound.values) : bound.message;
  };
  const cases: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ job_ids: [1, 2] }, '{"job_ids":[1,2],"code":null,"flag":false,"name":""}'],
    [{ job_ids: [true], code: null }, '{"job_ids":[1],"code":null,"flag":false,"name":""}'],
    [{}, "Argument error: missing a required argument: 'job_ids'"],
    [{ job_ids: [], x: 1 }, "Argument error: got an unexpected keyword argument 'x'"],
    [{ job_ids: [], toString: 1 }, "Argument error: got an unexpected keyword argument 'toString'"],
    [{ job_ids: 1 }, "Type error: 'job_ids' must be of type list, got int."],
    [{ job_ids: null }, "Type error: 'job_ids' must be of type list, got NoneType."],
    [{ job_ids: [1.5] }, "Type error: All elements in 'job_ids' must be int."],
    [{ job_ids: [], code: '9' }, "Type error: 'code' must be of type int, got str."],
    [{ job_ids: [], code: {} }, "Type error: 'code' must be of type int, got dict."],
    [{ job_ids: [], flag: 'True' }, "Type error: 'flag' must be of type bool, got str."],
  ];
  for (const [given, expected] of cases) {
    it(`of a body: ${JSON.stringify(given)}`, () => assert.equal(message(given), expected));
  }

  const queries: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ job_ids: '999.7' }, '{"job_ids":[999],"code":null,"flag":false,"name":""}'],
    [
      { job_ids: ['1', '2'], flag: 'TRUE', name: 'None' },
      '{"job_ids":[1,2],"code":null,"flag":true,"name":"None"}',
    ],
    [
      { job_ids: '1,2' },
      "Type error: 'job_ids' with value '['1,2']' could not be casted to type List from list.",
    ],
    [
      { job_ids: '1', code: 'abc' },
      "Type error: 'code' with value 'abc' could not be casted to type int from str.",
    ],
    [
      { job_ids: '1', code: ['5', '6'] },
      "Type error: 'code' with value '['5', '6']' could not be casted to type int from list.",
    ],
  ];
  for (const [given, expected] of queries) {
    it(`of a query: ${JSON.stringify(given)}`, () => assert.equal(message(given, true), expected));
  }
});

describe('texts on the wire', () => {
  it('says what is wrong with JSON as Python does', () => {
    const complaints: readonly (readonly [string, string])[] = [
      ['', 'Expecting value: line 1 column 1 (char 0)'],
      ['{"a": [1', "Expecting ',' delimiter: line 1 column 9 (char 8)"],
      ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
      ['{a: 1}', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
      ['["a', 'Unterminated string starting at: line 1 column 2 (char 1)'],
      ['[1]\n[2]', 'Extra data: line 2 column 1 (char 4)'],
      ['['.repeat(5000), 'Expecting value: line 1 column 402 (char 401)'],
    ];
    for (const [text, message] of complaints) assert.deepEqual(parseJson(text), { ok: false, message });
  });

  it('writes JSON in ASCII', () => {
    const value = { note: 'été ☃ 😀' };
    assert.match(asciiJson(value), /^[\x20-\x7e]+$/u);
    assert.deepEqual(JSON.parse(asciiJson(value)), value);
  });

  it('writes Python literals', () => {
    const value = { a: [true, null, 1.5, "it's", 'a\nb', 'q"\''] };
    assert.equal(pythonLiteral(value), `{'a': [True, None, 1.5, "it's", 'a\\nb', 'q"\\'']}`);
    assert.equal(pythonBytes(Buffer.from('{"')), `b'{"'`);
  });

  it('finds what is not UTF-8', () => {
    assert.equal(utf8Problem(Buffer.from('été ☃ 😀')), undefined);
    const start = "'utf-8' codec can't decode byte 0x8b in position 1: invalid start byte";
    assert.equal(utf8Problem(Uint8Array.of(0x1f, 0x8b)), start);
    assert.match(utf8Problem(Uint8Array.of(0xe2, 0x28)) ?? '', /invalid continuation byte/u);
    assert.match(utf8Problem(Uint8Array.of(0xe2)) ?? '', /unexpected end of data/u);
  });

  it('reads ranges', () => {
    assert.deepEqual(parseRange('bytes=2-4', 10), [2, 4]);
    assert.deepEqual(parseRange('bytes=2-', 10), [2, 9]);
    assert.deepEqual(parseRange('bytes=-3', 10), [7, 9]);
    assert.deepEqual(parseRange('bytes=2-99', 10), [2, 9]);
    assert.equal(parseRange('bytes=10-', 10), 'beyond');
    assert.equal(parseRange('bytes=5-2', 10), undefined);
    assert.equal(parseRange('lines=1-2', 10), undefined);
    assert.equal(parseRange(undefined, 10), undefined);
  });

  it('takes names of files, not ways to them', () => {
    for (const name of ['jobO.1.tar.gz', 'été', 'a b']) assert.ok(isSafeName(name), name);
    for (const name of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a\0b', 'a\nb', 'x'.repeat(300)]) {
      assert.ok(!isSafeName(name), JSON.stringify(name));
    }
  });
});
