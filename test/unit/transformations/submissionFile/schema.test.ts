import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse, stringify } from 'yaml';
import {
  readSubmissionFile,
  submissionFileSchema,
} from '../../../../src/transformations/submissionFile/index.ts';
import { examples } from './examples.ts';

type Data = Record<string, unknown>;

/** Ways to spoil a submission. */
const mutations: readonly (readonly [string, (data: Data) => void])[] = [
  ['no transformation', (data) => delete data.transformation],
  ['an unknown transformation', (data) => (data.transformation = 'phosym')],
  ['an unknown key', (data) => (data.sites = 'X')],
  ['no name', (data) => (data.name = null)],
  ['an empty name', (data) => (data.name = '')],
  ['a name of two lines', (data) => (data.name = 'a\nb')],
  ['a long name', (data) => (data.name = 'x'.repeat(201))],
  ['a file that is a list', (data) => (data.file = ['a'])],
  ['a site that is a mapping', (data) => (data.site = { a: 1 })],
  ['no site in a list', (data) => (data.site = [])],
  ['resources that are a list', (data) => (data.resources = [1])],
  ['half a core', (data) => (data.resources = { cores: 0.5 })],
  ['no core', (data) => (data.resources = { cores: 0 })],
  ['cores as a word', (data) => (data.resources = { cores: 'two' })],
  ['memory without a unit that exists', (data) => (data.resources = { memory: '4X' })],
  ['no memory', (data) => (data.resources = { memory: '0G' })],
  ['negative memory', (data) => (data.resources = { memory: -1 })],
  ['memory as yes', (data) => (data.resources = { memory: true })],
  ['a time that is none', (data) => (data.resources = { walltime: 'soon' })],
  ['half a second', (data) => (data.resources = { walltime: 0.5 })],
  ['an unknown resource', (data) => (data.resources = { gpus: 1 })],
  ['parameters that are a list', (data) => (data.parameters = ['a'])],
  ['a parameter in capitals', (data) => (data.parameters = { Sensor: 'all' })],
  ['a parameter that is a mapping', (data) => (data.parameters = { sensor: { a: 1 } })],
  ['arguments as one text', (data) => (data.arguments = '--a b')],
  ['an argument that is a list', (data) => (data.arguments = [['a']])],
  ['an argument that is nothing', (data) => (data.arguments = [null])],
  ['an output of two lines', (data) => (data.outputs = ['a\nb'])],
  ['a sweep that is a list', (data) => (data.sweep = [])],
  ['a sweep of nothing known', (data) => (data.sweep = { sensors: ['a'] })],
  ['a sweep of no values', (data) => (data.sweep = { parameters: { a: [] } })],
  ['a sweep of one text', (data) => (data.sweep = { parameters: { a: 'b' } })],
  ['a range without an end', (data) => (data.sweep = { parameters: { a: { from: 1 } } })],
  ['a range of words', (data) => (data.sweep = { parameters: { a: { from: 'a', to: 'b' } } })],
  ['a range with more', (data) => (data.sweep = { parameters: { a: { from: 1, to: 2, by: 1 } } })],
  ['a parameter of a bad name', (data) => (data.sweep = { parameters: { 'a b': [1] } })],
  ['no repetition', (data) => (data.sweep = { repeat: 0 })],
  ['too many repetitions', (data) => (data.sweep = { repeat: 100_001 })],
  ['a staging folder that climbs', (data) => (data.staging = { folder: '../x' })],
  ['a staging folder from the root', (data) => (data.staging = { folder: '/x' })],
  ['unknown staging', (data) => (data.staging = { bucket: 'x' })],
];

describe('the schema of submission files', () => {
  const schema: unknown = JSON.parse(
    readFileSync(new URL('../../../../media/panda-submission.schema.json', import.meta.url), 'utf8'),
  );
  const valid = new Ajv({ allErrors: false, allowUnionTypes: true, strict: 'log', logger: false }).compile(
    submissionFileSchema(),
  );
  const isRead = (text: string): boolean => readSubmissionFile(text).description !== undefined;

  it('is the one that is shipped', () => {
    assert.deepEqual(schema, submissionFileSchema());
  });

  it('takes every example of the documentation, as reading does', () => {
    assert.ok(examples.length >= 7);
    for (const text of examples) {
      assert.ok(valid(parse(text)), `${JSON.stringify(valid.errors)} in\n${text}`);
      assert.deepEqual(readSubmissionFile(text).diagnostics, [], text);
    }
  });

  for (const [what, spoil] of mutations) {
    it(`refuses ${what}, as reading does`, () => {
      for (const text of examples) {
        const data = parse(text) as Data;
        spoil(data);
        assert.equal(valid(data), false, `the schema takes\n${stringify(data)}`);
        assert.equal(isRead(stringify(data)), false, `reading takes\n${stringify(data)}`);
      }
    });
  }
});
