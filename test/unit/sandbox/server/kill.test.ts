import assert from 'node:assert/strict';
import { decideKill } from '../../../../src/sandbox/server/rules/kill.ts';
import { caller, NOW, storedJob } from './storedJobs.ts';

const OWNER = caller('/CN=Alice Adams 12345');
const OTHER = caller('/CN=Bob Brown');
const PRODUCTION = caller('/CN=Pilot', { production: true });
const HOLDER = caller('root', { production: true, ownsEverything: true });

const own = (jobStatus: string, facts: object = {}) =>
  storedJob({ jobStatus, prodUserID: 'Alice Adams', prodSourceLabel: 'user', ...facts });

describe('kill rules of the sandbox', () => {
  for (const state of ['defined', 'activated', 'sent', 'starting', 'holding', 'transferring']) {
    it(`ends a ${state} job at once`, () => {
      const decision = decideKill(own(state), OWNER, null, NOW);
      assert.ok(decision.accepted && decision.ends);
      assert.equal(decision.changes.jobStatus, 'cancelled');
      assert.equal(decision.changes.taskBufferErrorCode, 100);
      assert.equal(decision.changes.taskBufferErrorDiag, 'killed by /CN=Alice Adams 12345');
      assert.equal(decision.changes.commandToPilot, 'tobekilled');
    });
  }

  it('only marks a running job, once', () => {
    const decision = decideKill(own('running'), OWNER, null, NOW);
    assert.deepEqual(decision, {
      accepted: true,
      ends: false,
      changes: { commandToPilot: 'tobekilled', taskBufferErrorDiag: 'killed by /CN=Alice Adams 12345' },
    });
    const marked = own('running', { commandToPilot: 'tobekilled' });
    assert.equal(decideKill(marked, OWNER, null, NOW).accepted, false);
    assert.equal(decideKill(marked, OWNER, 9, NOW).accepted, true);
  });

  for (const state of ['finished', 'failed', 'cancelled', 'closed']) {
    it(`leaves a ${state} job as it is, whoever asks`, () => {
      for (const who of [OWNER, PRODUCTION, HOLDER]) {
        for (const code of [null, 9, 99]) {
          assert.equal(decideKill(own(state), who, code, NOW).accepted, false);
        }
      }
    });
  }

  const byCode: readonly (readonly [number, string, string | null | undefined, number])[] = [
    [2, 'closed', 'toreassign', 102],
    [3, 'cancelled', undefined, 103],
    [4, 'closed', 'toreassign', 102],
    [8, 'cancelled', undefined, 105],
    [9, 'cancelled', undefined, 100],
    [10, 'closed', null, 130],
    [50, 'cancelled', undefined, 100],
    [51, 'closed', 'toreassign', 100],
    [52, 'cancelled', undefined, 100],
    [55, 'closed', 'taskdone', 100],
    [60, 'closed', null, 100],
    [91, 'cancelled', undefined, 100],
    [99, 'cancelled', undefined, 100],
  ];
  for (const [code, state, subState, error] of byCode) {
    it(`ends with code ${code} as ${state}, error ${error}`, () => {
      const decision = decideKill(own('activated'), OWNER, code, NOW);
      assert.ok(decision.accepted);
      const { jobStatus, jobSubStatus, taskBufferErrorCode, commandToPilot } = decision.changes;
      assert.deepEqual([jobStatus, jobSubStatus, taskBufferErrorCode], [state, subState, error]);
      assert.equal(commandToPilot, code === 8 ? null : 'tobekilled');
    });
  }

  it('hears only the owner, by the clean name with its case', () => {
    assert.equal(decideKill(own('activated'), OTHER, null, NOW).accepted, false);
    assert.equal(
      decideKill(own('activated', { prodUserID: 'alice adams' }), OWNER, null, NOW).accepted,
      false,
    );
    assert.equal(
      decideKill(own('activated', { prodUserID: 'Alice Adams 777' }), OWNER, null, NOW).accepted,
      true,
    );
    assert.equal(decideKill(own('activated', { prodUserID: null }), OWNER, null, NOW).accepted, false);
  });

  it('hears the production role on jobs of users only with a code for that', () => {
    for (const code of [null, 3, 55, 60]) {
      assert.equal(decideKill(own('activated'), PRODUCTION, code, NOW).accepted, false, `code ${code}`);
    }
    for (const code of [2, 4, 7, 8, 9, 10, 50, 51, 52, 91, 99]) {
      assert.equal(decideKill(own('activated'), PRODUCTION, code, NOW).accepted, true, `code ${code}`);
    }
    const managed = own('activated', { prodSourceLabel: 'managed' });
    assert.equal(decideKill(managed, PRODUCTION, null, NOW).accepted, true);
  });

  it('ends a running job at once where that is forced', () => {
    const ends = (label: string, who: typeof OWNER, code: number): boolean => {
      const decision = decideKill(own('running', { prodSourceLabel: label }), who, code, NOW);
      return decision.accepted && decision.ends;
    };
    assert.equal(ends('user', OWNER, 9), false);
    assert.equal(ends('user', PRODUCTION, 91), false);
    assert.equal(ends('user', PRODUCTION, 99), true);
    assert.equal(ends('managed', PRODUCTION, 9), true);
    assert.equal(ends('test', PRODUCTION, 52), true);
  });

  it('lets the holder of a sandbox end every job without a code', () => {
    assert.equal(decideKill(own('activated'), HOLDER, null, NOW).accepted, true);
    assert.equal(decideKill(own('activated', { prodUserID: null }), HOLDER, null, NOW).accepted, true);
    const running = decideKill(own('running'), HOLDER, null, NOW);
    assert.ok(running.accepted && !running.ends);
  });

  it('gives an ended job the times it lacks', () => {
    const starting = decideKill(own('starting', { startTime: NOW - 5 }), OWNER, null, NOW);
    assert.ok(starting.accepted);
    assert.deepEqual([starting.changes.startTime, starting.changes.endTime], [NOW, NOW]);
    const held = decideKill(own('holding', { startTime: NOW - 9, endTime: NOW - 3 }), OWNER, null, NOW);
    assert.ok(held.accepted);
    assert.deepEqual([held.changes.startTime, held.changes.endTime], [undefined, NOW - 3]);
  });
});
