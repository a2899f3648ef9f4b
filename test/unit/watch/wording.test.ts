import assert from 'node:assert/strict';

import { JOB_STATES } from '../../../src/panda/index.ts';
import {
  compareStates,
  createJobStore,
  describeCounts,
  describeJob,
  formatDuration,
  formatRelative,
  formatSize,
  formatTime,
  plural,
  stateLook,
} from '../../../src/watch/index.ts';
import type { JobUpdate } from '../../../src/watch/index.ts';

const now = Date.parse('2026-11-23T12:00:00Z');

describe('wording', () => {
  it('gives every state its look', () => {
    const table: Readonly<Record<string, readonly string[]>> = {
      'circle-outline descriptionForeground': ['pending', 'defined', 'waiting', 'assigned', 'throttled'],
      'clock charts.blue': ['activated', 'sent', 'starting'],
      'play charts.blue': ['running'],
      'cloud-upload charts.blue': ['holding', 'transferring', 'merging'],
      'pass testing.iconPassed': ['finished'],
      'error testing.iconFailed': ['failed'],
      'circle-slash descriptionForeground': ['cancelled', 'closed'],
      'question charts.yellow': ['unknown', 'subfinished', '__proto__'],
    };
    const seen: string[] = [];
    for (const [look, states] of Object.entries(table)) {
      for (const state of states) {
        const { codicon, themeColor, word, glyph } = stateLook(state);
        assert.deepEqual([`${codicon} ${themeColor}`, word, [...glyph].length], [look, state, 1]);
        seen.push(state);
      }
    }
    assert.deepEqual(
      JOB_STATES.filter((state) => !seen.includes(state)),
      [],
    );
    const asked = stateLook('running', true);
    assert.deepEqual(
      [asked.codicon, asked.themeColor, asked.word],
      ['loading~spin', undefined, 'cancel requested'],
    );
  });

  for (const [ms, text] of [
    [0, '0 s'],
    [400, '< 1 s'],
    [4_000, '4 s'],
    [59_999, '59 s'],
    [60_000, '1 m'],
    [192_000, '3 m 12 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 m'],
    [86_400_000 * 3 + 4 * 3_600_000 + 59_000, '3 d 4 h'],
    [86_400_000 + 59_000, '1 d'],
    [-1, '–'],
    [NaN, '–'],
  ] as const) {
    it(`says ${ms} ms as ${text}`, () => assert.equal(formatDuration(ms), text));
  }

  for (const [bytes, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_234_567, '1.2 MB'],
    [99_960_000, '100 MB'],
    [999_600, '1.0 MB'],
    [340e9, '340 GB'],
    [12e18, '12000 PB'],
    [-5, '–'],
  ] as const) {
    it(`says ${bytes} bytes as ${text}`, () => assert.equal(formatSize(bytes), text));
  }

  for (const [distance, text] of [
    [0, 'now'],
    [14_000, '14 s ago'],
    [-40_000, 'in 40 s'],
    [200_000, '3 m ago'],
    [7_500_000, '2 h ago'],
    [90_000_000, '2026-11-22 11:00'],
  ] as const) {
    it(`says ${distance} ms ago as ${text}`, () => assert.equal(formatRelative(now - distance, now), text));
  }

  it('says exact times in UTC', () => {
    assert.equal(formatTime(now + 5_999), '2026-11-23 12:00:05 UTC');
    assert.equal(formatTime(NaN), '–');
  });

  it('counts', () => {
    assert.deepEqual(
      [plural(1, 'job'), plural(0, 'job'), plural(1204, 'job'), plural(2, 'process', 'processes')],
      ['1 job', '0 jobs', '1,204 jobs', '2 processes'],
    );
  });

  it('puts first what needs a look', () => {
    assert.deepEqual(
      ['closed', 'new_state', 'finished', 'activated', 'running', 'failed', 'another'].sort(compareStates),
      ['failed', 'running', 'activated', 'finished', 'closed', 'another', 'new_state'],
    );
    assert.equal(
      describeCounts({ finished: 1170, running: 12, failed: 7, holding: 0 }),
      '7 failed · 12 running · 1,170 finished',
    );
    assert.equal(describeCounts({}), '');
  });

  for (const [what, update, text] of [
    ['a job that waits', { state: 'activated', site: 'BNL-LSST' }, 'BNL-LSST'],
    ['nothing known', { state: 'defined' }, ''],
    ['a running job', { state: 'running', site: 'S', startTime: now - 192_000 }, 'S · 3 m 12 s'],
    [
      'an ended job',
      {
        state: 'failed',
        site: 'S',
        startTime: now - 9e6,
        endTime: now - 9e6 + 4000,
        error: 'trans:3',
        attempt: 2,
      },
      'S · trans:3 · 4 s · attempt 2',
    ],
    [
      'a cancelled one that still runs',
      { state: 'running', cancelRequested: true, modificationTime: now - 14_000 },
      'cancel requested, waits for the pilot (last heard 14 s ago)',
    ],
  ] satisfies (readonly [string, Omit<JobUpdate, 'pandaId'>, string])[]) {
    it(`describes ${what}`, () => {
      const store = createJobStore();
      store.apply([{ pandaId: 1, ...update }]);
      assert.equal(describeJob(store.get(1) ?? assert.fail(), now), text);
    });
  }
});
