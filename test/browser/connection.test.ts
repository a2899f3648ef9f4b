import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandboxServer, type SandboxServer } from '../../src/sandbox/index.ts';
import { until } from '../support/until.ts';
import { startHarness, type Harness } from './harness.ts';
import { pictureInEachTheme, THEMES } from './themes.ts';

const WORKFLOWS = [
  {
    ...{ request_id: 4711, r_name: 'u_jane_HSC_DRP-RC2_20261121T101500Z', r_status: 'Transforming' },
    ...{ username: 'Jane Doe', created_at: '2026-11-21 10:15:02', total_tasks: 12, total_files: 48_210 },
    ...{ tasks_statuses: { done: 7, running: 4, registered: 1 }, finished_files: 61.7, failed_files: 0.3 },
  },
  {
    ...{ request_id: 4712, r_name: 'u_john_cpBias_LATISS', r_status: 'Finished', username: 'John Roe' },
    ...{ created_at: '2026-11-22 18:00:40', total_tasks: 3, total_files: 96 },
    ...{ tasks_statuses: { done: 3 }, finished_files: 100, failed_files: 0 },
  },
  {
    ...{ request_id: 4713, r_name: '', r_status: 'New', username: null, created_at: null },
    ...{ total_tasks: 0, tasks_statuses: {}, total_files: 0, finished_files: null, failed_files: null },
  },
];

/**
 * Four profiles: `far`, which is not there at first and another server in its place later; `guarded`, which wants a
 * sign-in; `new`, where there is nothing yet; `busy`, whose monitor knows workflows.
 */
describe('views and report of a connection', function () {
  this.timeout(180_000);
  let folder: string;
  let far: LocalServer;
  let monitor: LocalServer;
  let sandbox: SandboxServer;
  let harness: Harness;
  let busy: LocalServer;

  before(async function () {
    this.timeout(240_000);
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-connection-'));
    sandbox = await startSandboxServer({ dataFolder: join(folder, 'sandbox'), owner: 'tester' });
    monitor = await startServer(monitorOf([]));
    busy = await startServer(monitorOf(WORKFLOWS));
    far = await startServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html><title>Campus</title></html>');
    });
    await far.close();
    const common = { vo: 'Rubin', site: 'SANDBOX' };
    const token = { kind: 'token', tokenVariable: 'MY_TOKEN' };
    harness = await startHarness({
      name: 'connection',
      env: { DESC_PANDA_PROFILE: '', MY_TOKEN: sandbox.token },
      settings: { 'descPanda.profile': 'far' },
      machineSettings: () => ({
        'descPanda.profiles': {
          far: { ...common, server: far.url, authentication: token },
          guarded: {
            ...common,
            server: sandbox.url,
            authentication: { kind: 'oidc', configRoot: join(folder, 'root') },
          },
          new: { ...common, server: sandbox.url, monitor: monitor.url, authentication: token },
          busy: { ...common, server: sandbox.url, monitor: busy.url, authentication: token },
        },
      }),
    });
    await harness.workbench.openContainer('PanDA');
  });
  after(async function () {
    this.timeout(60_000);
    await harness?.dispose();
    await Promise.all([far?.close(), monitor?.close(), busy?.close(), sandbox?.close()]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  afterEach(async function () {
    const { currentTest } = this;
    if (currentTest?.state === 'failed')
      await harness.screenshot(`failed-connection-${currentTest.title.slice(0, 40)}`);
  });

  /** Waits for the welcome texts of both views, and takes a picture in each theme. */
  const shows = async (picture: string, jobs: string, sites: string | undefined): Promise<void> => {
    const { workbench } = harness;
    await workbench.view('Jobs').getByText(jobs).waitFor({ timeout: 60_000 });
    if (sites !== undefined) await workbench.view('Sites').getByText(sites).waitFor({ timeout: 60_000 });
    await pictureInEachTheme(harness, picture);
  };
  const switchTo = async (profile: string): Promise<void> => {
    await harness.workbench.command('PanDA: Switch profile');
    await harness.workbench.pick(profile);
    await harness.workbench.statusBar(profile).waitFor();
  };
  /** What of the report is on the screen. */
  const report = async (): Promise<string> => {
    const lines = harness.page.locator('.editor-instance .view-lines').first();
    return (await lines.innerText()).replaceAll('\u00a0', ' ');
  };
  const reported = (what: string, text: RegExp): Promise<boolean> =>
    until(what, async () => text.test(await report()), { timeoutMs: 90_000, seen: report });

  it('tells in each view that PanDA does not answer', async () => {
    await shows('view-unreachable', 'PanDA does not answer', 'nothing of its sites is known yet');
  });

  it('is looked at hop by hop, from the button of a view', async () => {
    const { workbench, page } = harness;
    await workbench.view('Sites').getByText('Check connection', { exact: true }).click();
    await reported('the failed hop', /⊗ TCP +nothing listens there \(ECONNREFUSED/u);
    const copied = await until('the whole report to be copied', async () => {
      await page.getByRole('button', { name: 'Copy report' }).first().click();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return /^PanDA connection\n[^]*\d+ of \d+ checks failed/u.test(text) && text;
    });
    await pictureInEachTheme(harness, 'connection-report');
    assert.match(copied, /○ API +TCP failed/u);
    assert.ok(!copied.includes(sandbox.token));
  });

  it('is looked at anew, in the same document', async () => {
    await far.open();
    await harness.workbench.command('PanDA: Check connection');
    await reported('the web page', /⊗ HTTP +HTTP 200, a web page \(“Campus”\) instead of data/u);
    assert.equal(await harness.workbench.tab('PanDA connection').count(), 1);
    await harness.workbench.command('View: Close All Editors');
  });

  it('tells in each view that nobody is signed in', async () => {
    await switchTo('guarded');
    await shows('view-signed-out', 'Nobody is signed in to this PanDA.', undefined);
  });

  it('tells that there is no job yet, and shows the sites', async () => {
    await switchTo('new');
    const { workbench } = harness;
    await workbench.waitForRow('Sites', 'a site', ({ label }) => label === 'SANDBOX');
    await shows('view-empty', 'No jobs yet', undefined);
  });

  it('says that the monitor lists no workflow request', async () => {
    await harness.workbench.command('PanDA: Show workflow requests');
    await harness.workbench.takeNotification('The monitor lists no workflow request');
  });

  it('lists workflow requests, to be found by name, number, user or status', async () => {
    await switchTo('busy');
    const { workbench, page, screenshot } = harness;
    await workbench.command('PanDA: Show workflow requests');
    await until('the requests', async () => (await workbench.quickPickLabels()).length === 3);
    assert.deepEqual(await workbench.quickPickLabels(), [
      'Request 4713',
      'u_john_cpBias_LATISS',
      'u_jane_HSC_DRP-RC2_20261121T101500Z',
    ]);
    for (const [kind, theme] of THEMES) {
      await page.keyboard.press('Escape');
      await workbench.setTheme(theme, kind);
      await workbench.command('PanDA: Show workflow requests');
      await until('the requests again', async () => (await workbench.quickPickLabels()).length === 3);
      await screenshot(`workflows-${kind}`);
    }
    for (const [text, found] of [
      ['jane doe', 'u_jane_HSC_DRP-RC2_20261121T101500Z'],
      ['4713', 'Request 4713'],
      ['finished', 'u_john_cpBias_LATISS'],
    ] as const) {
      await workbench.quickInput().fill(text);
      await until(`what ${text} finds`, async () => (await workbench.quickPickLabels())[0] === found);
    }
    await page.keyboard.press('Escape');
  });
});

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

function monitorOf(workflows: readonly object[]): Answering {
  return ({ url = '' }, response) => {
    const answer = url.startsWith('/idds/') ? workflows : url.startsWith('/jobs') ? { jobs: [] } : [];
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  };
}

interface LocalServer {
  readonly url: string;
  /** Listens again, at the same port. */
  open(): Promise<void>;
  close(): Promise<void>;
}

async function startServer(answer: Answering): Promise<LocalServer> {
  const server: Server = createServer(answer);
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => listen(port),
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
