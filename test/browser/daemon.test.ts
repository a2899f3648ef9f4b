import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { dist } from '../../scripts/lib/paths.ts';
import {
  createJobControlClient,
  createRegistryClient,
  createRmiClient,
  EMPTY_JOB,
} from '../../src/pipeline/rmi/index.ts';
import type { Job, RmiClient } from '../../src/pipeline/rmi/index.ts';
import { DaemonProcess, SERVICE, USER } from '../interop/jobControlDaemon.ts';
import { until } from '../support/until.ts';
import { startMailServer } from '../unit/pipeline/mail/mailServer.ts';
import type { MailServer } from '../unit/pipeline/mail/mailServer.ts';
import { useHarness } from './harness.ts';

const PIPELINE = 'Pipeline';

/** What somebody does who runs a daemon: look at its jobs, read a mail, cancel one, and see that it was stopped. */
describe('a job control daemon in the window', function () {
  this.timeout(300_000);

  const harness = useHarness({ name: 'daemon' });
  let mails: MailServer | undefined;
  let daemon: DaemonProcess | undefined;
  let client: RmiClient | undefined;

  after(async () => {
    client?.close();
    await daemon?.end('SIGTERM');
    await mails?.close();
  });

  const rowWith = (label: string, description: RegExp): Promise<unknown> =>
    harness().workbench.waitForRow(
      PIPELINE,
      `${label} with ${description.source}`,
      (row) => row.label === label && description.test(row.description),
      120_000,
    );
  const row = (label: string): Locator => harness().workbench.row(PIPELINE, label);

  const job = (instance: number, stream: string, process: string, command: string): Job => ({
    ...EMPTY_JOB,
    command,
    env: new Map([
      ['PIPELINE_TASK', 'visit'],
      ['PIPELINE_STREAM', stream],
      ['PIPELINE_PROCESS', process],
      ['PIPELINE_PROCESSINSTANCE', String(instance)],
    ]),
  });

  const startDaemon = async (): Promise<number> => {
    const { home } = harness();
    await mkdir(home, { recursive: true });
    mails = await startMailServer();
    const config = {
      state: join(home, 'daemon'),
      users: { [USER]: { profile: 'sandbox', prodUserName: 'lsst prod' } },
      rmi: { host: '127.0.0.1', publicHost: '127.0.0.1', port: 0 },
      mail: { from: 'panda@example.org', to: 'pipeline@example.org', server: '127.0.0.1', port: mails.port },
      pollSeconds: 1,
    };
    const env = { ...process.env, DESC_PANDA_HOME: home, DESC_PANDA_PROFILE: 'sandbox' };
    const entry = join(dist, 'cli', 'main.js');
    daemon = new DaemonProcess(entry, join(home, 'jobcontrold.json'), JSON.stringify(config), env);
    return daemon.start();
  };

  it('says what the view is for, while there is none', async () => {
    const { workbench, screenshot } = harness();
    await workbench.openContainer('PanDA');
    for (const view of ['Jobs', 'Sites', 'Catalog'])
      await workbench.view(view).locator('.pane-header').click();
    await workbench.command('PanDA: Focus on Pipeline View');
    await workbench.view(PIPELINE).getByText('Job control daemons that you run').waitFor();
    await screenshot('daemon-none');
  });

  it('shows its tasks, streams and jobs as they change', async () => {
    const port = await startDaemon();
    await rowWith('Job control daemon', /^$/u);
    client = createRmiClient();
    const ref = await createRegistryClient(client, { host: '127.0.0.1', port }).lookup(SERVICE);
    const service = createJobControlClient(client, ref);
    await service.submit(job(101, '1', 'setup', 'hello'));
    await service.submit(job(102, '1', 'stumble', 'hello -- --code 3'));
    await service.submit(job(103, '1.7', 'phoSim', 'hello -- --seconds 600'));
    await service.submit(job(104, '2', 'setup', 'hello'));
    const { workbench, screenshot } = harness();
    await row('Job control daemon').click();
    await rowWith('visit', /^1 failed · 1 running · 2 done$/u);
    await row('visit').click();
    await rowWith('Stream 2', /^1 done$/u);
    await row('Stream 1').click();
    await rowWith('stumble', /^failed · exit code 3 · \d+ · /u);
    await rowWith('phoSim', /^running · \d+ · substream 1\.7 · \d+ (?:s|m)/u);
    for (const [kind, theme] of [
      ['light', 'Light Modern'],
      ['highContrast', 'Dark High Contrast'],
      ['dark', 'Dark Modern'],
    ] as const) {
      await workbench.setTheme(theme, kind);
      await screenshot(`daemon-${kind}`);
    }
  });

  it('opens the mails of a job', async () => {
    const { workbench, page, screenshot } = harness();
    await until('all mails of what ended', () => Promise.resolve((mails?.received.length ?? 0) >= 7));
    await workbench.contextMenu(row('stumble'), 'Show mails');
    const lines = page.locator('.editor-instance .view-lines');
    await lines.getByText('Status: Ended').first().waitFor();
    await screenshot('daemon-mails');
  });

  it('cancels a job, and offers no rollback', async () => {
    const { workbench, page } = harness();
    await workbench.openContextMenu(row('stumble'));
    const labels = await workbench.menuLabels();
    await page.keyboard.press('Escape');
    await workbench.menuItems().first().waitFor({ state: 'hidden' });
    assert.ok(labels.includes('Show job') && !labels.includes('Roll back'), labels.join(', '));
    await workbench.contextMenu(row('phoSim'), 'Cancel');
    assert.match(await workbench.answerDialog('Cancel job'), /^Cancel the job of phoSim\?/u);
    await rowWith('phoSim', /^failed · cancelled · /u);
  });

  it('says that it does not run any more', async () => {
    const { screenshot } = harness();
    await daemon?.end('SIGTERM');
    await rowWith('Job control daemon', /^does not run$/u);
    await screenshot('daemon-stopped');
  });
});
