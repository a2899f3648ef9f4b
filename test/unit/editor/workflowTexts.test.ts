import assert from 'node:assert/strict';
import { toldWhen, workflowEntry } from '../../../src/editor/workflows/workflowTexts.ts';
import type { MonitorWorkflow } from '../../../src/panda/index.ts';

describe('a workflow in the picker', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  const workflow = (change: Partial<MonitorWorkflow> = {}): MonitorWorkflow => ({
    ...{
      requestId: 42,
      name: 'u_jane_step1',
      state: 'Transforming',
      user: 'Jane Doe',
      tasks: 3,
      files: 1200,
    },
    ...{ creationTime: now - 7_200_000, taskStates: { running: 1, done: 2 } },
    ...{ finishedShare: 0.999, failedShare: 0.002, ...change },
  });

  it('shows its name, status, user, time, progress and tasks', () => {
    const { label, description, detail } = workflowEntry(workflow(), now);
    assert.equal(label, 'u_jane_step1');
    assert.equal(description, 'Transforming · Jane Doe · 2 h ago · request 42');
    assert.match(detail, /^99 % finished, less than 1 % failed of 1,200 files · 3 tasks · /u);
    assert.match(detail, /\b1 running\b/u);
    assert.match(detail, /\b2 done\b/u);
  });

  it('is as old as what the monitor told, whatever the clock says', () => {
    assert.equal(toldWhen(now - 180_000, now), 'as of 3 m ago');
    assert.equal(toldWhen(now, now), 'as of now');
    assert.equal(toldWhen(now + 180_000, now), 'as of now');
  });

  it('says nothing of what the monitor does not know', () => {
    const unknown = {
      name: '',
      user: null,
      creationTime: null,
      taskStates: {},
      finishedShare: null,
      failedShare: null,
    };
    const { label, description, detail } = workflowEntry(workflow({ ...unknown, tasks: 0 }), now);
    assert.deepEqual(
      [label, description, detail],
      ['Request 42', 'Transforming', '1,200 files · no tasks yet'],
    );
    assert.equal(workflowEntry(workflow({ ...unknown, tasks: 1, files: 0 }), now).detail, '1 task');
  });

  it('is whole only when all is finished, and tells of no failure where there is none', () => {
    const { detail } = workflowEntry(workflow({ files: 1, finishedShare: 1, failedShare: 0 }), now);
    assert.match(detail, /^100 % finished of 1 file · /u);
    assert.match(workflowEntry(workflow({ finishedShare: 0.29 }), now).detail, /^29 % finished/u);
  });
});
