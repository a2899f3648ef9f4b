import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';
import type { TreeRow, Workbench } from './workbench.ts';

const JOBS = 'Jobs';

/** Two windows of one person on the same folder and sandbox. */
describe('two windows at once', () => {
  const harness = useHarness({
    name: 'two-windows',
    files: { 'sleep.sh': '#!/bin/sh\necho "asleep"\nexec sleep 600\n' },
  });
  let other: Workbench;

  const isIn = (label: string, state: string) => (row: TreeRow) =>
    row.label === label && row.spoken.includes(state);

  /** A window that opens shows again what the one before showed, sooner or later. */
  async function openAnother(): Promise<Workbench> {
    const opened = await harness().openWindow();
    await opened.command('PanDA: Show jobs');
    await opened.view(JOBS).waitFor();
    return opened;
  }

  /** One that nobody looks at asks PanDA less often. */
  async function waitIn(window: Workbench, label: string, state: string, rows = 1): Promise<void> {
    await window.page.bringToFront();
    await until(`${rows} times ${label}, ${state}`, async () => {
      const found = (await window.treeRows(JOBS)).filter(isIn(label, state));
      return found.length === rows;
    });
  }

  before(async () => {
    await harness().workbench.openContainer('PanDA');
  });

  it('show in one what was submitted in the other, once', async () => {
    const { workbench } = harness();
    await workbench.command('PanDA: Run HelloPanda');
    await waitIn(workbench, 'HelloPanda', 'finished');
    other = await openAnother();
    await waitIn(other, 'HelloPanda', 'finished');
    await other.command('PanDA: Run HelloPanda');
    await waitIn(other, 'HelloPanda', 'finished', 2);
    await waitIn(workbench, 'HelloPanda', 'finished', 2);
  });

  it('cancel in one what runs in the other, and one of them tells that it ended', async () => {
    const { workbench, page } = harness();
    await workbench.openFile('sleep.sh');
    await workbench.command('PanDA: Submit to PanDA');
    await until('the form to say what Enter does', async () =>
      (await workbench.quickPickLabels())[0]?.includes('Submit 1 job to SANDBOX'),
    );
    await page.keyboard.press('Enter');
    await waitIn(workbench, 'sleep.sh', 'running');
    // Opened later: it knows of what the first one waits for.
    const third = await openAnother();
    await waitIn(third, 'sleep.sh', 'running');
    await waitIn(other, 'sleep.sh', 'running');
    await other.contextMenu(other.row(JOBS, 'sleep.sh'), 'Cancel');
    await other.answerDialog('Cancel job');
    const windows = [workbench, other, third];
    for (const window of windows) {
      await waitIn(window, 'sleep.sh', 'cancelled');
      await window.openNotifications();
    }
    const told = (): Promise<number[]> =>
      Promise.all(windows.map((window) => window.notification('sleep.sh was cancelled').count()));
    const sum = async (): Promise<number> => (await told()).reduce((one, more) => one + more, 0);
    await until('a window to tell of it', async () => (await sum()) > 0);
    // A second one would come as soon as this.
    await page.waitForTimeout(3000);
    assert.equal(await sum(), 1, JSON.stringify(await told()));
    await harness().screenshot('two-windows');
  });
});
