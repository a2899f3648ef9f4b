import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSubmissionJournal } from '../../../src/watch/index.ts';
import { startSubmissionServer } from '../watch/submission/server.ts';
import { useCli } from './useCli.ts';

describe('desc-panda submissions', () => {
  const { harness, call, json, writeProfiles } = useCli();

  it('empties the submissions of a sandbox that is reset', async () => {
    await call('submit --hello');
    const journal = createSubmissionJournal(join(harness().folder, 'home', 'submissions'));
    assert.equal((await journal.list('sandbox')).entries.length, 1);
    assert.equal((await call('sandbox reset', { answer: 'y' })).stdout, 'Sandbox is empty.\n');
    assert.equal((await journal.list('sandbox')).entries.length, 0);
  });

  it('tells exactly what may have happened when an answer is lost, and sends again when told to', async () => {
    const server = await startSubmissionServer();
    try {
      const profiles = { lossy: { server: server.profile.server, vo: 'lsst', site: 'SANDBOX' } };
      await writeProfiles(JSON.stringify({ profiles }));
      server.mode = () => 'cutBefore';
      const lost = await call('submit --hello --profile lossy --wait');
      assert.equal(lost.code, 5);
      assert.match(
        lost.stderr,
        /^1 job may or may not exist: HelloPanda\.SUBMISSION\.1\. Could not submit 1 job .* Looked up by name: not possible, as this profile has no monitor\.\n→ Look at the monitor .*: desc-panda submissions resend\|forget SUBMISSION\n$/,
      );
      assert.match(
        (await call('submissions --profile lossy')).stdout,
        /SUBMISSION {2}HelloPanda .* 1 unknown\n$/,
      );
      server.mode = () => 'answer';
      const { submissions } = await json<{ submissions: { id: string }[] }>('submissions --profile lossy');
      const id = submissions[0]!.id;
      const again = await harness().call(['submissions', 'resend', id, '--profile', 'lossy']);
      assert.match(again.stdout, /^Submitted as 6900000001\.\n$/);
      assert.equal(again.code, 0);
      assert.deepEqual([...server.stored.values()], [[6_900_000_001]]);
      assert.match((await call('submissions --profile lossy')).stdout, /1 accepted\n$/);
    } finally {
      await server.close();
    }
  });

  it('shows what was asked for as well, where the folder has a record', async () => {
    const { id } = await json<{ id: string }>('submit s.sh --memory 1G');
    const { stdout, code } = await call(`submissions show ${id}`);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^s\.sh · 1 job for URL\nSubmitted as PANDAID\.\nRecord FOLDER\/\.panda\/submissions\//u,
    );
    assert.match(
      stdout,
      /^ {2}asked:\n {4}transformation: script\n {4}file: s\.sh\n {4}resources:\n {6}memory: 1G$/mu,
    );
    const shown = await json<{ status: string; record: { asked: object; file: null } }>(
      `submissions show ${id}`,
    );
    assert.deepEqual(
      [shown.status, shown.record.asked, shown.record.file],
      ['ended', { transformation: 'script', file: 's.sh', resources: { memory: '1G' } }, null],
    );
    await rm(join(harness().folder, 'home', 'submissions'), { recursive: true });
    assert.match((await call(`submissions show ${id}`)).stdout, /^Record FOLDER/u);
    await rm(join(harness().folder, '.panda'), { recursive: true });
    const gone = await call(`submissions show ${id}`);
    assert.deepEqual([gone.code, gone.stdout], [2, '']);
  });

  it('compares two, and finds the one that a job belongs to', async () => {
    const first = await json<{ id: string; jobs: { pandaId: number }[] }>('submit s.sh --memory 1G');
    const second = await json<{ id: string }>('submit s.sh --memory 2G --site SANDBOX');
    const compared = await call(`submissions compare ${first.id} ${second.id}`);
    assert.deepEqual(
      compared.stdout.split('\n').map((line) => line.replaceAll(/ {2,}/gu, '  ')),
      ['  s.sh (AGO)  s.sh (AGO)', 'asked.resources.memory  1G  2G', 'asked.site  –  SANDBOX', ''],
    );
    const { differences } = await json<{ differences: object[] }>(
      `submissions compare ${first.id} ${second.id}`,
    );
    assert.deepEqual(differences, [
      { where: 'asked.resources.memory', before: '1G', after: '2G' },
      { where: 'asked.site', before: null, after: 'SANDBOX' },
    ]);
    assert.match(
      (await call(`submissions compare ${first.id} ${first.id}`)).stdout,
      /^They asked for the same/u,
    );

    const found = await call(`submissions find ${first.jobs[0]!.pandaId}`);
    assert.match(found.stdout, /^SUBMISSION {2}s\.sh · AGO · sandbox · 1 job\n$/u);
    assert.equal((await json<{ id: string }>(`submissions find ${first.jobs[0]!.pandaId}`)).id, first.id);
  });

  it('says that a record is damaged', async () => {
    const { id } = await json<{ id: string }>('submit s.sh');
    await writeFile(join(harness().folder, '.panda', 'submissions', `${id}.yaml`), 'asked: [');
    const { code, stderr } = await call(`submissions compare ${id} ${id}`);
    assert.equal(code, 2);
    assert.match(stderr, /^FOLDER\/\.panda\/submissions\/.* is there, and is no record: .*\.\n→ Look at it/u);
  });

  it('says that there is no such record', async () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      [
        'compare mi1f9x0k2a mi1f9x0k2b',
        /^There is no record of a submission mi1f9x0k2a in FOLDER\/\.panda\.\n→ /u,
      ],
      ['compare ../../etc/x mi1f9x0k2b', /^There is no record of a submission \.\.\/\.\.\/etc\/x in/u],
      ['compare mi1f9x0k2a', /^desc-panda submissions takes nothing, or/u],
      ['find 99', /^No submission with a record in FOLDER\/\.panda has job 99\.\n→ /u],
      ['find abc', /^abc is no PandaID/u],
      ['show a b', /^desc-panda submissions takes nothing, or/u],
    ];
    for (const [line, message] of wrong) {
      const { code, stderr } = await call(`submissions ${line}`);
      assert.equal(code, 2, line);
      assert.match(stderr, message);
    }
  });

  it('says that the journal cannot be written, and sends nothing', async () => {
    await writeFile(join(harness().folder, 'home', 'submissions'), 'in the way');
    const { code, stderr } = await call('submit --hello');
    assert.equal(code, 6);
    assert.match(
      stderr,
      /^Could not note the submission down in HOME.*: a file stands where .*\. Nothing was sent\.\n→ Move/,
    );
  });
});
