import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JobRequest } from '../../../../src/panda/index.ts';
import {
  choiceOfDescription,
  createTransformations,
  describeSubmission,
  formatRecord,
  knownTransformations,
  parseRecord,
  planSubmission,
  readSubmissionFile,
  rebaseDescription,
  writeSubmissionFile,
} from '../../../../src/transformations/index.ts';
import type { SubmissionDescription, SubmittedChoice } from '../../../../src/transformations/index.ts';
import { readPayloadSource } from '../payloadSources.ts';
import { examples } from './examples.ts';

const transformations = createTransformations(readPayloadSource);
const named = (id: string) => transformations.find((one) => one.id === id)!;

const read = (text: string): SubmissionDescription => {
  const { description, diagnostics } = readSubmissionFile(text);
  assert.deepEqual(diagnostics, [], text);
  assert.ok(description !== undefined);
  return description;
};

/** A line or more as people type them, with what has a meaning in templates and in YAML. */
const word = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('{', '}', 'a', '%RNDM:', '7', ' ', '"', "'", ':', '#', '\n') }),
  )
  .filter((text) => text !== '' && !text.includes('\0') && text.isWellFormed());
const line = word.filter((text) => !/[\0-\u001f\u007f]/u.test(text));
const count = fc.integer({ min: 1, max: 100_000 });
const choice: fc.Arbitrary<SubmittedChoice> = fc
  .record(
    {
      name: line,
      site: line,
      resources: fc.record(
        { cores: fc.integer({ min: 1, max: 99 }), memoryMB: count, diskMB: count, walltimeSeconds: count },
        { requiredKeys: [], noNullPrototype: true },
      ),
      arguments: fc.array(word, { minLength: 1, maxLength: 5 }),
      outputs: fc.array(line, { maxLength: 3 }),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter(({ resources }) => resources === undefined || Object.keys(resources).length > 0)
  .map((options) => ({
    transformation: named('phosim'),
    file: '/w/data/cat.txt',
    options: { ...options, parameters: { sensor: ['R22', '90..98'], command: ['/w/a {b}/c%RNDM:1.txt'] } },
  }));

const noted = {
  id: 'mi1f9x0k2a',
  name: 'n',
  profile: 'p',
  server: 'http://s',
  submittedAt: 0,
  file: null,
  resubmitted: [],
  taskId: null,
  jobs: 1,
  pandaIds: [],
};

describe('a choice of a form, described', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(choice, (one) => {
        const description = describeSubmission(one, '/w/data');
        const back = read(writeSubmissionFile(description));
        assert.deepEqual(back, description);
        assert.deepEqual(choiceOfDescription(back, '/w/data', one.transformation), one);
        assert.deepEqual(parseRecord(formatRecord({ ...noted, asked: description }))?.asked, description);
      }),
      { numRuns: 500 },
    );
  });

  it('takes paths relative to the folder, and braces as they are meant', () => {
    const description = describeSubmission(
      {
        transformation: named('phosim'),
        file: '/w/data/cat.txt',
        options: {
          arguments: ['{a} {"b": 1}'],
          parameters: { command: ['/w/c.txt'], sensor: ['R22'], e2adc: [] },
          site: 'X',
        },
      },
      '/w/data',
    );
    assert.equal(description.file, 'cat.txt');
    assert.deepEqual(description.parameters, { command: ['../c.txt'], sensor: ['R22'] });
    assert.deepEqual(description.arguments, ['{{a}} {"b": 1}']);
  });

  it('is the same as a task; one job that runs often becomes a sweep with the numbers that PanDA counts', () => {
    const script = { transformation: named('script'), file: '/w/a.sh', options: { parameters: {} } };
    const one: SubmittedChoice = { ...script, task: { attempts: 2, folder: '/w' } };
    const description = describeSubmission(one, '/w');
    assert.deepEqual(description.task, { attempts: 2, folder: '.' });
    const back = read(writeSubmissionFile(description));
    assert.deepEqual(back, description);
    assert.deepEqual(choiceOfDescription(back, '/w', one.transformation), one);
    const moved = rebaseDescription(description, { from: '/w/x', to: '/w' }, transformations);
    assert.deepEqual(moved.task, { attempts: 2, folder: 'x' });
    const many = describeSubmission(
      { ...script, options: { arguments: ['n=%RNDM:0'] }, task: { attempts: 3, jobs: 20 } },
      '/w',
    );
    assert.deepEqual([many.sweep, many.arguments], [[{ kind: 'repeat', count: 20 }], ['n=%RNDM:1']]);
  });

  it('gives the same jobs as the form', async () => {
    const script = named('script');
    const file = { path: '/w/data/run {n}.sh', content: Buffer.from('#!/bin/sh\necho\n') };
    const disk = {
      realPath: (path: string) => Promise.resolve(path),
      read: () => Promise.resolve({ content: file.content, size: file.content.length, modified: 0 }),
    };
    const output = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/u).filter((name) => !/^[.-]/u.test(name));
    const options = fc.record(
      {
        name: fc.stringMatching(/^[A-Za-z{}%][A-Za-z0-9 {}:%-]{0,20}$/u),
        site: fc.constantFrom('SLAC', 'BNL'),
        resources: fc.record({ cores: fc.integer({ min: 1, max: 99 }), memoryMB: count }),
        arguments: fc.array(word, { maxLength: 4 }),
        outputs: fc.uniqueArray(output, { maxLength: 3 }),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    let built = 0;
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const reading = await script.read(file, given);
        const wanted = reading.build(given);
        if (wanted.kind === 'problems') return;
        built += 1;
        const described = describeSubmission(
          { transformation: script, file: file.path, options: given },
          '/w/data',
        );
        const read = readSubmissionFile(writeSubmissionFile(described));
        const result = await planSubmission(read, {
          folder: '/w/data',
          roots: ['/w'],
          transformations,
          disk,
        });
        assert.ok(result.kind === 'plan', JSON.stringify(result.diagnostics));
        const requests: JobRequest[] = [...result.plan.requests];
        assert.deepEqual(requests, wanted.requests);
      }),
    );
    assert.ok(built > 20, `${built} forms had no problem`);
  });

  it('is no choice where more is asked for than a form can hold', () => {
    const plain = read('transformation: script\nfile: a.sh\n');
    const script = named('script');
    assert.ok(choiceOfDescription(plain, '/w', script) !== undefined);
    for (const more of [
      { sites: ['A', 'B'] },
      { inputs: ['b.txt'] },
      { stagingFolder: 'trial' },
      { sweep: [{ kind: 'repeat', count: 2 }] },
      { arguments: ['{number}'] },
      { outputs: ['a%RNDM:1'] },
      { name: 'n{number}' },
    ] satisfies Partial<SubmissionDescription>[]) {
      assert.equal(choiceOfDescription({ ...plain, ...more }, '/w', script), undefined, JSON.stringify(more));
    }
  });
});

describe('a description in another folder', () => {
  it('leads to the same files', () => {
    const all = knownTransformations();
    const { description } = readSubmissionFile(examples[5]!);
    assert.ok(description !== undefined);
    const there = rebaseDescription(description, { from: '/w/a', to: '/w' }, all);
    assert.deepEqual(there.sweep, [
      { kind: 'files', files: ['a/visits/phosim_cat_900001.txt', 'a/visits/phosim_cat_900002.txt'] },
    ]);
    assert.deepEqual(rebaseDescription(there, { from: '/w', to: '/w/a' }, all), description);
    const { description: one } = readSubmissionFile(examples[4]!);
    assert.deepEqual(rebaseDescription(one!, { from: '/w/a', to: '/w' }, all).parameters.command, [
      'a/physics_commands.txt',
    ]);
  });
});
