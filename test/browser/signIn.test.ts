import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist } from '../../scripts/lib/paths.ts';
import { createSandboxControl, type SandboxControl } from '../../src/sandbox/index.ts';
import { CLIENT_ID, startOidcProvider, type OidcProvider } from '../support/oidcProvider.ts';
import { startRefusingProxy, type RefusingProxy } from '../support/refusingProxy.ts';
import { until } from '../support/until.ts';
import { startHarness, type Harness } from './harness.ts';

const JOBS = 'Jobs';
const MANY = 300;

/** A PanDA that wants a sign-in, whose variables the shell has; nothing else is configured. */
describe('signing in from the window', () => {
  let folder: string;
  let idp: OidcProvider;
  let sandbox: SandboxControl;
  let panda: RefusingProxy;
  let harness: Harness;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desc-panda-sign-in-'));
    idp = await startOidcProvider();
    sandbox = createSandboxControl({
      options: {
        dataFolder: join(folder, 'sandbox'),
        port: 0,
        slots: 2,
        heartbeatSeconds: 1,
        signIn: { issuer: idp.url, clientId: CLIENT_ID, vo: 'Rubin' },
      },
      nodePath: process.execPath,
      mainEntry: join(dist, 'sandbox/main.js'),
      payloadFolder: join(dist, 'payloads'),
      env: process.env,
    });
    panda = await startRefusingProxy((await sandbox.start()).url);
    harness = await startHarness({
      name: 'signIn',
      env: {
        DESC_PANDA_PROFILE: '',
        PANDA_URL_SSL: `${panda.url}/server/panda`,
        PANDAMON_URL: panda.url,
        PANDA_AUTH: 'oidc',
        PANDA_AUTH_VO: 'Rubin',
        PANDA_CONFIG_ROOT: join(folder, 'root'),
      },
      settings: { 'descPanda.site': 'SANDBOX' },
      files: {
        'quick.sh': '#!/bin/sh\necho done\n',
        'many.panda.yaml': `transformation: script\nfile: quick.sh\nname: 'many {n}'\nsweep:\n  parameters:\n    n: {from: 1, to: ${MANY}}\n`,
      },
    });
    await harness.workbench.openContainer('PanDA');
  });
  after(async () => {
    await harness?.dispose();
    await panda?.close();
    await sandbox?.stop();
    await idp?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  afterEach(async function () {
    const { currentTest } = this;
    if (currentTest?.state === 'failed')
      await harness.screenshot(`failed-signIn-${currentTest.title.slice(0, 40)}`);
  });

  const prompts = () => harness.workbench.notification('does not know you any more');
  /** The code that the window waits for. */
  const shownCode = async (): Promise<string> => {
    await harness.workbench.openNotifications();
    const text = await harness.workbench.notification('enter the code').innerText();
    return /\w{4}-\w{4}/.exec(text)?.[0] ?? '';
  };
  const refreshes = (): number => idp.answers.filter(({ grant }) => grant === 'refresh_token').length;

  it('says that nobody is signed in, and shows code and link', async () => {
    const { workbench, page, screenshot } = harness;
    await workbench.view(JOBS).getByText('Nobody is signed in').waitFor();
    await workbench.statusBar('environment: signed out').waitFor();
    await screenshot('signed-out');
    await workbench.view(JOBS).getByText('Sign in', { exact: true }).click();
    await workbench.dialog().waitFor();
    await screenshot('sign-in-dialog');
    const text = await workbench.answerDialog('Copy code');
    const code = await shownCode();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);
    assert.match(text, /Sign in to PanDA \(environment\)/);
    await screenshot('sign-in-waiting');
    await idp.answer(`${idp.url}/device?user_code=${code}`, 'allow');
    await workbench.view(JOBS).getByText('No jobs yet').waitFor();
    await workbench.statusBar(/environment$/).waitFor();
    await workbench.notification('enter the code').waitFor({ state: 'detached' });
  });

  it('runs a job that belongs to who signed in', async () => {
    const { workbench } = harness;
    await workbench.command('PanDA: Run HelloPanda');
    const isDone = ({
      label,
      description,
      spoken,
    }: {
      label: string;
      description: string;
      spoken: string;
    }): boolean => label === 'HelloPanda' && `${description} ${spoken}`.includes('finished');
    await workbench.waitForRow(JOBS, 'a finished HelloPanda', isDone);
  });

  it('shows who is signed in where profiles are switched', async () => {
    const { workbench, page, screenshot } = harness;
    await workbench.statusBar(/environment$/).click();
    await workbench.quickPickEntries().filter({ hasText: 'signed in as Jane Doe' }).first().waitFor();
    await screenshot('switch-profile');
    await page.keyboard.press('Escape');
  });

  it('waits in a poll for a token that the server finds out of date, and asks nobody', async () => {
    const before = refreshes();
    panda.refuseFrom('job/get_description');
    await harness.workbench.command('PanDA: Run HelloPanda');
    await until('a poll to be refused and sent again', async () => {
      const at = panda.calls.indexOf('job/get_description refused');
      return at >= 0 && panda.calls.indexOf('job/get_description', at) > at;
    });
    assert.equal(refreshes(), before + 1);
    assert.equal(await prompts().count(), 0);
  });

  it('loses no job of a submission whose token ends half way', async () => {
    const { workbench, page } = harness;
    const before = refreshes();
    // The second of two calls finds the token out of date.
    panda.refuseFrom('job/submit', 1);
    panda.calls.length = 0;
    await workbench.openFile('many.panda.yaml');
    await workbench.command('PanDA: Submit to PanDA');
    await workbench
      .quickPickEntries()
      .filter({ hasText: `Submit ${MANY} jobs to SANDBOX` })
      .waitFor();
    await page.keyboard.press('Enter');
    const total = async (): Promise<number> => {
      const { jobs = {} } = await sandbox.status();
      return Object.values(jobs).reduce((sum, count) => sum + count, 0);
    };
    await until('all jobs to be there', async () => (await total()) === MANY + 2, {
      timeoutMs: 60_000,
      seen: async () =>
        `${await total()} jobs; ${panda.calls.filter((call) => call.startsWith('job/')).join()}`,
    });
    const submits = panda.calls.filter((call) => call.startsWith('job/submit'));
    assert.deepEqual(submits.toSorted(), ['job/submit', 'job/submit', 'job/submit refused']);
    assert.equal(refreshes(), before + 1);
    assert.equal(await prompts().count(), 0);
  });

  it('asks once, however many calls find that the sign-in has ended', async () => {
    const { workbench, screenshot } = harness;
    // The next token ends at once, and so does what would renew it.
    Object.assign(idp.lives, { idToken: 1, refreshToken: 1 });
    panda.refuseFrom('job/get_description');
    await workbench.command('PanDA: Refresh');
    await workbench.statusBar('environment: signed out').waitFor();
    await workbench.command('PanDA: Refresh');
    await workbench.command('PanDA: Refresh');
    await workbench.openNotifications();
    await until('the notice', async () => (await prompts().count()) > 0);
    assert.equal(await prompts().count(), 1);
    await screenshot('sign-in-ended');
    Object.assign(idp.lives, { idToken: 3600, refreshToken: 86_400 });
    await prompts().getByText('Sign in', { exact: true }).click();
    await workbench.answerDialog('Copy code');
    await idp.answer(`${idp.url}/device?user_code=${await shownCode()}`, 'allow');
    await workbench.statusBar(/environment$/).waitFor();
    assert.equal(await prompts().count(), 0);
    // The next code is told in the same way.
    await workbench.notification('enter the code').waitFor({ state: 'detached' });
  });

  it('keeps a second person beside the first, and is used as either', async () => {
    const { workbench, page, screenshot } = harness;
    const entry = (text: string) => workbench.quickPickEntries().filter({ hasText: text }).first();
    const isJob = ({ label }: { label: string }): boolean =>
      label === 'HelloPanda' || label.startsWith('many');
    const used = async (who: string): Promise<void> => {
      await workbench.statusBar(/environment$/).click();
      await entry(`signed in as ${who}`).waitFor();
      await page.keyboard.press('Escape');
    };
    await workbench.command('PanDA: Switch account');
    await entry('Sign in as somebody else').click();
    await workbench.answerDialog('Copy code');
    await idp.answer(`${idp.url}/device?user_code=${await shownCode()}`, 'allow', 'boss');
    // Nothing of what the first person submitted is theirs.
    await workbench.view(JOBS).getByText('No jobs yet').waitFor({ timeout: 60_000 });
    await used('Dora Dean');
    await workbench.command('PanDA: Run HelloPanda');
    await workbench.waitForRow(JOBS, 'a job of Dora', isJob);
    assert.equal((await workbench.treeRows(JOBS)).filter(isJob).length, 1);
    await workbench.command('PanDA: Switch account');
    await entry('Dora Dean').waitFor();
    await screenshot('switch-account');
    await entry('Jane Doe').click();
    await until('the jobs of Jane', async () => (await workbench.treeRows(JOBS)).filter(isJob).length === 3);
    await used('Jane Doe');
  });
});
