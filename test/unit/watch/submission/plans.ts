import type { JobRequest } from '../../../../src/panda/index.ts';
import type { Clock, SubmissionPlan } from '../../../../src/watch/index.ts';

const payload = { name: 'hello-panda-0123456789ab.sh', content: Buffer.from('#!/bin/sh\n') };

export function request(change: Partial<JobRequest> = {}): JobRequest {
  return {
    name: 'HelloPanda',
    transformation: { id: 'hello', payload, tarball: undefined },
    arguments: ['a b'],
    site: undefined,
    resources: { cores: 1, memoryMB: 2000, diskMB: 1000, walltimeSeconds: 3600 },
    outputs: [],
    pipeline: undefined,
    ...change,
  };
}

export function plan(count: number, change: Partial<JobRequest> = {}): SubmissionPlan {
  return { name: 'HelloPanda', requests: Array.from({ length: count }, () => request(change)) };
}

/** The machine's time, in which no wait takes any. */
export function hastyClock(): Clock {
  return {
    now: () => Date.now(),
    after(_ms, callback) {
      const handle = setImmediate(callback);
      return { dispose: () => clearImmediate(handle) };
    },
  };
}

/** Time that passes only when somebody waits: every wait ends at once, and the clock has moved on by it. */
export function fastClock(start = 1_790_000_000_000): Clock & { readonly waited: number[] } {
  let now = start;
  const waited: number[] = [];
  return {
    waited,
    now: () => now,
    after(ms, callback) {
      const handle = setImmediate(() => {
        now += ms;
        waited.push(ms);
        callback();
      });
      return { dispose: () => clearImmediate(handle) };
    },
  };
}
