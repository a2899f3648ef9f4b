import assert from 'node:assert/strict';
import { StagingError } from '../../../src/staging/index.ts';
import type { StagingErrorKind, StagingStore } from '../../../src/staging/index.ts';
import { ScriptedS3 } from './scriptedS3.ts';
import type { Fault } from './s3Wire.ts';

/** Registers hooks: each test has an S3 server of its own, and a store on it. */
export function useS3(): { readonly s3: ScriptedS3; readonly store: StagingStore } {
  let s3: ScriptedS3;
  let store: StagingStore;
  beforeEach(async () => {
    s3 = new ScriptedS3();
    await s3.start();
    store = s3.store();
  });
  afterEach(async () => {
    store.dispose();
    await s3.stop();
  });
  return {
    get s3() {
      return s3;
    },
    get store() {
      return store;
    },
  };
}

/** A fault for the first `count` calls of an operation. */
export function failFirst(s3: ScriptedS3, count: number, operation: string, fault: Fault): void {
  let left = count;
  s3.fault = (call) => {
    if (call.operation !== operation || left === 0) return undefined;
    left -= 1;
    return fault;
  };
}

/** For `assert.rejects`: a staging error of that kind. */
export function ofKind(wanted: StagingErrorKind): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof StagingError, String(error));
    assert.equal(error.kind, wanted, error.message);
    return true;
  };
}
