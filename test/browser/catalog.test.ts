import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Locator } from 'playwright-core';
import { root } from '../../scripts/lib/paths.ts';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';

const samples = join(root, 'test/fixtures/samples');
const small = await readFile(join(samples, 'instcat_small.txt'), 'utf8');
const broken = await readFile(join(samples, 'pipeline_broken.yaml'), 'utf8');
const stars = await readFile(join(samples, 'star_cat_900002.txt'), 'utf8');

/** What somebody does who has an instance catalog: read, mend, look at, submit, follow. */
describe('an instance catalog in the window', () => {
  const harness = useHarness({
    name: 'catalog',
    files: {
      'my_instcat.txt': `${small.trimEnd()}\nincludeobj star_cat_90002.txt\n`,
      'star_cat_900002.txt': stars,
      'plain.txt': small,
      'pipeline.yaml': broken,
      'trial.panda.yaml':
        'transformation: phosim\nfile: plain.txt\nparameters:\n  sensor: [R22_S11, R22_S12]\n',
    },
  });

  const lens = (title: string): Locator =>
    harness().page.locator('.editor-instance .codelens-decoration a', { hasText: title }).first();
  const clickLens = async (title: string): Promise<void> => {
    await harness().page.keyboard.press('ControlOrMeta+Home');
    await lens(title).click();
  };
  /** Buttons above a line are drawn anew now and then, and lose the click on them. */
  const clickUntil = async (title: string, what: string, there: () => Promise<unknown>): Promise<void> => {
    await until(what, async () => {
      if (!(await there())) await clickLens(title);
      return until(what, there, { timeoutMs: 3000 }).catch(() => false);
    });
  };
  const squiggles = (kind: 'error' | 'warning' | 'info'): Locator =>
    harness().page.locator(`.editor-instance .squiggly-${kind}`);

  it('shows what is wrong, and mends it', async () => {
    const { page, screenshot, workbench } = harness();
    await workbench.openFile('my_instcat.txt');
    await squiggles('error').first().waitFor();
    await squiggles('info').first().waitFor();
    await page.keyboard.press('ControlOrMeta+Home');
    await page.keyboard.press('F8');
    await workbench.command('Go to Next Problem (Error, Warning, Info)');
    await screenshot('catalog-problem');
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('End');
    const fix = page.locator('.action-widget .monaco-list-row', {
      hasText: 'Change star_cat_90002.txt to star_cat_900002.txt',
    });
    // The menu closes by itself where the editor is still busy with the file.
    await until('the fix', async () => {
      await page.keyboard.press('ControlOrMeta+.');
      return fix.waitFor({ timeout: 5000 }).then(
        () => true,
        () => false,
      );
    });
    await page.keyboard.press('Enter');
    await squiggles('error').first().waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+S');
    const saved = join(harness().workspace, 'my_instcat.txt');
    await until('the mended catalog on disk', async () =>
      (await readFile(saved, 'utf8')).includes('includeobj star_cat_900002.txt'),
    );
    await screenshot('catalog-mended');
  });

  it('shows the catalog at a glance, in every theme, and submits sensors chosen on the map', async () => {
    const { screenshot, workbench } = harness();
    await clickUntil('Summary', 'the summary', () => workbench.tab('Visit 900001').isVisible());
    const page = workbench.webview();
    await page.locator('h1', { hasText: 'Visit 900001 · r band' }).waitFor();
    await screenshot('summary');
    await page.getByText('9 objects, 2 of them in include files').waitFor();
    assert.equal(await page.locator('.sensor').count(), 189 + 16);
    await page.locator('.sensor[aria-label="R22_S11"]').click();
    await page.locator('.sensor[aria-label="R22_S12"]').click();
    await page.locator('.sensor[aria-label="R10_S00"]').click();
    await page.locator('vscode-button', { hasText: 'Submit 3 sensors' }).waitFor();
    for (const [kind, theme] of [
      ['light', 'Light Modern'],
      ['highContrast', 'Dark High Contrast'],
      ['dark', 'Dark Modern'],
    ] as const) {
      await workbench.setTheme(theme, kind);
      await page.locator('h1').waitFor();
      await screenshot(`summary-${kind}`);
    }
    await page.locator('vscode-button', { hasText: 'Submit 3 sensors' }).click();
    await until('the form for three sensors', async () =>
      (await workbench.quickPickLabels())[0]?.includes('Submit 3 jobs to SANDBOX'),
    );
    await screenshot('catalog-form');
    await harness().page.keyboard.press('Escape');
  });

  it('recognises a catalog by its content, and a pipeline among other YAML', async () => {
    const { page, workbench } = harness();
    await workbench.openFile('plain.txt');
    await lens('Submit to PanDA').waitFor();
    await workbench.statusBar('phoSim instance catalog').waitFor();
    await workbench.openFile('pipeline.yaml');
    await squiggles('error').first().waitFor();
    await lens('Run in the sandbox').waitFor();
    await page.keyboard.press('ControlOrMeta+Home');
  });

  it('is submitted from its first line, and its log is followed', async () => {
    const { page, screenshot, workbench } = harness();
    await workbench.command('View: Close All Editors');
    await workbench.openFile('my_instcat.txt');
    await clickUntil('Run in the sandbox', 'the form to say what Enter does', async () =>
      (await workbench.quickPickLabels())[0]?.includes('Submit 1 job to SANDBOX'),
    );
    await page.keyboard.press('Enter');
    await workbench.openContainer('PanDA');
    const row = await workbench.waitForRow(
      'Jobs',
      'a finished job of phoSim',
      ({ label, spoken }) => label.includes('R22_S11') && spoken.includes('finished'),
    );
    await workbench.row('Jobs', row.label).click();
    await workbench.webview().locator('h1', { hasText: 'R22_S11' }).waitFor();
    await workbench
      .webview()
      .locator('.lines .text', { hasText: /stand-in/i })
      .first()
      .waitFor();
    await screenshot('catalog-finished');
  });

  it('leaves an image that opens from the tree, and can be downloaded', async () => {
    const { page, screenshot, workbench } = harness();
    const [row] = (await workbench.treeRows('Jobs')).filter(({ label }) => label.includes('R22_S11'));
    assert(row !== undefined);
    await workbench.row('Jobs', row.label).locator('.monaco-tl-twistie').click();
    const isImage = ({ label }: { label: string }): boolean =>
      /^lsst_[ae]_.*R22_S11.*\.fits\.gz$/.test(label);
    const image = await workbench.waitForRow('Jobs', 'an image', isImage);
    await workbench.row('Jobs', image.label).dblclick();
    await workbench.webview().locator('.status .facts', { hasText: 'median' }).waitFor();
    await screenshot('catalog-image');
    await workbench.contextMenu(workbench.row('Jobs', image.label), 'Download');
    const proposed = await until('the path that is proposed', async () => {
      const path = await workbench.quickInput().inputValue();
      return path.endsWith(image.label) ? path : undefined;
    });
    await page.keyboard.press('Enter');
    const bytes = await until('the image on disk', () => readFile(proposed).catch(() => undefined));
    assert.equal(gunzipSync(bytes).subarray(0, 9).toString(), 'SIMPLE  =');
  });

  it('is submitted as a submission file says, after a dry run', async () => {
    const { page, screenshot, workbench } = harness();
    await workbench.command('View: Close All Editors');
    await workbench.openFile('trial.panda.yaml');
    const form = async (): Promise<boolean> =>
      (await workbench.quickPickLabels())[0]?.includes('Submit 2 jobs to SANDBOX') ?? false;
    await clickUntil('Submit to PanDA', 'the question', form);
    await screenshot('submission-file');
    await page.keyboard.press('Escape');
    const preview = workbench.tab('trial.panda.yaml as PanDA jobs.json');
    await clickUntil('Dry run', 'what would be sent', () => preview.isVisible());
    await page.locator('.editor-instance .view-line', { hasText: '"profile": "sandbox"' }).waitFor();
  });
});
