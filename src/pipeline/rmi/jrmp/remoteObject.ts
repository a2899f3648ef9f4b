import type { StreamGuard } from '../serial/limits.ts';
import { DEFAULT_LIMITS } from '../serial/limits.ts';
import { hashMismatch, noOperations, unknownMethod, unknownOperation } from './faults.ts';
import type { JavaThrowable } from '../serial/javaThrowable.ts';
import type { CallHeader } from './calls.ts';
import type { ObjId } from './ids.ts';
import type { Argument, RemoteMethod, Result } from './methods.ts';

/** Why a call's signal is aborted. */
export class CallAborted extends Error {
  override readonly name = 'AbortError';
  /** `callerGone`: nobody waits for the answer any more; `deadline`: it took too long; `closing`: the server ends. */
  readonly why: 'callerGone' | 'deadline' | 'closing';

  constructor(why: CallAborted['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** What a called method may know of the call. */
export interface CallContext {
  /** Where the caller is: an address without a name, and its port. */
  readonly caller: { readonly address: string; readonly port: number };
  /** Aborted with a CallAborted. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970; later answers are not sent. */
  readonly deadline: number;
}

/** An object that can be called from elsewhere. */
export interface RemoteObject {
  readonly objId: ObjId;
  /** What a stub for it says, as in `java.rmi.Remote`. */
  readonly interfaces: readonly string[];
  readonly methods: readonly RemoteMethod[];
  /** What its arguments may be; without it the usual limits. */
  readonly guard?: StreamGuard;
  /** The longest that a call may take, in milliseconds; without it the server's. */
  readonly callMs?: number;
  /** Rejects with a JavaThrowable, which the caller gets. What else it rejects with, `faultOf` puts into words. */
  invoke(method: RemoteMethod, args: readonly Argument[], context: CallContext): Promise<Result>;
  /** How an error that is no JavaThrowable is told to the caller; without it as a fault of the server. */
  faultOf?(error: unknown, method: RemoteMethod): JavaThrowable;
}

export const DEFAULT_GUARD: StreamGuard = { limits: DEFAULT_LIMITS };

/** The method that a call means; throws a JavaThrowable as a Java server answers. */
export function methodOf({ methods }: RemoteObject, { operation, hash }: CallHeader): RemoteMethod {
  const found = methods.find((one) => one.operation === operation && one.hash === hash);
  if (found !== undefined) return found;
  if (operation < 0) throw unknownMethod();
  const numbers = methods.filter((one) => one.operation >= 0);
  if (numbers.length === 0) throw noOperations();
  throw numbers.some((one) => one.hash === hash) ? unknownOperation() : hashMismatch();
}
