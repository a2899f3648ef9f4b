import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';
import type { TreeRow } from './workbench.ts';

const JOBS = 'Jobs';
const THEMES = [
  ['light', 'Light Modern'],
  ['dark', 'Dark Modern'],
  ['highContrast', 'Dark High Contrast'],
] as const;

/** What somebody does who lets PanDA look after many runs of one script. */
describe('tasks in the window', function () {
  this.timeout(180_000);

  const harness = useHarness({
    name: 'tasks',
    files: {
      'work.sh': '#!/bin/sh\necho "run $1"\n[ "$1" != 2 ]\n',
      'slow.sh': '#!/bin/sh\nsleep 300\n',
      '.gitignore': 'private.txt\n',
      'private.txt': 'not for others\n',
    },
  });

  const firstLine = (text: string) => async (): Promise<boolean> =>
    (await harness().workbench.quickPickLabels())[0]?.includes(text) === true;
  const rowOf = (label: string, says: RegExp): Promise<TreeRow> =>
    until(`a row ${label} that says ${String(says)}`, async () => {
      const rows = await harness().workbench.treeRows(JOBS);
      return rows.find((row) => row.label === label && says.test(row.spoken));
    });
  const answer = async (question: string, text: string): Promise<void> => {
    const { workbench, page } = harness();
    await until(question, async () => {
      const input = page.locator('.quick-input-widget').filter({ hasText: question });
      return (await input.count()) > 0 && (await workbench.quickPickLabels()).length === 0;
    });
    await workbench.quickInput().fill(text);
    await page.keyboard.press('Enter');
  };

  before(async () => {
    await harness().workbench.openContainer('PanDA');
  });

  it('makes one of a script in the form, and shows exactly what would be sent', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.openFile('work.sh');
    await workbench.command('PanDA: Submit to PanDA');
    await until('the form', firstLine('Submit 1 job to SANDBOX'));
    await workbench.pick('Arguments');
    await until('the arguments to ask for', async () => (await workbench.quickPickLabels()).length === 0);
    await workbench.quickInput().fill('%RNDM:0');
    await page.keyboard.press('Enter');
    await until('the form again', firstLine('Submit 1 job to SANDBOX'));
    await workbench.pick('Submit as');
    await until('the ways', firstLine('Jobs'));
    await screenshot('task-form-as');
    await workbench.pick('A task with the files of workspace');
    await answer('Jobs of the task', '3');
    await answer('How often each job is tried', '1');
    await until('the form of a task', firstLine('Submit a task of 3 jobs to SANDBOX'));
    for (const [kind, theme] of THEMES) {
      await page.keyboard.press('Escape');
      await workbench.setTheme(theme, kind);
      break;
    }
  });
});
