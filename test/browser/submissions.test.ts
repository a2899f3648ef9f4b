import assert from 'node:assert/strict';
import * as disk from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { readRecords, type SubmissionRecord } from '../../src/transformations/index.ts';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';

const JOBS = 'Jobs';

/** What somebody does who submits the same again and again: keep it as a file, look back, compare, repeat. */
describe('submissions in the window', () => {
  const harness = useHarness({
    name: 'submissions',
    files: { 'greet.sh': '#!/bin/sh\necho "greetings to $*"\n' },
  });

  const lens = (title: string): Locator =>
    harness().page.locator('.editor-instance .codelens-decoration a', { hasText: title }).first();
  const records = (): Promise<readonly SubmissionRecord[]> => readRecords(harness().workspace, disk);
  /** Waits for so many records, all of whose jobs PanDA took; the newest comes first. */
  const waitForRecords = (count: number): Promise<readonly SubmissionRecord[]> =>
    until(`${count} records of submissions`, async () => {
      const all = await records();
      return all.length === count && all.every(({ jobs, pandaIds }) => jobs === pandaIds.length) && all;
    });
  const firstLine = (text: string) => async (): Promise<boolean> =>
    (await harness().workbench.quickPickLabels())[0]?.includes(text) === true;
  const editorText = (): Promise<string> =>
    harness().page.locator('.editor-instance .view-lines').first().innerText();
  const finished = (label: string, count: number): Promise<unknown> =>
    until(`${count} finished jobs ${label}`, async () => {
      const rows = await harness().workbench.treeRows(JOBS);
      return rows.filter((row) => row.label === label && row.spoken.includes('finished')).length === count;
    });

  before(async () => {
    await harness().workbench.openContainer('PanDA');
  });

  it('saves the form as a submission file', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.openFile('greet.sh');
    await workbench.command('PanDA: Submit to PanDA');
    await until('the form', firstLine('Submit 1 job to SANDBOX'));
    await workbench.pick('Arguments');
    await until('the arguments to ask for', async () => (await workbench.quickPickLabels()).length === 0);
    await workbench.quickInput().fill("'Ada L.' {all}");
    await page.keyboard.press('Enter');
    await until('the form again', firstLine('Submit 1 job to SANDBOX'));
    await screenshot('form');
    await workbench.pick('Save as');
    await until('a place to save', async () => {
      const value = await workbench.quickInput().inputValue();
      return value.endsWith('greet.panda.yaml');
    });
    await screenshot('form-save-as');
    await page.keyboard.press('Enter');
    await workbench.tab('greet.panda.yaml').waitFor();
    await lens('Submit to PanDA').waitFor();
    await screenshot('form-saved');
    const text = await readFile(join(harness().workspace, 'greet.panda.yaml'), 'utf8');
    assert.match(text, /^transformation: script$/mu);
    assert.match(text, /^file: greet\.sh$/mu);
    assert.match(text, /^arguments: \[Ada L\., "\{\{all\}\}"\]$/mu);
  });

  it('submits the file from the button above it, and keeps a record', async () => {
    const { page } = harness();
    await until('the plan', async () => {
      if (!(await firstLine('Submit 1 job to SANDBOX')())) await lens('Submit to PanDA').click();
      return until('the plan', firstLine('Submit 1 job to SANDBOX'), { timeoutMs: 5000 }).catch(() => false);
    });
    await page.keyboard.press('Enter');
    await finished('greet.sh', 1);
    const [record] = await waitForRecords(1);
    assert.equal(record?.file, 'greet.panda.yaml');
    assert.deepEqual(record.asked.arguments, ['Ada L.', '{{all}}']);
  });

  it('shows the record from the row of its job', async () => {
    const { workbench, screenshot } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'greet.sh'), 'Show submission');
    const [record] = await records();
    await workbench.tab(`${record!.id}.yaml`).waitFor();
    await lens('Submit again').waitFor();
    await until('the record', async () => (await editorText()).includes('pandaIds'));
    await screenshot('record');
  });

  it('asks for the same again, from the record', async () => {
    const { workbench, page, screenshot } = harness();
    await until('the plan', async () => {
      if (!(await firstLine('Submit 1 job to SANDBOX')())) await lens('Submit again').click();
      return until('the plan', firstLine('Submit 1 job to SANDBOX'), { timeoutMs: 5000 }).catch(() => false);
    });
    await screenshot('submit-again');
    await page.keyboard.press('Enter');
    const [again, first] = await waitForRecords(2);
    assert.deepEqual(again?.asked, first?.asked);
    assert.notEqual(again?.id, first?.id);
    await finished('greet.sh', 2);
    await workbench.command('PanDA: Compare submissions…');
    await until('the other submission', firstLine('greet.sh'));
    await page.keyboard.press('Enter');
    await workbench.takeNotification('greet.sh and greet.sh asked for the same');
  });

  it('compares it with one that differs, in every theme', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.openFile('greet.sh');
    await workbench.command('PanDA: Submit to PanDA');
    await until('the form', firstLine('Submit 1 job to SANDBOX'));
    await workbench.pick('Name');
    await until('the name to ask for', async () => (await workbench.quickPickLabels()).length === 0);
    await workbench.quickInput().fill('louder');
    await page.keyboard.press('Enter');
    await until('the form again', firstLine('Submit 1 job to SANDBOX'));
    await page.keyboard.press('Enter');
    const [louder] = await waitForRecords(3);
    assert.deepEqual([louder?.asked.name, louder?.file], ['louder', null]);
    await finished('louder', 1);
    await workbench.contextMenu(workbench.row(JOBS, 'louder'), 'Compare submissions…');
    await until('the other submissions', firstLine('greet.sh'));
    await page.keyboard.press('Enter');
    await workbench.tab(/greet\.sh \(.*\) ↔ louder \(.*\)/).waitFor();
    const diff = page.locator('.editor-instance .monaco-diff-editor');
    await diff.locator('.line-insert, .char-insert').first().waitFor();
    for (const [kind, theme] of [
      ['light', 'Light Modern'],
      ['dark', 'Dark Modern'],
      ['highContrast', 'Dark High Contrast'],
    ] as const) {
      await workbench.setTheme(theme, kind);
      await screenshot(`compare-${kind}`);
    }
  });

  it('opens the form with the values of a record', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'louder'), 'Submit again…');
    await until('the form', firstLine('Submit 1 job to SANDBOX'));
    const name = workbench.quickPickEntries().filter({ hasText: 'Name' }).first();
    await until('the name of the record', async () => (await name.innerText()).includes('louder'));
    await screenshot('submit-again-form');
    await page.keyboard.press('Escape');
  });

  it('lists all, and finds one by the PandaID of a job', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.command('PanDA: Submissions…');
    // The list of commands may still be there for a moment.
    await until('three submissions', async () => {
      return (await workbench.quickPickLabels()).join(', ') === 'louder, greet.sh, greet.sh';
    });
    for (const [kind, theme] of [
      ['light', 'Light Modern'],
      ['dark', 'Dark Modern'],
    ] as const) {
      await page.keyboard.press('Escape');
      await workbench.setTheme(theme, kind);
      await workbench.command('PanDA: Submissions…');
      await until('three submissions', async () => (await workbench.quickPickLabels()).length === 3);
      await screenshot(`submissions-${kind}`);
    }
    const oldest = (await records()).at(-1)!;
    await workbench.quickInput().fill(String(oldest.pandaIds[0]));
    await until('the one submission', async () => (await workbench.quickPickLabels()).length === 1);
    await screenshot('submissions-by-job');
    await page.keyboard.press('Enter');
    await workbench.tab(`${oldest.id}.yaml`).waitFor();
  });
});
