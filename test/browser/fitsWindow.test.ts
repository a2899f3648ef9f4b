import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { until } from '../support/until.ts';
import { starField, tanKeywords } from '../unit/fits/fitsWriter.ts';
import { useHarness } from './harness.ts';
import type { TreeRow } from './workbench.ts';

const JOBS = 'Jobs';

/** What a job left, looked at in a whole VS Code window: its files in the tree, and an image among them. */
describe('the files of a job in the window', () => {
  const harness = useHarness({
    name: 'files',
    files: {
      'make.sh': '#!/bin/sh\necho "values" > table.txt\n',
    },
  });
  const isIn = (label: string, state: string) => (row: TreeRow) =>
    row.label === label && row.spoken.includes(state);

  /** A job that has ended, with an image beside its logs. */
  async function makeJob(): Promise<void> {
    const { cli, home, workspace, workbench } = harness();
    const { code, stderr, stdout } = await cli(
      'submit',
      join(workspace, 'make.sh'),
      '--output',
      'table.txt',
      '--wait',
      '--json',
    );
    assert.equal(code, 0, `${stdout}${stderr}`);
    await workbench.command('PanDA: Refresh');
    const storage = join(home, 'sandbox', 'storage');
    const [id = ''] = await readdir(storage);
    await mkdir(join(storage, id), { recursive: true });
    const sky = starField(1600, 1630, tanKeywords(1600, 1630, 53.1, -28.1));
    await writeFile(join(storage, id, 'lsst_e_900001_f2_R22_S11_E000.fits.gz'), gzipSync(sky, { level: 1 }));
    await writeFile(join(storage, id, 'broken.fits'), 'no FITS at all');
  }

  before(async () => {
    await harness().workbench.openContainer('PanDA');
    await makeJob();
  });

  it('are rows below it, with their sizes', async () => {
    const { workbench, screenshot, page } = harness();
    await workbench.waitForRow(JOBS, 'a finished make.sh', isIn('make.sh', 'finished'));
    const row = workbench.row(JOBS, 'make.sh');
    await row.locator('.monaco-tl-twistie').click();
    const image = await workbench.waitForRow(JOBS, 'the image', ({ label }) => label.endsWith('.fits.gz'));
    assert.match(image.description, /^\d+(\.\d)? MB$/);
    const rows = await workbench.treeRows(JOBS);
    assert.deepEqual(rows.map(({ label }) => label).slice(0, 3), ['make.sh', 'log.tgz', 'table.txt']);
    assert.equal(rows[2]?.description, '7 B');
    await page.mouse.move(900, 700);
    await screenshot('files-tree');
  });

  it('open as text, or as an image', async () => {
    const { workbench, screenshot, page } = harness();
    await workbench.row(JOBS, 'table.txt').click();
    await page.locator('.part.editor .view-line', { hasText: 'values' }).waitFor();
    await workbench.row(JOBS, 'lsst_e_900001_f2_R22_S11_E000.fits.gz').dblclick();
    await workbench.webview().locator('.status .facts', { hasText: 'median' }).waitFor();
    await workbench.webview().locator('.image').hover();
    await workbench
      .webview()
      .locator('.here', { hasText: /RA 03:32:/ })
      .waitFor();
    await screenshot('files-image');
    await workbench.webview().locator('.image').press('h');
    await workbench.webview().locator('.header td', { hasText: 'CRVAL1' }).waitFor();
    await workbench.webview().locator('.image').press('1');
    await workbench.webview().locator('.zoom', { hasText: '100 %' }).waitFor();
    for (const [kind, theme] of [
      ['light', 'Light Modern'],
      ['highContrast', 'Dark High Contrast'],
      ['dark', 'Dark Modern'],
    ] as const) {
      await workbench.setTheme(theme, kind);
      await workbench.webview().locator('.header td', { hasText: 'CRVAL1' }).waitFor();
      await page.mouse.move(700, 400);
      await screenshot(`files-image-${kind}`);
    }
  });

  it('say in the viewer what is wrong with them', async () => {
    const { workbench } = harness();
    await workbench.row(JOBS, 'broken.fits').dblclick();
    await workbench.webview().locator('.trouble', { hasText: 'This is not a FITS file' }).waitFor();
  });

  it('come back with the window', async () => {
    const { workbench } = harness();
    await workbench.row(JOBS, 'lsst_e_900001_f2_R22_S11_E000.fits.gz').dblclick();
    await workbench.webview().locator('.status .facts', { hasText: 'median' }).waitFor();
    await workbench.reload();
    await workbench.webview().locator('.status .facts', { hasText: 'median' }).waitFor();
    await until(
      'the kept zoom',
      async () => (await workbench.webview().locator('.zoom').innerText()) === '100 %',
    );
  });

  it('can be downloaded, and their addresses copied', async () => {
    const { workbench, page } = harness();
    await workbench.openContainer('PanDA');
    await workbench.waitForRow(JOBS, 'the job', isIn('make.sh', 'finished'));
    const row = workbench.row(JOBS, 'make.sh');
    if ((await workbench.treeRows(JOBS)).every(({ label }) => label !== 'broken.fits')) {
      await row.locator('.monaco-tl-twistie').click();
    }
    await workbench.waitForRow(JOBS, 'a file', ({ label }) => label === 'broken.fits');
    const file = workbench.row(JOBS, 'broken.fits');
    await workbench.openContextMenu(file);
    assert.deepEqual(await workbench.menuLabels(), ['Download', 'Copy path', 'Copy URL']);
    await page.keyboard.press('Escape');
    await workbench.contextMenu(file, 'Copy URL');
    await until('a copied address', async () => {
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      return /^http:\/\/127\.0\.0\.1:\d+\/storage\/\d+\/broken\.fits$/.test(copied);
    });
    await workbench.contextMenu(file, 'Download');
    await workbench.quickInput().waitFor();
    await until('the name that is proposed', async () =>
      (await workbench.quickInput().inputValue()).endsWith('/broken.fits'),
    );
    await page.keyboard.press('Enter');
    const target = join(harness().workspace, 'broken.fits');
    const content = await until('the file', () => readFile(target, 'utf8').catch(() => undefined));
    assert.equal(content, 'no FITS at all');
  });
});
