import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';

const CATALOG = 'Catalog';

/** The data catalog of the sandbox: outputs of a job are registered, found, looked at, and become an input. */
describe('the data catalog in the window', () => {
  const harness = useHarness({
    name: 'datacat',
    files: {
      'make.sh': '#!/bin/sh\necho "night 7" > out.txt\n',
      'next.panda.yaml': 'transformation: script\nfile: make.sh\n',
    },
  });
  let pandaId: number;

  const welcome = (text: string): Locator =>
    harness().workbench.view(CATALOG).locator('.welcome-view-content', { hasText: text });
  const type = async (title: string, text: string): Promise<void> => {
    const { page, workbench } = harness();
    await page.locator('.quick-input-widget:visible .quick-input-title', { hasText: title }).waitFor();
    await workbench.quickInput().fill(text);
    await page.keyboard.press('Enter');
  };
  const firstLine = (text: string): Promise<unknown> =>
    until(`the line ${text}`, async () => (await harness().workbench.quickPickLabels())[0]?.includes(text));

  before(async () => {
    const { cli, workspace, workbench } = harness();
    const place = join(workspace, 'make.sh');
    const { stdout, stderr, code } = await cli('submit', place, '--output', 'out.txt', '--wait', '--json');
    assert.equal(code, 0, stderr);
    pandaId = Number(/"pandaId":(\d+)/u.exec(stdout)?.[1]);
    await workbench.openContainer('PanDA');
  });

  it('says that it is empty, and registers the outputs of a job', async () => {
    const { workbench, screenshot } = harness();
    await welcome('The data catalog is empty').waitFor();
    await screenshot('datacat-empty');
    await workbench.command('PanDA: Register outputs in the data catalog');
    await workbench.pick(/make\.sh/u);
    await type('Register outputs in the data catalog', '/desc/run1');
    await type('Data type', 'TEST');
    await workbench.waitForRow(CATALOG, 'the folder', ({ label }) => label === 'desc');
    await workbench.takeNotification(`Registered 1 output of job ${pandaId} in /desc/run1`);
  });

  it('shows folders and datasets as they are opened, and details in a document', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.row(CATALOG, 'desc').click();
    await workbench.waitForRow(CATALOG, 'the inner folder', ({ label }) => label === 'run1');
    await workbench.row(CATALOG, 'run1').click();
    const found = await workbench.waitForRow(CATALOG, 'the dataset', ({ label }) =>
      label.endsWith('.out.txt'),
    );
    assert.match(found.description, /^txt · TEST$/u);
    await workbench.row(CATALOG, found.label).hover();
    await page.locator('.workbench-hover', { hasText: 'PandaID' }).first().waitFor();
    await screenshot('datacat-tooltip');
    await workbench.row(CATALOG, found.label).click();
    await workbench.tab(`${found.label} details.txt`).waitFor();
    await until('the details', async () => {
      const text = await page.locator('.editor-instance .view-lines').first().innerText();
      return text.includes('PandaID') && text.includes(String(pandaId)) && text.includes('Locations');
    });
    await screenshot('datacat-details');
  });

  it('finds datasets by a filter, with names completed', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.command('PanDA: Search data catalog');
    await workbench.quickInput().fill('Pan');
    await until('a completion', async () => (await workbench.quickPickLabels()).includes('PandaID'));
    await screenshot('datacat-search');
    await workbench.pick('PandaID');
    await until('the completed name', async () => (await workbench.quickInput().inputValue()) === 'PandaID ');
    await workbench.quickInput().fill('PandaID = 1');
    await firstLine('At character 9: equal is ==');
    await workbench.quickInput().fill(`PandaID == ${pandaId}`);
    await firstLine(`PandaID == ${pandaId}`);
    await page.keyboard.press('Enter');
    await workbench.waitForRow(
      CATALOG,
      'the search',
      ({ label, description }) => label === `PandaID == ${pandaId}` && description === '1 found · in /',
    );
    await workbench.waitForRow(CATALOG, 'the result', ({ description }) =>
      description.includes('/desc/run1'),
    );
    for (const [theme, kind] of [
      ['Light Modern', 'light'],
      ['Dark High Contrast', 'highContrast'],
      ['Dark Modern', 'dark'],
    ] as const) {
      await workbench.setTheme(theme, kind);
      await screenshot(`datacat-${kind}`);
    }
  });

  it('fetches a dataset beside a submission file and makes it an input', async () => {
    const { workbench, workspace } = harness();
    const [dataset] = (await workbench.treeRows(CATALOG)).filter(({ label }) => label.endsWith('.out.txt'));
    assert(dataset !== undefined);
    await workbench.openFile('next.panda.yaml');
    await workbench.contextMenu(workbench.row(CATALOG, dataset.label), 'Use as job input');
    assert.match(await workbench.answerDialog('Fetch'), /^Fetch .*out\.txt \(8 B\) into /u);
    await until('the input in the file', async () => {
      const text = await harness().page.locator('.editor-instance .view-lines').first().innerText();
      return text.includes('inputs:') && text.includes(dataset.label);
    });
    assert.equal(await readFile(join(workspace, dataset.label), 'utf8'), 'night 7\n');
    await harness().screenshot('datacat-input');
  });
});
