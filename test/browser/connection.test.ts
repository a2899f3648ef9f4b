import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '../support/until.ts';
import { startHarness, type Harness } from './harness.ts';

const TOKEN = 'planted-token-0123456789';

/** A PanDA without a monitor that is not there at first, and another server in its place later. */
describe('a connection that does not come about', function () {
  this.timeout(120_000);
  let server: Server;
  let port: number;
  let harness: Harness;

  before(async function () {
    this.timeout(180_000);
    server = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html><title>Campus</title></html>');
    });
    await listen(0);
    port = (server.address() as AddressInfo).port;
    await close();
    harness = await startHarness({
      name: 'connection',
      env: { DESC_PANDA_PROFILE: '', MY_TOKEN: TOKEN },
      settings: {
        'descPanda.profile': 'far',
        'descPanda.profiles': {
          far: {
            server: `http://127.0.0.1:${port}`,
            vo: 'Rubin',
            authentication: { kind: 'token', tokenVariable: 'MY_TOKEN' },
          },
        },
      },
    });
    await harness.workbench.openContainer('PanDA');
  });
  after(async function () {
    this.timeout(60_000);
    await harness?.dispose();
    if (server?.listening) await close();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await harness.screenshot('failed-connection');
  });

  const listen = (at: number): Promise<void> =>
    new Promise((resolve) => server.listen(at, '127.0.0.1', () => resolve()));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  /** What of the report is on the screen. */
  const report = (): Promise<string> =>
    harness.page
      .locator('.editor-instance .view-lines')
      .first()
      .innerText()
      .then((text) => text.replaceAll('\u00a0', ' '));

  it('is told of in each view, with what to do', async () => {
    const { workbench, screenshot } = harness;
    await workbench.view('Jobs').getByText('PanDA does not answer').waitFor();
    await workbench.view('Sites').getByText('nothing of its sites is known yet').waitFor();
    await screenshot('unreachable');
  });

  it('is looked at hop by hop, from the button of a view', async () => {
    const { workbench, page, screenshot } = harness;
    await workbench.view('Sites').getByText('Check connection', { exact: true }).click();
    await until('the end of the report', async () => (await report()).includes('checks failed'));
    assert.match(await report(), /⊗ TCP +nothing listens there \(ECONNREFUSED/);
    await screenshot('connection-report');
    await page.getByRole('button', { name: 'Copy report' }).first().click();
    const copied = await until('the report to be copied', async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      return text.startsWith('PanDA connection') ? text : undefined;
    });
    assert.match(copied, /○ API +TCP failed/);
    assert.ok(!copied.includes(TOKEN));
  });

  it('is looked at anew, and filled in the same document', async () => {
    await listen(port);
    await harness.workbench.command('PanDA: Check connection');
    await until('the web page in the report', async () =>
      /⊗ HTTP +HTTP 200, a web page \(“Campus”\) instead of data/.test(await report()),
    );
  });
});
