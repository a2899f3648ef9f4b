import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { submissionHelp } from '../../../../src/editor/language/submissionSchema.ts';
import {
  createTransformations,
  fieldsFor,
  knownTransformations,
  planSubmission,
  readSubmissionFile,
  submissionFileSchema,
  type Transformation,
} from '../../../../src/transformations/index.ts';
import { readPayloadSource } from '../payloadSources.ts';

/** A transformation as a new folder would bring it: a script with a parameter of its own, under a name of its own. */
function skyMaker(): Transformation {
  const script = createTransformations(readPayloadSource).find(({ id }) => id === 'script')!;
  return {
    ...script,
    id: 'skymaker',
    label: 'SkyMaker',
    parameters: [
      {
        name: 'seeing',
        label: 'Seeing',
        value: 'WORD',
        help: 'how still the air is',
        kind: 'choice',
        choices: ['good', 'bad'],
      },
    ],
    read: async (file, options, signal) => {
      const reading = await script.read(file, {}, signal);
      const words = options.parameters?.seeing ?? [];
      return {
        ...reading,
        build: (more) =>
          reading.build({ ...more, arguments: [...words, ...(more.parameters?.seeing ?? [])] }),
      };
    },
  };
}

const TEXT = 'transformation: skymaker\nfile: a.sh\nparameters: {seeing: bad}\n';

describe('a fifth transformation', () => {
  const all = [...createTransformations(readPayloadSource), skyMaker()];
  const fields = fieldsFor(all);

  it('is in no list but the one of the catalog', () => {
    assert.equal(readSubmissionFile(TEXT).description, undefined);
    assert.deepEqual(
      knownTransformations().map(({ id }) => id),
      createTransformations(readPayloadSource).map(({ id }) => id),
    );
  });

  it('can stand in a submission file, and is proposed for a slip of the pen', () => {
    const { description, diagnostics } = readSubmissionFile(TEXT, fields);
    assert.deepEqual(diagnostics, []);
    assert.equal(description?.transformation, 'skymaker');
    const [slip] = readSubmissionFile(TEXT.replace('skymaker', 'skymakr'), fields).diagnostics;
    assert.match(slip?.message ?? '', /skymaker is probably meant/);
  });

  it('is in the schema for other editors', () => {
    const valid = new Ajv({ allowUnionTypes: true, strict: 'log', logger: false }).compile(
      submissionFileSchema(fields),
    );
    assert.ok(valid({ transformation: 'skymaker' }));
    assert.ok(!valid({ transformation: 'skymakr' }));
  });

  it('is completed and explained while somebody writes', () => {
    const { describeKey, keysBelow, valuesOf } = submissionHelp(all);
    assert.ok(valuesOf(['transformation']).includes('skymaker'));
    assert.match(describeKey(['transformation']) ?? '', /`skymaker` \(SkyMaker\)/);
    assert.ok(keysBelow(['parameters']).some(({ name }) => name === 'seeing'));
    assert.deepEqual(valuesOf(['parameters', 'seeing']), ['good', 'bad']);
    assert.equal(describeKey(['parameters', 'seeing']), 'How still the air is. Of SkyMaker.');
  });

  it('is planned as the others are', async () => {
    const disk = {
      realPath: (path: string) => Promise.resolve(path),
      read: () => Promise.resolve({ content: Buffer.from('#!/bin/sh\n'), size: 10, modified: 0 }),
    };
    const file = readSubmissionFile(TEXT, fields);
    const result = await planSubmission(file, { folder: '/w', roots: ['/w'], transformations: all, disk });
    assert.ok(result.kind === 'plan', JSON.stringify(result.diagnostics));
    assert.deepEqual(result.plan.first.arguments, ['bad']);
  });
});

describe('the documentation', () => {
  const page = (name: string): string =>
    readFileSync(new URL(`../../../../docs/${name}.md`, import.meta.url), 'utf8');
  const rowOf = (text: string, start: string): string =>
    text.split('\n').find((line) => line.startsWith(start)) ?? '';

  it('names every transformation where one is named', () => {
    for (const { id } of knownTransformations()) {
      assert.ok(rowOf(page('submission-file'), '| `transformation` |').includes(`\`${id}\``), id);
      assert.ok(rowOf(page('cli'), '| `--transformation NAME` |').includes(`\`${id}\``), id);
    }
  });
});
