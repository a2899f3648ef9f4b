import type { Clock } from './clock.ts';
import { isSameUid, objIdKey } from './ids.ts';
import type { ObjId } from './ids.ts';
import type { RemoteMethod } from './methods.ts';
import type { RemoteObject } from './remoteObject.ts';

export interface ExportOptions {
  /**
   * Called once when nobody refers to the object any more and it is withdrawn: no lease is left, and no call came for a
   * while. Without it the object stays until it is withdrawn by hand.
   */
  readonly onUnreferenced?: () => void;
}

/** A request about leases. */
export interface LeaseRequest {
  readonly objIds: readonly ObjId[];
  /** Who asks; the same text for the same process. */
  readonly holder: string;
  /** Requests of a holder count up: an older one that comes late changes nothing. */
  readonly sequence: bigint;
}

interface Entry {
  readonly object: RemoteObject;
  readonly onUnreferenced: (() => void) | undefined;
  readonly leases: Map<string, { readonly sequence: bigint; readonly until: number }>;
  /** It stays until then without a lease. */
  graceUntil: number;
  timer: { dispose(): void } | undefined;
}

/** Holders of leases on one object; nobody has more. */
const MOST_HOLDERS = 1000;

/** The objects that a server has, and who holds leases on them. */
export class ObjectTable {
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** By the number of their ids: few share one. */
  readonly #entries = new Map<bigint, readonly Entry[]>();
  readonly #methods = new Map<bigint, RemoteMethod>();

  /** `graceMs`: how long an object that may be withdrawn stays without leases and calls. */
  constructor(clock: Clock, graceMs: number) {
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  /** Throws where the id is taken. */
  add(object: RemoteObject, { onUnreferenced }: ExportOptions = {}): void {
    const { objId } = object;
    if (this.#entry(objId)) throw new Error(`an object with the id ${objIdKey(objId)} is here already`);
    for (const method of object.methods) if (method.operation < 0) this.#methods.set(method.hash, method);
    const graceUntil = this.#clock.now() + this.#graceMs;
    const entry: Entry = { object, onUnreferenced, leases: new Map(), graceUntil, timer: undefined };
    this.#entries.set(objId.objNum, [...(this.#entries.get(objId.objNum) ?? []), entry]);
    this.#schedule(entry);
  }

  remove(objId: ObjId): void {
    const entry = this.#entry(objId);
    if (entry !== undefined) this.#delete(entry);
  }

  find(objId: ObjId): RemoteObject | undefined {
    return this.#entry(objId)?.object;
  }

  /** A method by its hash, of any object that is or was here. */
  knownMethod(hash: bigint): RemoteMethod | undefined {
    return this.#methods.get(hash);
  }

  /** Somebody calls the object. */
  touch(objId: ObjId): void {
    const entry = this.#entry(objId);
    if (entry?.onUnreferenced === undefined) return;
    entry.graceUntil = this.#clock.now() + this.#graceMs;
    this.#schedule(entry);
  }

  lease(request: LeaseRequest, until: number): void {
    this.#leased(request, ({ leases }) => {
      if (leases.size < MOST_HOLDERS || leases.has(request.holder)) {
        leases.set(request.holder, { sequence: request.sequence, until });
      }
    });
  }

  giveUp(request: LeaseRequest): void {
    this.#leased(request, (entry) => {
      // Whoever gives up the last lease is done with the object.
      if (entry.leases.delete(request.holder) && entry.leases.size === 0) entry.graceUntil = 0;
    });
  }

  /** Withdraws everything. */
  dispose(): void {
    for (const entry of [...this.#entries.values()].flat()) this.#withdraw(entry);
  }

  #leased({ objIds, holder, sequence }: LeaseRequest, change: (entry: Entry) => void): void {
    for (const objId of objIds) {
      const entry = this.#entry(objId);
      if (entry?.onUnreferenced === undefined) continue;
      if ((entry.leases.get(holder)?.sequence ?? sequence) > sequence) continue;
      change(entry);
      this.#schedule(entry);
    }
  }

  #schedule(entry: Entry): void {
    entry.timer?.dispose();
    if (entry.onUnreferenced === undefined) return;
    const now = this.#clock.now();
    let until = entry.graceUntil;
    for (const [holder, lease] of entry.leases) {
      if (lease.until <= now) entry.leases.delete(holder);
      else until = Math.max(until, lease.until);
    }
    if (until <= now) this.#withdraw(entry);
    else entry.timer = this.#clock.after(until - now, () => this.#schedule(entry));
  }

  #withdraw(entry: Entry): void {
    this.#delete(entry);
    entry.onUnreferenced?.();
  }

  #entry({ objNum, uid }: ObjId): Entry | undefined {
    return this.#entries.get(objNum)?.find(({ object }) => isSameUid(object.objId.uid, uid));
  }

  #delete(entry: Entry): void {
    entry.timer?.dispose();
    const { objNum } = entry.object.objId;
    const others = (this.#entries.get(objNum) ?? []).filter((one) => one !== entry);
    if (others.length === 0) this.#entries.delete(objNum);
    else this.#entries.set(objNum, others);
  }
}
