import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';
import type { TreeRow } from './workbench.ts';

const JOBS = 'Jobs';

/** What a user does, in a whole VS Code window on a sandbox of its own. Each test submits the jobs it is about. */
describe('the whole window', () => {
  const harness = useHarness({
    name: 'window',
    files: {
      'sleep.sh': '#!/bin/sh\necho "asleep"\nexec sleep 600\n',
      'fail.sh': '#!/bin/sh\necho "the disk is upside down" >&2\nexit 3\n',
      'talk.sh': '#!/bin/sh\ni=0\nwhile sleep 0.5; do i=$((i+1)); echo "line $i"; done\n',
      'greet.py': '#!/usr/bin/env python3\nprint("greetings from a script")\n',
    },
  });

  const isIn = (label: string, state: string) => (row: TreeRow) =>
    row.label === label && row.spoken.includes(state);

  async function submitFile(name: string): Promise<void> {
    const { workbench, page } = harness();
    await workbench.openFile(name);
    await workbench.command('PanDA: Submit to PanDA');
    await until('the form to say what Enter does', async () =>
      (await workbench.quickPickLabels())[0]?.includes('Submit 1 job to SANDBOX'),
    );
    await page.keyboard.press('Enter');
  }

  async function cancelRow(label: string): Promise<string> {
    const { workbench } = harness();
    await workbench.contextMenu(workbench.row(JOBS, label), 'Cancel');
    return workbench.answerDialog('Cancel job');
  }

  function logLine(text: string): Locator {
    return harness().workbench.webview().locator('.lines .text', { hasText: text });
  }

  async function openPanel(label: string): Promise<void> {
    const { workbench } = harness();
    await workbench.row(JOBS, label).click();
    await workbench.webview().locator('h1', { hasText: label }).waitFor();
  }

  before(async () => {
    await harness().workbench.openContainer('PanDA');
  });

  it('says what to do where there is nothing yet', async () => {
    const { workbench, screenshot } = harness();
    await workbench.view(JOBS).getByText('Start sandbox').waitFor();
    await screenshot('jobs-empty');
  });

  it('submits HelloPanda from the palette, and its row moves to finished', async () => {
    const { workbench, screenshot } = harness();
    await workbench.command('PanDA: Run HelloPanda');
    await workbench.waitForRow(JOBS, 'a finished HelloPanda', isIn('HelloPanda', 'finished'));
    await workbench.statusBar('PanDA').waitFor();
    await screenshot('jobs-finished');
  });

  it('submits the open script, and shows its log in the panel', async () => {
    const { workbench, screenshot } = harness();
    await submitFile('greet.py');
    await workbench.waitForRow(JOBS, 'a finished greet.py', isIn('greet.py', 'finished'));
    await openPanel('greet.py');
    await logLine('greetings from a script').waitFor();
    await screenshot('panel-finished');
  });

  it('cancels a running job from its context menu', async () => {
    const { workbench, screenshot } = harness();
    await submitFile('sleep.sh');
    await workbench.waitForRow(JOBS, 'a running sleep.sh', isIn('sleep.sh', 'running'));
    await screenshot('jobs-running');
    const question = await cancelRow('sleep.sh');
    assert.match(question, /Cancel sleep\.sh \(\d+\)\?/);
    await workbench.waitForRow(JOBS, 'a cancelled sleep.sh', isIn('sleep.sh', 'cancelled'));
    await screenshot('jobs-cancelled');
    await workbench.openContextMenu(workbench.row(JOBS, 'sleep.sh'));
    const labels = await workbench.menuLabels();
    assert.ok(labels.includes('Resubmit') && !labels.includes('Cancel'), labels.join(', '));
    await harness().page.keyboard.press('Escape');
  });

  it('explains a failed job', async () => {
    const { workbench, screenshot } = harness();
    await submitFile('fail.sh');
    await workbench.waitForRow(JOBS, 'a failed fail.sh', isIn('fail.sh', 'failed'));
    await openPanel('fail.sh');
    const failure = workbench.webview().locator('.failure');
    await failure.getByText('trans:3').waitFor();
    await failure.locator('.telling', { hasText: 'the disk is upside down' }).waitFor();
    const lines = workbench.webview().locator('.lines .text');
    await lines.filter({ hasText: 'the disk is upside down' }).waitFor();
    await screenshot('panel-failed');
  });

  it('follows the log of a running job, over a reload of the window', async () => {
    const { workbench, screenshot } = harness();
    await submitFile('talk.sh');
    await workbench.waitForRow(JOBS, 'a running talk.sh', isIn('talk.sh', 'running'));
    await openPanel('talk.sh');
    const last = async (): Promise<number> => {
      const lines = await workbench.webview().locator('.lines .text').allInnerTexts();
      return Math.max(0, ...lines.map((line) => Number(/^line (\d+)$/.exec(line.trim())?.[1] ?? 0)));
    };
    const follows = async (): Promise<void> => {
      const begun = await last();
      await until('two more lines of the log', async () => (await last()) > begun + 1);
    };
    await follows();
    await screenshot('panel-running');
    await workbench.reload();
    await workbench.webview().locator('h1', { hasText: 'talk.sh' }).waitFor();
    await follows();
    await workbench.openContainer('PanDA');
    await workbench.waitForRow(JOBS, 'talk.sh after the reload', isIn('talk.sh', 'running'));
    await cancelRow('talk.sh');
    await workbench.waitForRow(JOBS, 'a cancelled talk.sh', isIn('talk.sh', 'cancelled'));
    await workbench.webview().locator('.state-word', { hasText: 'cancelled' }).waitFor();
  });

  it('wears the themes of the editor', async () => {
    const { workbench, screenshot } = harness();
    await openPanel('HelloPanda');
    const themes = [
      ['light', 'Light Modern'],
      ['dark', 'Dark Modern'],
      ['highContrast', 'Dark High Contrast'],
    ] as const;
    const paper = (): Promise<string> =>
      workbench
        .webview()
        .locator('body')
        .evaluate((body) => getComputedStyle(body).backgroundColor);
    const papers = new Set<string>();
    for (const [kind, theme] of themes) {
      await workbench.setTheme(theme, kind);
      papers.add(await until(`a page in ${theme}`, async () => !papers.has(await paper()) && paper()));
      await screenshot(`theme-${kind}`);
    }
    assert.equal(papers.size, 3);
  });
});
