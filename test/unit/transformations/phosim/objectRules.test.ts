import assert from 'node:assert/strict';
import { OBJECT_FIELDS } from '../../../../src/transformations/index.ts';
import { checkText, findings, object } from './catalogs.ts';

describe('checkCatalog: objects of all kinds', () => {
  /** Models with the numbers of parameters that some release takes. */
  const MODELS: readonly (readonly [name: string, ...counts: number[]])[] = [
    ['point', 0],
    ['gauss', 1],
    ['movingpoint', 2],
    ['sersic2d', 4],
    ['sersic2D', 4],
    ['sersic', 6, 7],
    ['sersicDisk', 7],
    ['sersicDisc', 7],
    ['sersicdisk', 7],
    ['sersicComplex', 14, 15],
    ['sersicDiskComplex', 14, 15],
    ['pinhole', 4],
    ['sphere', 1],
    ['disk', 1],
    ['reflectedSphere', 3],
    ['movingsphere', 3],
    ['movingdisk', 3],
    ['movingreflectedsphere', 5],
    ['distortedSphere', 8, 10],
    ['galaxy.fits.gz', 2],
    ['stamps/knot_1.fit', 2],
  ];
  for (const [name, ...counts] of MODELS) {
    it(`${name} takes ${counts.join(' or ')} parameters`, async () => {
      for (let count = 0; count < 18; count += 1) {
        const numbers = Array.from({ length: count }, (_, index) => `0.${index + 1}`);
        for (const dust of ['none none', 'CCM 0.1 3.1 none', 'none calzetti 0.2 4.05']) {
          const found = (await checkText(object(1, { 12: name }, [...numbers, dust].join(' ')))).diagnostics;
          const codes = found.map(({ severity, code }) => `${severity} ${code}`);
          const [least = 0] = counts;
          const wanted = counts.includes(count)
            ? []
            : [count > least ? 'warning too-many-model-parameters' : 'error too-few-model-parameters'];
          assert.deepEqual(codes, wanted, `${name} with ${count} and ${dust}`);
        }
      }
    });
  }

  it('takes each word for dust that phoSim knows', async () => {
    for (const word of ['ccm', 'CCM', 'calzetti', 'CALZETTI']) {
      assert.deepEqual(findings(await checkText(object(1, {}, `${word} 0.1 3.1 ${word} 0.2 4.05`))), []);
      const one = await checkText(object(1, {}, `none ${word} 0.1`));
      assert.deepEqual(
        one.diagnostics.map(({ code }) => code),
        ['too-few-dust-parameters'],
      );
    }
  });

  it('checks every number of a line, and says which', async () => {
    for (const [index, { name }] of OBJECT_FIELDS.entries()) {
      if (['ID', 'SED_PATH', 'MODEL'].includes(name)) continue;
      for (const [word, reason] of [
        ['x1', `${name} must be a number`],
        ['nan', `${name} must be a number`],
        ['1e400', `${name} is beyond all numbers`],
      ] as const) {
        const { diagnostics } = await checkText(object(1, { [index + 1]: word }));
        assert.deepEqual(
          diagnostics.map(({ code }) => code),
          ['not-a-number'],
          `${name} ${word}`,
        );
        assert.ok(diagnostics[0]?.message.startsWith(reason), diagnostics[0]?.message);
      }
    }
  });

  it('tells lensing that makes the magnitude no number', async () => {
    for (const [gamma1, gamma2, kappa, isBad] of [
      ['0', '0', '0', false],
      ['0.5', '0.5', '0.1', false],
      ['0', '0', '1', true],
      ['0', '0', '2.5', false],
      ['-0.8', '0.7', '0', true],
      ['0.01', '-0.02', '0.998', true],
    ] as const) {
      const { diagnostics } = await checkText(object(1, { 7: gamma1, 8: gamma2, 9: kappa }));
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        isBad ? ['lensing-singular'] : [],
        `${gamma1} ${gamma2} ${kappa}`,
      );
    }
  });

  it('takes ids as they come', async () => {
    for (const [id, found] of [
      ['9007199254740991', []],
      ['9007199254740993', ['id-precision']],
      ['99999999999999999999', ['id-precision']],
      ['MS_9940_3_100003', []],
      ['1001.0', []],
    ] as const) {
      const { diagnostics } = await checkText(object(id));
      assert.deepEqual(
        diagnostics.map(({ code }) => code),
        found,
        id,
      );
    }
  });

  it('sees header words in the path of a spectrum, in the id and in the model', async () => {
    for (const [field, word] of [
      [5, 'starSED/new_filter.sed'],
      [5, 'agnSED/updated.spec'],
      [5, '../sky/altitude.txt'],
      [1, 'seed7'],
      [12, 'control.fits'],
    ] as const) {
      const tail = field === 12 ? '0.1 0 none none' : 'none none';
      const { diagnostics } = await checkText(object(1, { [field]: word }, tail));
      assert.deepEqual(
        diagnostics.map(({ severity, code }) => `${severity} ${code}`),
        ['warning keyword-inside-object-line'],
        word,
      );
    }
  });
});
