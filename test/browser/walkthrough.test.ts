import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { useHarness } from './harness.ts';

/** The first steps that the welcome page of VS Code offers. */
describe('the walkthrough', () => {
  const harness = useHarness({ name: 'walkthrough', files: {} });

  const steps = [
    'See a job run',
    'Submit the file you have open',
    'Follow it',
    'Switch to another PanDA',
    'Find out what is wrong',
  ];

  it('shows its steps with their pictures, and is done with what was done', async () => {
    const { workbench, page, screenshot } = harness();
    // A narrow page leaves the pictures out.
    await workbench.command('View: Toggle Primary Side Bar Visibility');
    await workbench.command('Welcome: Open Walkthrough...');
    await workbench.pick('PanDA for LSST DESC');
    const titles = page.locator('.gettingStartedContainer .getting-started-step .step-title');
    await until('the steps', async () => (await titles.count()) === steps.length);
    assert.deepEqual(await titles.allInnerTexts(), steps);
    const picture = page.frameLocator('.getting-started-media iframe').frameLocator('iframe').locator('svg');
    for (const [index, step] of steps.entries()) {
      // The first one is open from the start, and a click would close it.
      if (index > 0) await titles.getByText(step).click();
      await picture.waitFor();
      await screenshot(`walkthrough-${index + 1}`);
    }
    await titles.getByText(steps[0] ?? '').click();
    await page.locator('.getting-started-step').getByText('Run HelloPanda', { exact: true }).click();
    await page
      .locator('.getting-started-step.expanded .codicon-getting-started-step-checked.complete')
      .waitFor();
    await workbench.openContainer('PanDA');
    await workbench.waitForRow('Jobs', 'a finished HelloPanda', (row) => row.spoken.includes('finished'));
  });
});
