import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';

const PIPELINE = 'Pipeline';

const TASK = `<?xml version="1.0" encoding="UTF-8"?>
<pipeline xmlns="http://glast-ground.slac.stanford.edu/pipeline">
  <task name="greetings" type="LSST" version="1.0">
    <process name="hello">
      <job executable="hello"/>
    </process>
    <process name="stumble">
      <job executable="hello -- --code 3"/>
      <depends><after process="hullo"/></depends>
    </process>
    <process name="wave">
      <job executable="hello"/>
      <depends><after process="stumble"/></depends>
    </process>
  </task>
</pipeline>
`;

/** What somebody does who writes tasks for the pipeline: mend one, run it, look at what failed, run that again. */
describe('tasks of the pipeline in the window', () => {
  const harness = useHarness({ name: 'pipeline', files: { 'greetings.xml': TASK } });

  const lens = (title: string): Locator =>
    harness().page.locator('.editor-instance .codelens-decoration a', { hasText: title }).first();
  const rowWith = (label: string, description: RegExp): Promise<unknown> =>
    harness().workbench.waitForRow(
      PIPELINE,
      `${label} with ${description.source}`,
      (row) => row.label === label && description.test(row.description),
      120_000,
    );

  before(async () => {
    const { workbench } = harness();
    await workbench.openContainer('PanDA');
    await workbench.openFile('greetings.xml');
    // Room for the rows.
    for (const view of ['Jobs', 'Sites', 'Catalog'])
      await workbench.view(view).locator('.pane-header').click();
  });

  it('marks what is wrong in a task file', async () => {
    const { page, screenshot } = harness();
    const mark = page.locator('.editor-instance .squiggly-error').first();
    await mark.waitFor();
    await screenshot('pipeline-problem');
    // The editor's watch over a file may begin after it was written to.
    await until('the mended file to be seen', async () => {
      await writeFile(join(harness().workspace, 'greetings.xml'), TASK.replace('hullo', 'hello'));
      return mark.waitFor({ state: 'detached', timeout: 5000 }).then(
        () => true,
        () => false,
      );
    });
  });

  it('runs it in the emulator, from the button above it', async () => {
    const { page, screenshot, workbench } = harness();
    await workbench.command('PanDA: Focus on Pipeline View');
    await lens('Run in the emulator').click();
    await workbench.quickInput().waitFor();
    await screenshot('pipeline-streams');
    await workbench.quickInput().fill('2');
    await page.keyboard.press('Enter');
    await rowWith('greetings', /^2 streams · 2 failed · 2 success · 2 skipped · \d+ mails$/u);
    await workbench.row(PIPELINE, 'Stream 1').click();
    await rowWith('stumble', /^failed · exit code 3 · \d+ · /u);
    await rowWith('wave', /^skipped$/u);
    for (const [kind, theme] of [
      ['light', 'Light Modern'],
      ['highContrast', 'Dark High Contrast'],
      ['dark', 'Dark Modern'],
    ] as const) {
      await workbench.setTheme(theme, kind);
      await screenshot(`pipeline-${kind}`);
    }
  });

  it('rolls one back, and shows its job', async () => {
    const { workbench, screenshot } = harness();
    await workbench.contextMenu(workbench.row(PIPELINE, 'stumble'), 'Roll back');
    assert.match(await workbench.answerDialog('Roll back'), /^Roll back stumble\?/u);
    await rowWith('stumble', /^failed · exit code 3 · \d+ · execution 2 · /u);
    await workbench.contextMenu(workbench.row(PIPELINE, 'stumble'), 'Show job');
    const panel = (): Promise<boolean> => workbench.webview().getByText('trans:3').first().isVisible();
    await until('the panel of the job', panel, { timeoutMs: 180_000 });
    await screenshot('pipeline-job');
  });

  it('is there again after the window was reloaded', async () => {
    const { workbench } = harness();
    await workbench.reload();
    await rowWith('greetings', /^2 streams · 2 failed · 2 success · 2 skipped · \d+ mails$/u);
  });

  it('is removed with all that it left', async () => {
    const { page, workbench } = harness();
    const row = workbench.row(PIPELINE, 'greetings');
    // It was started anew with the window, finds nothing to do, and ends.
    await until('a run that has ended', async () => {
      await workbench.openContextMenu(row);
      const labels = await workbench.menuLabels();
      await page.keyboard.press('Escape');
      await workbench.menuItems().first().waitFor({ state: 'hidden' });
      return labels.includes('Remove run');
    });
    await workbench.contextMenu(row, 'Remove run');
    assert.match(await workbench.answerDialog('Remove'), /^Remove the run of greetings\.xml\?/u);
    await until('an empty view', async () => (await workbench.treeRows(PIPELINE)).length === 0);
  });
});
