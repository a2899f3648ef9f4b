import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptPath, parsePageMessage } from '../../../src/editor/summary/pageMessage.ts';
import { buildSummaryView, skyGrid } from '../../../src/editor/summary/summaryView.ts';
import { readChoices } from '../../../src/editor/submitting/submitChoices.ts';
import { checkCatalog } from '../../../src/transformations/index.ts';

const samples = join(import.meta.dirname, '../../fixtures/samples');

describe('the summary of a catalog', () => {
  it('says what people read in a catalog', async () => {
    const path = join(samples, 'instcat_small.txt');
    const view = buildSummaryView(path, await checkCatalog({ path }));
    assert.equal(view.title, 'Visit 900001 · r band');
    const fact = (label: string): string => view.facts.find((one) => one.label === label)?.value ?? '';
    assert.equal(fact('Exposure'), '33 s');
    assert.equal(fact('Time'), '2022-08-06 06:50:59 UTC (MJD 59797.285409)');
    assert.equal(fact('Moon'), 'below the horizon, 3.8 % lit');
    assert.equal(view.objects, '7 objects');
    assert.deepEqual(view.models[0], { name: 'sersic2d', count: 3, text: '3 · 43 %' });
    assert.equal(view.magnitudes?.range, '17.5 to 24.6 mag');
    assert.equal(
      view.magnitudes.counts.reduce((sum, count) => sum + count, 0),
      7,
    );
    assert.equal(
      view.sky?.counts.reduce((sum, count) => sum + count, 0),
      7,
    );
    assert.equal(view.sensors.filter(({ science }) => science).length, 189);
    assert.deepEqual(view.counts, { error: 0, warning: 0, information: 1 });
    assert.ok(view.facts.every(({ note }) => note === undefined));
  });

  it('says what phoSim takes where the catalog is silent, and which files are missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'desc-panda-summary-'));
    try {
      const path = join(folder, 'a_instcat.txt');
      writeFileSync(path, 'filter 3\nmjd 59797\nincludeobj stars.txt\n');
      const view = buildSummaryView(path, await checkCatalog({ path }));
      assert.equal(view.facts.find(({ label }) => label === 'Exposure')?.note, 'phoSim’s default');
      assert.equal(view.facts.find(({ label }) => label === 'Exposure')?.value, '33 s in 2 exposures');
      assert.equal(view.includes[0]?.trouble, 'missing');
      assert.equal(view.sky, null);
      assert.equal(view.magnitudes, null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('cuts the sky to where sources are, across 0 too', () => {
    const counts = Array.from({ length: 64 * 64 }, () => 0);
    counts[10 * 64 + 20] = 3;
    counts[11 * 64 + 22] = 1;
    const box = { raMin: -0.44, raMax: -0.42, decMin: 0.1, decMax: 0.11 };
    const grid = skyGrid({ box, size: 64, cell: 0.01, origin: [-0.64, 0], counts });
    assert.deepEqual([grid.columns, grid.rows], [3, 2]);
    assert.deepEqual(grid.counts, [3, 0, 0, 0, 0, 1]);
    assert.deepEqual(grid.ra, ['359.56°', '359.58°']);
  });
});

describe('messages of the page of a summary', () => {
  it('are taken as they are meant', () => {
    assert.deepEqual(parsePageMessage({ type: 'ready' }), { type: 'ready' });
    const sensors = ['R22_S11', 'R00_S22_C0'];
    assert.deepEqual(parsePageMessage({ type: 'submit', sensors }), { type: 'submit', sensors });
  });

  it('are refused where they are anything else', () => {
    const bad = [
      null,
      'ready',
      { type: 'go' },
      { type: 'submit' },
      { type: 'submit', sensors: ['R22_S11; rm -rf /'] },
      { type: 'submit', sensors: [7] },
      { type: 'submit', sensors: Array.from({ length: 301 }, () => 'R22_S11') },
      { type: 'openFile', file: 7 },
    ];
    for (const message of bad) assert.equal(parsePageMessage(message), undefined, JSON.stringify(message));
    assert.equal(keptPath({ path: '/a' }), '/a');
    assert.equal(keptPath({ path: 3 }), undefined);
  });

  it('choose values of parameters, and nothing else', () => {
    const parameters = { sensor: ['R22_S11'], other: 'x', more: [1] };
    assert.deepEqual(readChoices({ parameters, site: 'X', dryRun: true }), {
      options: { parameters: { sensor: ['R22_S11'] } },
    });
    assert.deepEqual(readChoices(undefined), {});
  });
});
