import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JOB_STATES } from '../../../../src/panda/index.ts';
import {
  decideUpdate,
  PILOT_STATES,
  type PilotState,
} from '../../../../src/sandbox/server/rules/pilotUpdate.ts';
import type { JobChanges, StoredJob } from '../../../../src/sandbox/server/store/columns.ts';
import { NOW, storedJob } from './storedJobs.ts';

function told(
  job: StoredJob | undefined,
  state: PilotState,
  values: JobChanges = {},
  attemptNr: number | null = null,
) {
  const decision = decideUpdate(job, { state, attemptNr, values }, NOW);
  assert.equal(decision.kind, 'answer');
  assert.ok(decision.kind === 'answer');
  return decision;
}

describe('state machine of the sandbox', () => {
  const moves: readonly (readonly [from: string, said: PilotState, to: string])[] = [
    ['activated', 'running', 'running'],
    ['sent', 'starting', 'starting'],
    ['sent', 'running', 'running'],
    ['sent', 'failed', 'holding'],
    ['starting', 'running', 'running'],
    ['starting', 'finished', 'holding'],
    ['running', 'running', 'running'],
    ['running', 'starting', 'running'],
    ['running', 'transferring', 'transferring'],
    ['running', 'holding', 'holding'],
    ['running', 'finished', 'holding'],
    ['running', 'failed', 'holding'],
  ];
  for (const [from, said, to] of moves) {
    it(`goes from ${from} to ${to} when the pilot says ${said}`, () => {
      const decision = told(storedJob({ jobStatus: from }), said);
      assert.equal(decision.changes.jobStatus, to);
      assert.equal(decision.command, 'NULL');
      assert.equal(decision.ends, said === 'finished' || said === 'failed');
    });
  }

  for (const from of ['holding', 'transferring']) {
    it(`does not go back from ${from}`, () => {
      for (const said of ['running', 'starting'] as const) {
        const decision = told(storedJob({ jobStatus: from }), said);
        assert.deepEqual([decision.changes, decision.command], [{}, 'NULL']);
      }
    });
  }

  it('says that the end was reported already', () => {
    assert.equal(told(storedJob({ jobStatus: 'holding' }), 'finished').command, 'alreadydone');
    const heldByPilot = storedJob({
      jobStatus: 'holding',
      jobDispatcherErrorDiag: 'set to holding by the pilot at x',
    });
    const decision = told(heldByPilot, 'finished');
    assert.ok(decision.ends);
    assert.equal(decision.changes.jobDispatcherErrorDiag, null);
  });

  for (const state of ['defined', 'finished', 'failed', 'cancelled', 'closed']) {
    it(`wants a ${state} job killed and leaves it as it is`, () => {
      const decision = told(storedJob({ jobStatus: state }), 'running');
      assert.deepEqual([decision.changes, decision.command], [{}, 'tobekilled']);
    });
  }

  it('wants a job killed that is not there, or in another attempt', () => {
    assert.equal(told(undefined, 'running').command, 'tobekilled');
    const decision = told(storedJob({ attemptNr: 1 }), 'finished', {}, 3);
    assert.deepEqual([decision.command, decision.changes, decision.ends], ['tobekilled', {}, false]);
  });

  it('passes on commands, joined by a comma', () => {
    const job = storedJob({ commandToPilot: 'tobekilled', specialHandling: 'debug' });
    assert.equal(told(job, 'running').command, 'debug,tobekilled');
  });

  it('stumbles over another batch id only where neither is a number', () => {
    const job = storedJob({ batchID: 'slurm-a' });
    assert.equal(
      decideUpdate(job, { state: 'running', attemptNr: null, values: { batchID: 'slurm-b' } }, NOW).kind,
      'stumble',
    );
    const numbered = storedJob({ batchID: '18011927.0' });
    assert.equal(told(numbered, 'running', { batchID: 'slurm-b' }).changes.batchID, 'slurm-b');
  });

  it('sets the times of begin and end where the pilot does not', () => {
    assert.equal(told(storedJob({ jobStatus: 'sent' }), 'running').changes.startTime, NOW);
    assert.equal(told(storedJob({ jobStatus: 'sent' }), 'running', { startTime: 5 }).changes.startTime, 5);
    assert.equal(
      told(storedJob({ jobStatus: 'running', startTime: 1 }), 'running').changes.startTime,
      undefined,
    );
    assert.equal(told(storedJob(), 'finished').changes.endTime, NOW);
    assert.equal(told(storedJob({ endTime: 4 }), 'finished').changes.endTime, undefined);
  });

  it('never leaves a final state, and enters one only through the adder', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...JOB_STATES),
        fc.constantFrom(...PILOT_STATES),
        fc.option(fc.constantFrom('tobekilled', 'debug')),
        fc.option(fc.integer({ min: 0, max: 2 })),
        fc.option(fc.string({ minLength: 1 })),
        (jobStatus, state, commandToPilot, attemptNr, jobDispatcherErrorDiag) => {
          const job = storedJob({ jobStatus, commandToPilot, jobDispatcherErrorDiag });
          const decision = decideUpdate(job, { state, attemptNr, values: {} }, NOW);
          assert.ok(decision.kind === 'answer');
          const final = ['finished', 'failed', 'cancelled', 'closed'];
          if (final.includes(jobStatus)) assert.deepEqual(decision.changes, {});
          assert.ok(!final.includes(String(decision.changes.jobStatus)));
        },
      ),
    );
  });
});
