import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';

/** The first steps that the welcome page of VS Code offers. */
describe('the walkthrough', () => {
  const harness = useHarness({ name: 'walkthrough', files: {} });

  const steps = [
    { title: 'See a job run', picture: 'The Jobs view' },
    { title: 'Submit the file you have open', picture: 'The form' },
    { title: 'Follow it', picture: 'The panel' },
    { title: 'Switch to another PanDA', picture: 'Switch profile' },
    { title: 'Find out what is wrong', picture: 'Check connection' },
  ];

  it('shows its steps with their pictures, and is done with what was done', async () => {
    const { workbench, page, screenshot } = harness();
    // A narrow page leaves the pictures out.
    await workbench.command('View: Toggle Primary Side Bar Visibility');
    await workbench.command('Welcome: Open Walkthrough...');
    await workbench.pick('PanDA for LSST DESC');
    const titles = page.locator('.gettingStartedContainer .getting-started-step .step-title');
    await until('the steps', async () => (await titles.count()) === steps.length);
    assert.deepEqual(
      await titles.allInnerTexts(),
      steps.map(({ title }) => title),
    );
    const pictures = page.frameLocator('.getting-started-media iframe').frameLocator('#active-frame');
    for (const [index, step] of steps.entries()) {
      // The first one is open from the start, and a click would close it.
      if (index > 0) await titles.getByText(step.title).click();
      await pictures.locator('svg', { has: page.locator('title', { hasText: step.picture }) }).waitFor();
      await screenshot(`walkthrough-${index + 1}`);
    }
    await titles.getByText('See a job run').click();
    await page.locator('.getting-started-step').getByText('Run HelloPanda', { exact: true }).click();
    await page
      .locator('.getting-started-step.expanded .codicon-getting-started-step-checked.complete')
      .waitFor();
    await workbench.openContainer('PanDA');
    await workbench.waitForRow('Jobs', 'a finished HelloPanda', (row) => row.spoken.includes('finished'));
  });
});
