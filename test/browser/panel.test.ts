import assert from 'node:assert/strict';
import type { JobRecord } from '../../src/panda/index.ts';
import { type MadeUp, type MadeUpSession, madeUpSession, text } from '../unit/panel/madeUpSession.ts';
import { recorded } from '../unit/panel/recordedJobs.ts';
import { until } from '../support/until.ts';
import { longestTask, Pages, screenshot } from './panel/pages.ts';
import { openPage, type PageHarness, type PageOptions, type Theme } from './panel/pageHarness.ts';

const pilot = { pilotID: 'http://storage/1/pilotlog.txt|sandbox|PR|1' };

const pages = new Pages<PageHarness>();

async function open(
  given: MadeUp,
  options: Partial<PageOptions> = {},
): Promise<PageHarness & { session: MadeUpSession }> {
  const session = madeUpSession(given);
  const harness = await openPage({
    browser: pages.browser,
    sessions: session,
    pandaId: given.record?.PandaID ?? 1,
    ...options,
  });
  return Object.assign(pages.opened(harness), { session });
}

/** A running job as the server would describe it now. */
function running(): JobRecord {
  const now = Date.now();
  const times = { creationTime: now - 90_000, startTime: now - 60_000, modificationTime: now - 5000 };
  return { ...recorded.running(), ...times, ...pilot };
}

function numbered(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${from + index} of the log\n`).join('');
}

async function shownText({ page }: PageHarness): Promise<string> {
  return page.locator('.rows').innerText();
}

describe('the panel of a job', () => {
  pages.registerHooks();

  const states: readonly (readonly [string, () => JobRecord, Theme])[] = [
    ['activated', recorded.activated, 'vscode-light'],
    ['running', running, 'vscode-dark'],
    ['holding', recorded.holding, 'vscode-light'],
    ['finished', recorded.finished, 'vscode-light'],
    ['failed', recorded.failed, 'vscode-dark'],
    ['cancelled', recorded.cancelled, 'vscode-high-contrast'],
    ['cancel requested', recorded.cancelRequested, 'vscode-dark'],
    ['sublimated', () => ({ ...running(), jobStatus: 'sublimated' }), 'vscode-dark'],
  ];
  for (const [word, record, theme] of states) {
    it(`shows a job that is ${word}`, async () => {
      const { page } = await open(
        { record: record(), logs: { 'payload.stdout': text(numbered(1, 200)) } },
        { theme },
      );
      await page.locator('.state-word', { hasText: word }).waitFor();
      assert.match(
        await page.locator('.facts').innerText(),
        /^\d+BNL-LSSTattempt 1as of \d\d:\d\d:\d\d UTC$/,
      );
      assert.notEqual(await page.locator('.timeline .segment').count(), 0);
      assert.equal(await page.locator('.failure').isVisible(), word === 'failed');
      for (const tab of ['files', 'parameters', 'resources', 'attempts', 'log']) {
        await page.locator(`vscode-panel-tab#${tab}`).click();
        await page.locator(`#${tab}-view`).waitFor({ state: 'visible' });
      }
      await screenshot(page, `panel-${word.replace(' ', '-')}`);
    });
  }

  it('says what hinders it, and shows the job once it can', async () => {
    const record = recorded.finished();
    const { page, session } = await open({ record: null }, { pandaId: record.PandaID });
    await page.getByText(`Could not show job ${record.PandaID}: sandbox knows no such job.`).waitFor();
    session.setRecord(record);
    await page.locator('.state-word', { hasText: 'finished' }).waitFor();
    assert.equal(await page.locator('.trouble').isVisible(), false);
  });

  it('keeps what it shows while the server does not answer, and says so', async () => {
    const { page, session } = await open({ record: recorded.finished() });
    await page.locator('.state-word').waitFor();
    session.setFailure(new Error('the line is dead'));
    await page.locator('vscode-button[aria-label=Refresh]').click();
    await page.getByText('the line is dead').waitFor();
    assert.equal(await page.locator('.state-word').innerText(), 'finished');
    session.setFailure(undefined);
    await page.locator('vscode-button', { hasText: 'Try again' }).click();
    await page.locator('.trouble').waitFor({ state: 'hidden' });
  });

  it('follows a job from running to failed, and leads to the line that tells why', async () => {
    const { page, session, panel } = await open({
      record: running(),
      logs: { 'payload.stdout': text('works\n') },
    });
    await page.locator('.state-word', { hasText: 'running' }).waitFor();
    const trace =
      'Traceback (most recent call last):\n  File "a.py", line 1\nRuntimeError: no calibration for detector 94\n';
    session.setLog('payload.stderr', text(`${numbered(1, 5000)}${trace}`));
    session.setRecord({ ...recorded.failed(), ...pilot, PandaID: panel.pandaId });
    await page.locator('.state-word', { hasText: 'failed' }).waitFor();
    await page.locator('.telling', { hasText: 'RuntimeError: no calibration for detector 94' }).click();
    await page.locator('.row.current', { hasText: 'no calibration' }).waitFor();
    assert.equal(await page.locator('.row.current .gutter').getAttribute('data-number'), '5003');
    await screenshot(page, 'panel-telling-line');
  });

  it('asks its host to act, and does nothing itself', async () => {
    const { page, acts, panel } = await open({ record: running(), logs: { 'payload.stdout': text('a\n') } });
    await page.locator('vscode-button', { hasText: 'Cancel' }).click();
    await page.locator('.fact', { hasText: String(panel.pandaId) }).click();
    await until('two acts', async () => acts.length === 2);
    assert.deepEqual(acts, [`cancel ${panel.pandaId}`, `copy ${panel.pandaId}`]);
  });

  it('opens the files of a job that has ended', async () => {
    const record = recorded.finished();
    const { page, acts } = await open({ record });
    await page.locator('vscode-panel-tab#files').click();
    const [output] = record.files.filter(({ type }) => type === 'output');
    await page.locator('#files-view button.link', { hasText: output!.lfn! }).click();
    await until('an act', async () => acts.length === 1);
    assert.deepEqual(acts, [`openFile ${record.PandaID} ${output!.lfn}`]);
    await screenshot(page, 'panel-files');
  });

  for (const theme of ['vscode-light', 'vscode-dark', 'vscode-high-contrast'] as const) {
    it(`draws what a job used over time in the colours of ${theme}`, async () => {
      const line = (second: number): string => {
        const memory = 900_000 + 700_000 * Math.sin(second / 900) + (second > 3000 ? 500_000 : 0);
        return [second, second, Math.round(memory), Math.round(memory * 1.2), Math.round(second * 1.6)].join(
          '\t',
        );
      };
      const lines = Array.from({ length: 120 }, (_, index) => line(index * 60));
      const usage = `Time\twtime\tpss\trss\tutime\n${lines.join('\n')}\n`;
      const record = { ...recorded.finished(), minRamCount: 2000, minRamUnit: 'MB', coreCount: 2 };
      const { page } = await open({ record, usage }, { theme, height: 1100 });
      await page.locator('.state-word').waitFor();
      assert.equal(await page.locator('script[src*="usage.js"]').count(), 0);
      await page.locator('vscode-panel-tab#resources').click();
      await page.locator('.plots canvas').nth(1).waitFor();
      assert.match(
        (await page.locator('.plots').getAttribute('aria-label')) ?? '',
        /^Memory: at most \d+ MB of 2000 MB asked for\. Processors: at most 1\.\d of 2\.$/,
      );
      await screenshot(page, `panel-usage-${theme}`);
    });
  }

  it('follows a log that grows, only while its end is in view', async () => {
    let content = numbered(1, 300);
    const { page, session } = await open({ record: running(), logs: { 'payload.stdout': text(content) } });
    await page.locator('.row', { hasText: 'line 300 of' }).waitFor();
    const grow = (from: number): void => {
      content += numbered(from, 100);
      session.setLog('payload.stdout', text(content));
    };
    grow(301);
    await page.locator('.row', { hasText: 'line 400 of' }).waitFor();
    await page.locator('.lines').evaluate((lines) => (lines.scrollTop = 0));
    await page.locator('.row', { hasText: 'line 1 of' }).waitFor();
    grow(401);
    await page.locator('.edge.below', { hasText: 'later' }).waitFor();
    assert.equal(await page.locator('.lines').evaluate((lines) => lines.scrollTop), 0);
    await page.locator('.edge.below vscode-button', { hasText: 'Go to end' }).click();
    await page.locator('.row', { hasText: 'line 500 of' }).waitFor();
  });

  it('finds every match in the whole file and goes from one to the next', async () => {
    const content = Array.from({ length: 20_000 }, (_, index) =>
      index % 5000 === 17
        ? `WARNING: strange (${index})\n`
        : `line ${index} that is long enough to fill a log\n`,
    ).join('');
    const { page } = await open({ record: recorded.finished(), logs: { 'payload.stdout': text(content) } });
    await page.locator('.row', { hasText: 'line 19999 ' }).waitFor();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('strange (');
    const count = page.locator('.find-count');
    await count.getByText('1 of 4').waitFor();
    await page.locator('.row.current', { hasText: 'strange (17)' }).waitFor();
    await page.locator('.match', { hasText: 'strange (' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.row.current', { hasText: 'strange (5017)' }).waitFor();
    assert.equal(await page.locator('.row.current .gutter').getAttribute('data-number'), '5018');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.press('Shift+Enter');
    await count.getByText('4 of 4').waitFor();
    await page.locator('vscode-button[aria-label="Use regular expression"]').click();
    await count.getByText('Not a regular expression: unterminated group').waitFor();
  });

  it('goes to the first error', async () => {
    const lines = `${numbered(1, 9000)}\x1b[31mERROR\x1b[0m no PSF\n${numbered(9002, 9000)}ERROR again\n`;
    const { page } = await open({ record: recorded.finished(), logs: { 'payload.stdout': text(lines) } });
    await page.locator('.row', { hasText: 'ERROR again' }).waitFor();
    await page.locator('vscode-button', { hasText: 'First error' }).click();
    await page.locator('.row.current', { hasText: 'ERROR no PSF' }).waitFor();
    assert.equal(await page.locator('.row.current .fg-1').innerText(), 'ERROR');
  });

  it('scrolls through a million lines without long work, holding a part of them', async () => {
    const line = (index: number): string =>
      `2026-11-23 02:45:00 INFO executor: quantum ${String(index).padStart(7)} of SingleFrame is done, all is well here\n`;
    const content = Buffer.concat(
      Array.from({ length: 1000 }, (_, block) =>
        Buffer.from(Array.from({ length: 1000 }, (__, index) => line(block * 1000 + index)).join('')),
      ),
    );
    const { page } = await open({ record: recorded.finished(), logs: { 'payload.stdout': content } });
    await page.locator('.row', { hasText: 'quantum  999999 ' }).waitFor();
    await page.locator('.edge.above vscode-button', { hasText: 'Go to start' }).click();
    await page.locator('.row', { hasText: 'quantum       0 ' }).waitFor();
    const lines = page.locator('.lines');
    const longest = await longestTask(page, async () => {
      for (let step = 0; step < 120; step += 1) {
        await lines.evaluate(async (element) => {
          element.scrollTop = element.scrollHeight;
          await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
        });
      }
    });
    const numbers = await page
      .locator('.gutter')
      .evaluateAll((all) => all.map((one) => Number(one.getAttribute('data-number'))));
    assert.ok(Math.max(...numbers) > 300_000, `came to line ${Math.max(...numbers)}`);
    assert.ok((await page.locator('.row').count()) < 200);
    assert.ok(longest < 100, `${longest} ms`);
  });

  it('shows odd logs: empty, binary, without line ends, with progress bars', async () => {
    const noise = Buffer.alloc(300_000, 0).map((_, index) => (index * 7919) % 256);
    const logs = {
      'payload.stdout': new Uint8Array(),
      'payload.stderr': Buffer.concat([noise, Buffer.from(`\n10%\r99%\r100%\r\n${'x'.repeat(100_000)}`)]),
    };
    const { page } = await open({ record: { ...recorded.finished(), ...pilot }, logs });
    await page.getByText('This log is empty').waitFor();
    await page.locator('vscode-dropdown').click();
    await page.locator('vscode-option', { hasText: 'payload.stderr' }).click();
    await page.locator('.row', { hasText: 'xxxxxxxx' }).first().waitFor();
    await page.locator('.row', { hasText: /^100%$/ }).waitFor();
    await page.locator('vscode-checkbox', { hasText: 'Wrap' }).click();
    await until('wrapped rows', () =>
      page.locator('.lines').evaluate((lines) => lines.scrollWidth <= lines.clientWidth),
    );
    await page.locator('vscode-dropdown').click();
    await page.locator('vscode-option', { hasText: 'pilotlog.txt' }).click();
    await page.getByText('The job left no pilotlog.txt').waitFor();
  });

  it('copies what is selected as it was written, over wrapped rows and rows out of view', async () => {
    const content = `${'long '.repeat(300)}\n${numbered(2, 400)}`;
    const { page, acts } = await open({
      record: recorded.finished(),
      logs: { 'payload.stdout': text(content) },
    });
    await page.locator('vscode-checkbox', { hasText: 'Wrap' }).click();
    await page.locator('.lines').evaluate((lines) => (lines.scrollTop = 0));
    await page.locator('.row', { hasText: 'line 2 of' }).waitFor();
    await page.locator('.rows').evaluate((rows) => {
      document
        .getSelection()
        ?.setBaseAndExtent(rows.firstElementChild!.querySelector('.text')!, 0, rows.lastElementChild!, 2);
    });
    const end = await page.locator('.row').last().innerText();
    await page.locator('.lines').evaluate((lines) => (lines.scrollTop = lines.scrollHeight));
    await page.locator('.row', { hasText: 'line 401 of' }).waitFor();
    await page.locator('vscode-button[aria-label^="Copy selection"]').click();
    await until('the copy', async () => acts.length === 1);
    const copied = acts[0]!.slice('copy '.length);
    assert.equal(copied, content.slice(0, content.indexOf(end) + end.length));
  });

  it('comes back after hiding as it was left', async () => {
    const content = numbered(1, 30_000);
    const { page } = await open({
      record: recorded.finished(),
      logs: { 'payload.stdout': text(content) },
    });
    await page.locator('.row', { hasText: 'line 30000 of' }).waitFor();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('line 12345 of');
    await page.locator('.row.current', { hasText: 'line 12345 of' }).waitFor();
    const kept = () => page.evaluate(() => sessionStorage.getItem('state') ?? '');
    await until('the kept place', async () => /"top":\{"offset":26\d{4},"line":123\d\d\}/.test(await kept()));
    const before = await page.locator('.row').allInnerTexts();
    await pages.current.hideAndShow();
    await page.locator('.row', { hasText: 'line 12345 of' }).waitFor();
    await page.locator('.find-count', { hasText: '1' }).waitFor();
    const after = await page.locator('.row').allInnerTexts();
    const moved = after.indexOf('line 12345 of the log') - before.indexOf('line 12345 of the log');
    assert.ok(Math.abs(moved) <= 1, `moved by ${moved} rows`);
    assert.equal(
      await page.locator('.row', { hasText: 'line 12345 of' }).locator('.gutter').getAttribute('data-number'),
      '12345',
    );
    await page.locator('vscode-panel-tab#files').click();
    await until('the kept tab', async () => (await kept()).includes('"tab":"files"'));
    await pages.current.hideAndShow();
    await page.locator('#files-view table').waitFor();
  });

  it('is used by keyboard alone', async () => {
    const { page } = await open({
      record: recorded.finished(),
      logs: { 'payload.stdout': text(numbered(1, 500)) },
    });
    await page.locator('.row', { hasText: 'line 500 of' }).waitFor();
    await page.locator('vscode-panel-tab#log').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('#files-view table').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.lines').focus();
    await page.keyboard.press('Home');
    await page.locator('.row', { hasText: 'line 1 of' }).waitFor();
    assert.match(await shownText(pages.current), /line 3 of the log/);
  });
});
