import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { checkCommandFile } from '../../../../src/transformations/index.ts';
import { findings } from './catalogs.ts';

const check = (text: string | Uint8Array): string[] =>
  findings(checkCommandFile(typeof text === 'string' ? Buffer.from(text) : text));

describe('checkCommandFile', () => {
  it('has nothing to say of the sample', async () => {
    const sample = new URL('../../../fixtures/samples/physics_commands.txt', import.meta.url);
    assert.deepEqual(check(await readFile(sample)), []);
  });

  const cases: readonly (readonly [text: string, ...found: string[]])[] = [
    ['', ...[]],
    ['zenith_v 1000\nraydensity 0', '2:13-13 error no-final-newline'],
    ['zenith_v 1000\r\nraydensity 0\r\n'],
    ['zenith_v dark\n', '1:10-14 error not-a-number'],
    ['raydensity\n', '1:1-11 error missing-value'],
    ['blooming 0.0\nblooming 1 # on\n', '2:1-9 warning duplicate-command'],
    ['body 1 3 -4180.\nbody 2 3 -4180.\nizernike 0 1 1e-5\nizernike 0 1 2e-5\n'],
    ['fringing 2\n', '1:10-11 information not-a-switch'],
    ['clearturbulance\n', '1:1-16 warning unknown-command'],
    ['lorem 1\n', '1:1-6 information unknown-command'],
    ['seed 5\nvistime 10\nnsnap 1\n'],
    [`zenith_v 1${' '.repeat(5000)}\n`, '1 error line-too-long'],
    [
      '# extraid 7\nfringing 0 # no centroidfile\n',
      '1:3-10 warning keyword-in-comment',
      '2:17-29 warning keyword-in-comment',
    ],
    ['\ufefffringing 0\n', '1 warning byte-order-mark'],
    ['zenith_v 1\nray\0density', '2:1-4 information unknown-command', '2 error not-text'],
  ];
  for (const [text, ...found] of cases) {
    it(`${JSON.stringify(text.slice(0, 40))}: ${found.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(check(text).toSorted(), found.toSorted());
    });
  }

  it('tells what is appended to the number of the visit', () => {
    assert.equal(checkCommandFile(Buffer.from('extraid 7\n')).extraId, '7');
  });
});
