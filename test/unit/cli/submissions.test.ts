import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSubmissionJournal } from '../../../src/watch/index.ts';
import { startSubmissionServer } from '../watch/submissionServer.ts';
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

  it('says that the journal cannot be written, and sends nothing', async () => {
    await writeFile(join(harness().folder, 'home', 'submissions'), 'in the way');
    const { code, stderr } = await call('submit --hello');
    assert.equal(code, 6);
    assert.match(
      stderr,
      /^Could not note the submission down in FOLDER.*: a file stands where .*\. Nothing was sent\.\n→ Move/,
    );
  });
});
