import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isSubmissionFile,
  readSubmissionFile,
  writeSubmissionFile,
} from '../../../../src/transformations/submissionFile/index.ts';
import type { SubmissionDescription } from '../../../../src/transformations/submissionFile/index.ts';
import { examples } from './examples.ts';

const read = (text: string): SubmissionDescription => {
  const { description, diagnostics } = readSubmissionFile(text);
  assert.deepEqual(diagnostics, []);
  assert.ok(description !== undefined);
  return description;
};

describe('a submission file', () => {
  it('is told by its name', () => {
    const names = ['a.panda.yaml', '/x/a.PANDA.YML', '.panda.yaml', 'panda.yaml', 'a.panda.yaml.txt'];
    assert.deepEqual(names.map(isSubmissionFile), [true, true, false, false, false]);
  });

  it('says what is to be submitted', () => {
    const text = `
transformation: phosim
file: cat.txt
name: trial
profile: usdf
site: [A, B]
resources: {cores: 2, memory: 1.5G, disk: 500, walltime: '1:30:00'}
parameters: {sensor: [R22, '90..98'], e2adc: 0}
arguments: [a b, 5, true, 007, 1.50, "", "{x}"]
outputs: []
sweep:
  repeat: 2
  parameters:
    x: [1, b]
    y: {from: 1, to: 2}
staging: {folder: a/b}
`;
    assert.deepEqual(read(text), {
      transformation: 'phosim',
      file: 'cat.txt',
      name: 'trial',
      profile: 'usdf',
      sites: ['A', 'B'],
      resources: { cores: 2, memoryMB: 1500, diskMB: 500, walltimeSeconds: 5400 },
      parameters: { sensor: ['R22', '90..98'], e2adc: ['0'] },
      arguments: ['a b', '5', 'true', '007', '1.50', '', '{x}'],
      outputs: [],
      inputs: [],
      sweep: [
        { kind: 'repeat', count: 2 },
        { kind: 'list', name: 'x', values: ['1', 'b'] },
        { kind: 'range', name: 'y', from: 1, to: 2, step: 1 },
      ],
      stagingFolder: 'a/b',
    });
  });

  const faults: readonly (readonly [string, number, number, RegExp])[] = [
    ['transformation: scrpt\n', 1, 17, /script is probably meant/],
    ['file: a\n', 1, 1, /transformation is missing/],
    ['transformation: hello\nresources:\n  memry: 1\n', 3, 3, /memory is probably meant/],
    ['transformation: hello\narguments:\n  - a\n  - {b: 1}\n', 4, 5, /arguments\[1\] is one text/],
    ['transformation: hello\nname: x\nname: y\n', 3, 1, /stands here twice/],
    ['transformation: script\nfile: a\nsweep: {files: [b]}\n', 2, 7, /Either file or sweep.files/],
    ['transformation: hello\nsweep: {parameters: {number: [1]}}\n', 2, 22, /cannot be called number/],
    ['transformation: hello\nsweep: {parameters: {x: {from: 2, to: 1}}}\n', 2, 25, /holds no value/],
    ['transformation: hello\nsweep: {parameters: {x: {from: 1, to: 1e9}}}\n', 2, 25, /more than 100000/],
    ['- a\n', 1, 1, /is a mapping/],
    ['', 1, 1, /is a mapping/],
    ['transformation: [\n', 2, 1, /not valid YAML/],
  ];
  for (const [text, line, column, message] of faults) {
    it(`says where ${JSON.stringify(text.slice(0, 50))} is wrong`, () => {
      const { description, diagnostics } = readSubmissionFile(text);
      assert.equal(description, undefined);
      const [first] = diagnostics;
      assert.deepEqual([first?.line, first?.column], [line, column]);
      assert.match(first?.message ?? '', message);
    });
  }

  it('finds the places of what was read', () => {
    const { locate } = readSubmissionFile('transformation: hello\narguments: [a, bc]\nsweep:\n  repeat: 2\n');
    assert.deepEqual(locate('arguments[1]'), { line: 2, column: 16, endColumn: 18 });
    assert.deepEqual(locate('arguments[7]').line, 2);
    assert.deepEqual(locate('sweep.table').line, 4);
    assert.deepEqual(locate('outputs[0]').line, 1);
  });

  it('is written so that it says the same again, and then no different', () => {
    for (const example of examples) {
      const written = writeSubmissionFile(read(example));
      assert.deepEqual(read(written), read(example));
      assert.equal(writeSubmissionFile(read(written)), written);
    }
  });

  it('is written for people', () => {
    const written = writeSubmissionFile(read(examples[1]!));
    assert.equal(
      written.replaceAll(/^# (?!Jobs for PanDA).*\n/gmu, '# …\n'),
      `# Jobs for PanDA: desc-panda submit FILE sends them,
# …

# …
transformation: script

# …
file: simulate.py

# …
name: first try

# …
site: BNL-LSST

# …
resources:
  cores: 2
  memory: 4G
  disk: 10G
  walltime: 2h

# …
arguments: [--visit, "900001", --quick]

# …
outputs: [result.fits]
`,
    );
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'transformation: hello\n',
      'sweep:\n',
      '  parameters:\n',
      '    a: {from: 1, to: 9}\n',
      '  repeat: 3\n',
      '<<: *a\n',
      '&a ',
      '[',
      '{',
      '- ',
      '__proto__: 1\n',
      'arguments: ',
      '[a]\n',
      '\n',
      '!!set {a}',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 20 }), (pieces) => {
        const { description } = readSubmissionFile(pieces.join(''));
        if (description !== undefined) readSubmissionFile(writeSubmissionFile(description));
      }),
      { numRuns: 2000 },
    );
  });
});
