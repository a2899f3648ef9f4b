import { useHarness } from './harness.ts';

describe('the packed extension, installed', () => {
  const harness = useHarness({ name: 'packed', packed: true });

  it('runs HelloPanda and shows its log', async () => {
    const { workbench } = harness();
    await workbench.openContainer('PanDA');
    await workbench.command('PanDA: Run HelloPanda');
    await workbench.waitForRow(
      'Jobs',
      'a finished HelloPanda',
      (row) => row.label === 'HelloPanda' && row.spoken.includes('finished'),
    );
    await workbench.row('Jobs', 'HelloPanda').click();
    await workbench.webview().locator('.lines .text', { hasText: 'Hello from PanDA' }).waitFor();
  });
});
