import assert from 'node:assert/strict';
import { JournalFollower } from '../../../src/editor/submitting/journalFollower.ts';
import type { Session } from '../../../src/editor/session.ts';
import { makeSubmissionId } from '../../../src/panda/index.ts';
import { timeOfId, type JournalEntry, type SubmissionJournal } from '../../../src/watch/index.ts';
import { FakeClock, fakeSession } from './fakes.ts';

/** A journal in memory: `entries` by id. */
function memoryJournal(entries: Map<string, JournalEntry>): Pick<SubmissionJournal, 'list' | 'read'> {
  return {
    list: (_, { since = 0 } = {}) =>
      Promise.resolve({
        entries: [...entries.values()].filter(({ submission }) => timeOfId(submission.id) >= since),
        problems: [],
      }),
    read: (_, id) => Promise.resolve(entries.get(id)),
  };
}

function entry(
  id: string,
  name: string,
  pandaIds: readonly number[],
  status: JournalEntry['status'],
): JournalEntry {
  const outcomes = pandaIds.map((pandaId) => ({
    kind: 'accepted',
    jobName: `${name}.${id}.1`,
    pandaId,
    jobsetId: null,
  }));
  return { submission: { id, name, outcomes }, status } as unknown as JournalEntry;
}

describe('the journal of submissions', () => {
  it('names what was submitted, and finds what another program submits meanwhile', async () => {
    const now = 1.79e12;
    const clock = new FakeClock(now);
    const ids = [1, 2, 3].map((second) => makeSubmissionId(now - 10_000 + second * 1000, () => 0));
    const [old = '', slow = '', later = ''] = ids;
    const entries = new Map([[old, entry(old, 'old one', [1, 2, 9], 'ended')]]);
    const { session, calls } = fakeSession();
    const seen: Session = { ...session, journal: memoryJournal(entries) as SubmissionJournal };
    seen.store.apply([
      { pandaId: 1, state: 'finished', jobName: `a.${old}.1` },
      { pandaId: 2, state: 'finished', jobName: `b.${old}.2` },
    ]);
    let looked = true;
    const follower = new JournalFollower(seen, { clock, isLookedAt: () => looked, note: assert.ifError });

    await follower.start();
    assert.deepEqual(
      seen.store.groups('submission', '').map(({ label }) => label),
      ['old one'],
    );
    assert.deepEqual(calls.splice(0), ['refresh: opened', 'track 9'], 'the monitor did not show that one');

    entries.set(slow, entry(slow, 'slow', [3], 'running'));
    await clock.move(2000);
    assert.deepEqual(calls.splice(0), [], 'its program is still at work');
    entries.set(slow, entry(slow, 'slow', [3, 4], 'ended'));
    await clock.move(2000);
    assert.deepEqual(calls.splice(0), ['track 3 4']);

    looked = false;
    entries.set(later, entry(later, 'later', [5], 'ended'));
    await clock.move(2000);
    assert.deepEqual(calls.splice(0), []);
    looked = true;
    await clock.move(2000);
    assert.deepEqual(calls.splice(0), ['track 5']);

    follower.dispose();
    await clock.move(60_000);
    assert.deepEqual(calls, []);
  });
});
