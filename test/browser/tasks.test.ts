import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';
import { pictureInEachTheme } from './themes.ts';
import type { TreeRow } from './workbench.ts';

const JOBS = 'Jobs';

/** What somebody does who lets PanDA look after many runs of one script. */
describe('tasks in the window', () => {
  const harness = useHarness({
    name: 'tasks',
    files: {
      'work.sh': '#!/bin/sh\necho "run $1"\n[ "$1" != 2 ]\n',
      'slow.sh': '#!/bin/sh\nsleep 300\n',
      'half.sh': '#!/bin/sh\n[ "$1" = 1 ] || sleep 300\n',
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

  const submit = async (file: string, words: string, jobs: string): Promise<void> => {
    const { workbench, page } = harness();
    await workbench.openFile(file);
    await workbench.command('PanDA: Submit to PanDA');
    await until('the form', firstLine('Submit 1 job to SANDBOX'));
    await workbench.pick('Arguments');
    await answer('Words', words);
    await until('the form again', firstLine('Submit 1 job to SANDBOX'));
    await workbench.pick('Submit as');
    await until('the ways', firstLine('Jobs'));
    await workbench.pick('A task');
    await answer('Jobs of the task', jobs);
    await answer('How often each job is tried', '1');
    await until('the form of a task', firstLine(`Submit a task of ${jobs} jobs to SANDBOX`));
    await page.keyboard.press('Enter');
  };
  const expand = async (label: string): Promise<void> => {
    const { workbench, page } = harness();
    await workbench.row(JOBS, label).click();
    await page.keyboard.press('ArrowRight');
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
    await screenshot('task-form');
    await workbench.pick('Dry run');
    await workbench.tab('work.sh as PanDA task.json').waitFor();
    await until('the form once more', firstLine('Submit a task of 3 jobs to SANDBOX'));
    await page.keyboard.press('Escape');
    const text = page.locator('.editor-instance .view-lines').first();
    await until('the parameters', async () => (await text.innerText()).includes('"taskName"'));
    await screenshot('task-dry-run');
    await workbench.command('View: Close All Editors');
  });

  it('expands in the tree, and its jobs end', async () => {
    const { workbench } = harness();
    await submit('work.sh', '%RNDM:0', '3');
    await rowOf('work.sh', /task (submitted|registered|defined|ready|running)/);
    await rowOf('work.sh', /task finished, 3 jobs, 1 failed, 2 finished/);
    await expand('work.sh');
    await workbench.waitForRow(
      JOBS,
      'a failed job',
      ({ level, spoken }) => level === 2 && spoken.includes('failed'),
    );
    await pictureInEachTheme(harness(), 'task-tree');
  });

  it('offers what its state takes, and is tried again', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.openContextMenu(workbench.row(JOBS, 'work.sh'));
    const labels = await workbench.menuLabels();
    await screenshot('task-menu');
    await page.keyboard.press('Escape');
    assert.ok(labels.includes('Retry task'), labels.join(', '));
    assert.ok(!labels.includes('Kill task…') && !labels.includes('Resume task'), labels.join(', '));
    await workbench.contextMenu(workbench.row(JOBS, 'work.sh'), 'Retry task');
    await workbench.waitForRow(JOBS, 'earlier attempts', ({ label }) => label === 'Earlier attempts');
    await rowOf('work.sh', /task finished, 3 jobs, 1 failed, 2 finished/);
    const earlier = (await workbench.treeRows(JOBS)).find(({ label }) => label === 'Earlier attempts');
    assert.equal(earlier?.expanded, false);
    await screenshot('task-retried');
  });

  it('shows its parameters', async () => {
    const { workbench } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'work.sh'), 'Show parameters of task');
    await workbench.tab(/work\.sh \d+\.json/).waitFor();
  });

  it('is shown by its link, which leads back to its row', async () => {
    const { workbench, page } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'work.sh'), 'Copy link to task');
    const link = await until('the link', async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return text.includes('/task/') && text;
    });
    assert.match(link, /^[\w-]+:\/\/lsst-desc\.desc-panda\/task\/\d+\?profile=sandbox$/u);
    await workbench.openContainer('Explorer');
    await workbench.command('Developer: Open URL');
    await workbench.quickInput().fill(link);
    await page.keyboard.press('Enter');
    await workbench.answerDialog('Open');
    await until('the row of the task to be the one in use', async () => {
      const row = workbench.row(JOBS, 'work.sh');
      return (await row.isVisible()) && (await row.getAttribute('aria-selected')) === 'true';
    });
  });

  it('leaves a record in the workspace, which the menu shows', async () => {
    const { workbench, page } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'work.sh'), 'Show submission');
    await workbench.tab(/^[a-z0-9]{10}\.yaml/).waitFor();
    const text = page.locator('.editor-instance .view-lines').first();
    await until('the task in its record', async () => /taskId:\s\d+/u.test(await text.innerText()));
    await workbench.command('View: Close All Editors');
  });

  it('ends with what is done when it is finished early', async () => {
    const { workbench } = harness();
    await submit('half.sh', '%RNDM:0', '2');
    await rowOf('half.sh', /task running, 2 jobs, 1 running, 1 finished/);
    await workbench.contextMenu(workbench.row(JOBS, 'half.sh'), 'Finish task…');
    assert.match(await workbench.answerDialog('Finish task'), /^Finish task: half\.sh \(\d+\)\?/);
    await rowOf('half.sh', /task finished/);
    await workbench.takeNotification(/Task half\.sh finished, but not all of it/);
  });

  it('loses one job that is cancelled, and goes on with the other', async () => {
    const { workbench } = harness();
    await submit('slow.sh', '', '2');
    await rowOf('slow.sh', /task running, 2 jobs, 2 running/);
    await expand('slow.sh');
    const isJob = ({ level, spoken }: TreeRow): boolean => level === 2 && spoken.includes('running');
    const { label } = await workbench.waitForRow(JOBS, 'a running job', isJob);
    await workbench.contextMenu(workbench.row(JOBS, label), 'Cancel');
    await workbench.answerDialog('Cancel job');
    await rowOf('slow.sh', /task running, 2 jobs, .*1 cancelled/);
  });

  it('is paused, and goes on', async () => {
    const { workbench, page, screenshot } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'slow.sh'), 'Pause task');
    await rowOf('slow.sh', /task paused/);
    await workbench.openContextMenu(workbench.row(JOBS, 'slow.sh'));
    const labels = await workbench.menuLabels();
    await screenshot('task-paused');
    await page.keyboard.press('Escape');
    assert.ok(labels.includes('Resume task') && !labels.includes('Pause task'), labels.join(', '));
    await workbench.contextMenu(workbench.row(JOBS, 'slow.sh'), 'Resume task');
    await rowOf('slow.sh', /task running/);
  });

  it('is killed after a question', async () => {
    const { workbench, screenshot } = harness();
    await workbench.contextMenu(workbench.row(JOBS, 'slow.sh'), 'Kill task…');
    assert.match(await workbench.answerDialog('Kill task'), /^Kill task: slow\.sh \(\d+\)\?/);
    await rowOf('slow.sh', /task aborted/);
    await screenshot('task-killed');
  });
});
