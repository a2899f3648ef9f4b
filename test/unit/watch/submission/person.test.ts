import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSubmissionJournal,
  createTaskJournal,
  forgetTask,
  submitTask,
} from '../../../../src/watch/index.ts';
import type { SubmissionJournal, TaskJournal } from '../../../../src/watch/index.ts';
import { claimOrExplain } from '../../../../src/watch/submission/claim.ts';
import { ACCEPTED, PROFILE, TASK, removeTaskWorlds, taskWorld } from '../tasks/taskWorld.ts';
import { fastClock } from './plans.ts';

const IDS = { jane: '0mi1abcdxy', dora: '0mi1abcdxz', unknown: '0mi1abcdya' };

describe('a profile that is used as several people', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'people-'));
  });
  afterEach(async () => {
    await removeTaskWorlds();
    await rm(folder, { recursive: true });
  });

  const journalOf = (user: string | undefined): SubmissionJournal =>
    createSubmissionJournal(folder, { user });
  const note = async (id: string, who: { readonly user?: string }): Promise<void> => {
    const server = 'https://panda.example.org';
    const submission = { id, name: 'a', profile: 'test', server, submittedAt: 1e12, jobs: [], ...who };
    const writer = await journalOf(who.user).begin(submission);
    await writer?.release(false);
  };
  const listed = async (user: string | undefined): Promise<string[]> =>
    (await journalOf(user).list('test')).entries.map(({ submission }) => submission.id);

  it('lists what each submitted, and what does not tell whose it is', async () => {
    await note(IDS.jane, { user: 'Jane Doe' });
    await note(IDS.dora, { user: 'Dora Dean' });
    await note(IDS.unknown, {});
    assert.deepEqual(await listed('Jane Doe'), [IDS.jane, IDS.unknown]);
    assert.deepEqual(await listed('Dora Dean'), [IDS.dora, IDS.unknown]);
    assert.deepEqual(await listed(undefined), Object.values(IDS));
  });

  it('goes on with a submission only as who began it', async () => {
    await note(IDS.jane, { user: 'Jane Doe' });
    const as = (user: string) => ({ journal: journalOf(user), profile: { ...PROFILE, signedInAs: user } });
    await assert.rejects(claimOrExplain(IDS.jane, as('Dora Dean')), {
      message: `Submission ${IDS.jane} is of Jane Doe, and profile test is used as Dora Dean.`,
    });
    const { writer } = await claimOrExplain(IDS.jane, as('Jane Doe'));
    await writer.release(true);
  });

  it('lists and takes over only the tasks of who it is used as', async () => {
    const world = await taskWorld([ACCEPTED]);
    const { deps } = world;
    const profile = { ...PROFILE, signedInAs: 'Jane Doe' };
    const { id, user } = await submitTask(TASK, { ...deps, profile });
    assert.equal(user, 'Jane Doe');
    const tasksOf = (who: string): TaskJournal =>
      createTaskJournal(deps.tasks.folder, { clock: fastClock(), user: who });
    const count = async (who: string) => (await tasksOf(who).list('test')).entries.length;
    assert.deepEqual([await count('Jane Doe'), await count('Dora Dean')], [1, 0]);
    const dora = { tasks: tasksOf('Dora Dean'), profile: { ...PROFILE, signedInAs: 'Dora Dean' } };
    await assert.rejects(forgetTask(id, dora), {
      message: `The task ${id} is of Jane Doe, and profile test is used as Dora Dean.`,
    });
    assert.equal(await dora.tasks.claim('test', id), undefined);
  });
});
