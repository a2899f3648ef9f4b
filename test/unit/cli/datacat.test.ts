import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPandaClient } from '../../../src/panda/index.ts';
import { sandboxProfile } from '../../../src/sandbox/index.ts';
import { until } from '../../support/until.ts';
import { useCli } from './useCli.ts';

describe('desc-panda datacat', () => {
  const cli = useCli();
  const { call, json, harness } = cli;
  const words = (...all: string[]) => harness().call(['datacat', ...all]);

  const registered = async (): Promise<void> => {
    await writeFile(join(harness().folder, 'f1.fits'), 'object 1\n');
    const { code, stdout } = await words(
      'register',
      'f1.fits',
      '--folder',
      '/desc/run1',
      '--meta',
      'nRun=6200',
    );
    assert.deepEqual([code, stdout], [0, 'registered   /desc/run1/f1.fits\n']);
  };

  it('registers a file with size and checksum, once', async () => {
    await registered();
    const { stdout } = await call('datacat show /desc/run1/f1.fits');
    assert.match(stdout, /^\/desc\/run1\/f1\.fits {2}dataset$/m);
    assert.match(stdout, /^ {2}Version +0, the latest$/m);
    assert.match(stdout, /^ {2}nRun +6200$/m);
    assert.match(stdout, /^ {2}SANDBOX +FOLDER\/f1\.fits {2}9 B {2}checksum 10cf02d3$/m);
    const again = await call('datacat register f1.fits --folder /desc/run1');
    assert.deepEqual([again.code, again.stdout], [0, 'was there    /desc/run1/f1.fits\n']);
  });

  it('refuses another file of the name, and makes a version of it where that is said', async () => {
    await registered();
    await writeFile(join(harness().folder, 'f1.fits'), 'object 2\n');
    const refused = await call('datacat register f1.fits --folder /desc/run1');
    assert.equal(refused.code, 4);
    assert.match(
      refused.stderr,
      /a dataset of this name is there, with another file\.\n→ Register it as a new version/,
    );
    const made = await json<{ registered: { outcome: string; version: { id: number } }[] }>(
      'datacat register f1.fits --folder /desc/run1 --new-version',
    );
    assert.deepEqual(
      made.registered.map(({ outcome, version }) => [outcome, version.id]),
      [['newVersion', 1]],
    );
  });

  it('lists, searches and shows metadata', async () => {
    await registered();
    assert.match((await call('datacat ls')).stdout, /folder +desc\/$/m);
    assert.match((await call('datacat ls /desc/run1')).stdout, /f1\.fits +PANDA +fits$/m);
    const found = await words('search', '/desc', 'nRun > 6000 and name =~ "f*"', '--show', 'nRun');
    assert.match(found.stdout, /^\/desc\/run1\/f1\.fits +9 B +6200$/m);
    assert.equal((await words('search', '/', 'nRun > 7000')).stdout, 'Nothing matches.\n');
    const place = join(harness().folder, 'f1.fits');
    assert.equal((await words('locations', '/desc/run1/f1.fits')).stdout, `${place}\n`);
  });

  it('shows where a filter cannot be read', async () => {
    const { code, stderr } = await words('search', '/', 'nRun = 3');
    assert.equal(code, 2);
    assert.match(stderr, /^The filter cannot be read: equal is ==\.\n {2}nRun = 3\n {7}\^$/m);
  });

  it('sets and ends metadata, with its types', async () => {
    await registered();
    const path = '/desc/run1/f1.fits';
    const set = await words(
      'set',
      path,
      'alpha=3.5',
      'taken=2026-02-03T04:05:06Z',
      'version:string=7',
      '--unset',
      'nRun',
      '--json',
    );
    const { version } = JSON.parse(set.stdout) as { version: { metadata: { name: string }[] } };
    assert.deepEqual(
      version.metadata.filter(({ name }) => name !== 'sha256'),
      [
        { name: 'alpha', type: 'decimal', value: 3.5 },
        { name: 'taken', type: 'timestamp', value: '2026-02-03T04:05:06.000Z' },
        { name: 'version', type: 'string', value: '7' },
      ],
    );
    const wrong = await words('set', path, 'n:integer=3.5');
    assert.deepEqual([wrong.code, wrong.stderr], [2, '3.5 is no integer.\n→ Write it as in 6200\n']);
  });

  it('asks before it removes', async () => {
    await registered();
    const no = await call('datacat rm /desc/run1/f1.fits', { answer: 'n' });
    assert.deepEqual([no.code, no.stderr], [4, 'Nothing was removed.\n']);
    assert.match(harness().questions[0] ?? '', /^Remove 1 entry .*: \/desc\/run1\/f1\.fits\? Files stay/);
    assert.equal((await call('datacat rm /desc/run1 --yes')).code, 4);
    assert.equal((await call('datacat rm /desc/run1/f1.fits /desc/run1 --yes')).code, 0);
    assert.equal((await call('datacat ls /desc')).stdout, '/desc is empty.\n');
  });

  it('makes folders and groups', async () => {
    const made = await call('datacat mkdir /runs --group --description all');
    assert.equal(made.stdout, 'Made the group /runs.\n');
    const again = await call('datacat mkdir /runs');
    assert.equal(again.code, 4);
    assert.match(again.stderr, /^Could not make the folder runs in \/ at URL.*: runs already exists\.$/m);
  });

  it('registers the outputs of a finished job with what is known of it', async () => {
    const pandaId = await cli.submitted('submit --hello');
    const early = await call(`datacat register --job ${pandaId} --folder /desc`);
    assert.equal(early.code, 2);
    assert.match(early.stderr, /^Job PANDAID is \w+: its outputs/);
    const { lfn } = await finish(pandaId);
    const { registered: all } = await json<{ registered: { path: string; version: Version }[] }>(
      `datacat register --job ${pandaId} --folder /desc --data-type TEST`,
    );
    assert.deepEqual(
      all.map(({ path }) => path),
      [`/desc/${lfn}`],
    );
    const { metadata, locations } = all[0]?.version ?? assert.fail();
    const values = Object.fromEntries(metadata.map(({ name, value }) => [name, value]));
    assert.equal(values.PandaID, pandaId);
    assert.equal(values.computingSite, 'SANDBOX');
    assert.match(String(values.submission), /^[a-z0-9]{10}$/);
    assert.deepEqual(
      locations.map(({ site, size, checksum }) => [site, size, checksum]),
      [['SANDBOX', 3, null]],
    );
    const again = await call(`datacat register --job ${pandaId} --folder /desc`);
    assert.match(again.stdout, /^was there/);
    const found = await words('search', '/desc', `PandaID == ${pandaId}`, '--json');
    assert.equal((JSON.parse(found.stdout) as { count: number }).count, 1);
  });

  interface Version {
    readonly metadata: readonly { readonly name: string; readonly value: unknown }[];
    readonly locations: readonly {
      readonly site: string;
      readonly size: number;
      readonly checksum: string;
    }[];
  }

  /** What a pilot does: takes the job, leaves its output and says that it is done. */
  async function finish(pandaId: number): Promise<{ readonly lfn: string }> {
    const { server, folder } = harness();
    const profile = sandboxProfile({ url: server.url, token: server.token, pid: 1, startedAt: 0 }, 'panda');
    const client = createPandaClient(profile);
    try {
      const [record] = await client.jobs.describe([pandaId]);
      const lfn = `${record?.jobName ?? assert.fail()}.o.txt`;
      const storage = join(folder, 'home', 'sandbox', 'storage', String(pandaId));
      await mkdir(storage, { recursive: true });
      await writeFile(join(storage, lfn), 'hi\n');
      const files = record?.files.flatMap(({ type, lfn: name }) =>
        type === 'input' || name === null ? [] : [name],
      );
      const facts = { guid: 'g', fsize: 3, adler32: '024d00dc' };
      const report = Object.fromEntries((files ?? []).map((name) => [name, facts]));
      const pilot = pilotOf(server.url, server.token);
      await pilot('acquire_jobs', { site_name: 'SANDBOX' });
      const end = { trans_exit_code: 0, job_output_report: JSON.stringify(report) };
      await pilot('update_job', { job_id: pandaId, job_status: 'finished', ...end });
      await until(
        'the end of the job',
        async () => (await client.jobs.describe([pandaId]))[0]?.jobStatus === 'finished',
      );
      return { lfn };
    } finally {
      client.dispose();
    }
  }
});

type Pilot = (call: string, body: object) => Promise<Response>;

function pilotOf(url: string, token: string): Pilot {
  return (call, body) =>
    fetch(`${url}/api/v1/pilot/${call}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        Origin: 'lsst',
        Accept: 'application/json',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    });
}
