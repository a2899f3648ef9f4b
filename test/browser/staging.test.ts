import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createPandaClient } from '../../src/panda/index.ts';
import { createStagingStores } from '../../src/staging/index.ts';
import { createSubmissionJournal, submitJobs, systemClock } from '../../src/watch/index.ts';
import { until } from '../support/until.ts';
import { ScriptedS3 } from '../unit/staging/scriptedS3.ts';
import { plan } from '../unit/watch/submission/plans.ts';
import { startSubmissionServer } from '../unit/watch/submission/server.ts';
import { useHarness } from './harness.ts';

const PROFILE = 'bucket';
const SECRET = 'very/secret+key';

/** The keys of a bucket, and what one removes from it, in a window whose PanDA does not answer. */
describe('staged files in the window', () => {
  const { username: user } = userInfo();

  const s3 = new ScriptedS3();
  before(() => s3.start());
  after(() => s3.stop());

  const harness = useHarness({
    name: 'staging',
    settings: { 'descPanda.profile': PROFILE },
    machineSettings: () => ({
      'descPanda.profiles': {
        [PROFILE]: {
          server: 'http://127.0.0.1:9',
          vo: 'lsst',
          site: 'SLAC',
          authentication: { kind: 'none' },
          staging: { kind: 's3', bucket: 'desc', endpoint: s3.endpoint },
        },
      },
    }),
  });

  const put = (key: string, age: number): void => {
    const modified = new Date(Date.now() - age * 86_400_000);
    s3.objects.set(key, { bytes: Buffer.alloc(1_000_000), metadata: {}, modified, etag: '"x"' });
  };
  const signers = (): readonly string[] =>
    s3.calls.flatMap(({ headers }) => /Credential=([^/]+)/u.exec(headers.authorization ?? '')?.[1] ?? []);

  before(async () => {
    await harness().workbench.openContainer('PanDA');
  });

  async function typeKeys(accessKeyId: string): Promise<void> {
    const { workbench, page } = harness();
    await workbench.command('PanDA: Set staging credentials');
    for (const [step, text] of [accessKeyId, SECRET, ''].entries()) {
      await page.locator('.quick-input-titlebar', { hasText: `(${step + 1} of 3)` }).waitFor();
      if (step === 1) {
        assert.equal(await page.locator('.quick-input-widget:visible input[type="password"]').count(), 1);
        await page.locator('.quick-input-widget:visible input[type="password"]').fill(text);
        await harness().screenshot('staging-credentials');
      } else if (text !== '') {
        await workbench.quickInput().fill(text);
      }
      await page.keyboard.press('Enter');
    }
  }

  it('tries credentials before it keeps them, and says what is wrong', async () => {
    const { workbench } = harness();
    s3.fault = () => ({ kind: 'error', status: 403, code: 'InvalidAccessKeyId' });
    await typeKeys('AKIDWRONG');
    const said = await workbench.answerDialog('Cancel');
    assert.match(said, /Keep these credentials all the same\?/u);
    assert.deepEqual([...new Set(signers())], ['AKIDWRONG']);
    s3.fault = () => undefined;
    s3.calls.length = 0;
    await typeKeys('AKIDRIGHT');
    await workbench.statusBar('Kept the staging credentials of bucket').waitFor();
  });

  it('removes what the user picks, signed with those, and leaves what jobs still want', async () => {
    const { workbench, page, screenshot, home } = harness();
    const unfinished = await loseAnswer(home);
    for (const name of ['a.log', 'b.fits', 'c.fits'])
      put(`${user}/2026-01-03/mi1f9x0k2a/out/1/1/${name}`, 30);
    put(`${user}/2026-01-04/mi1f9x0k2b/out/1/1/d.log`, 29);
    put(`${user}/2026-01-05/${unfinished}/out/1/1/e.log`, 28);
    s3.calls.length = 0;
    await workbench.command('PanDA: Clean up staging…');
    await until('the areas', async () => (await workbench.quickPickLabels()).length === 2);
    assert.deepEqual(await workbench.quickPickLabels(), ['mi1f9x0k2a', 'mi1f9x0k2b']);
    assert.deepEqual([...new Set(signers())], ['AKIDRIGHT']);
    await screenshot('staging-areas');
    await workbench.pick('mi1f9x0k2a');
    await page.keyboard.press('Enter');
    await workbench.dialog().waitFor();
    await screenshot('staging-question');
    const question = await workbench.answerDialog('Remove');
    assert.match(question, /^Remove 1 area with 3 files, 3\.0 MB\?/u);
    await until('the files to go', () => Promise.resolve(s3.objects.size === 2));
    assert.deepEqual(
      [...s3.objects.keys()].map((key) => key.split('/')[2]),
      ['mi1f9x0k2b', unfinished],
    );
    await workbench.takeNotification('Removed 3 files, 3.0 MB.');
  });

  it('forgets the credentials, and never wrote the secret down', async () => {
    const { workbench, home } = harness();
    await workbench.command('PanDA: Forget staging credentials');
    await workbench.statusBar('Forgot the staging credentials of bucket').waitFor();
    await workbench.command('PanDA: Forget staging credentials');
    await workbench.takeNotification('No staging credentials are kept.');
    for (const file of await readdir(join(home, '..'), { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || /\.(?:vscdb|db)(?:-\w+)?$/u.test(file.name)) continue;
      const content = await readFile(join(file.parentPath, file.name));
      assert.ok(!content.includes(SECRET), `${file.name} holds the secret`);
    }
  });
});

/** A submission of which nobody can say whether its job exists; returns its id. */
async function loseAnswer(home: string): Promise<string> {
  const server = await startSubmissionServer();
  const profile = { ...server.profile, name: PROFILE, monitor: undefined };
  const client = createPandaClient(profile, { delay: () => Promise.resolve() });
  const stores = createStagingStores();
  try {
    server.mode = () => 'cutBefore';
    const journal = createSubmissionJournal(join(home, 'submissions'));
    const uploadsFolder = join(home, 'uploads');
    const deps = { client, profile, journal, clock: systemClock, random: Math.random, stores, uploadsFolder };
    const { id, outcomes } = await submitJobs(plan(1), deps, { lookupPauses: [0] });
    assert.equal(outcomes[0]?.kind, 'unknown');
    return id;
  } finally {
    stores.dispose();
    client.dispose();
    await server.close();
  }
}
