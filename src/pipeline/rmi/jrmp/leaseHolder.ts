import type { Clock } from './clock.ts';
import { objIdKey } from './ids.ts';
import type { ObjId } from './ids.ts';
import type { Endpoint, RemoteRef } from './remoteRef.ts';

/** The two calls to a lease keeper. */
export interface LeaseCalls {
  /** Asks for leases of so many milliseconds, and says how long they are granted. */
  dirty(endpoint: Endpoint, objIds: readonly ObjId[], sequence: bigint, ms: number): Promise<number>;
  clean(endpoint: Endpoint, objIds: readonly ObjId[], sequence: bigint): Promise<void>;
}

interface Held {
  readonly endpoint: Endpoint;
  readonly objects: Map<string, { readonly objId: ObjId; count: number }>;
  timer: { dispose(): void } | undefined;
}

const WANTED_MS = 600_000;
/** Until leases are asked for again where that failed. */
const RETRY_MS = 10_000;
const SHORTEST_MS = 1_000;

/** Keeps leases on objects of others and renews them, all of one endpoint together. Failures are tried again, and silent. */
export class LeaseHolder {
  readonly #clock: Clock;
  readonly #calls: LeaseCalls;
  readonly #held = new Map<string, Held>();
  #sequence = -(2n ** 63n);

  constructor(clock: Clock, calls: LeaseCalls) {
    this.#clock = clock;
    this.#calls = calls;
  }

  /** Resolves when the first request is answered, or has failed. */
  async hold({ host, port, objId }: RemoteRef): Promise<void> {
    const endpoint = { host, port };
    const held = this.#heldOf(endpoint);
    const key = objIdKey(objId);
    const known = held.objects.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    held.objects.set(key, { objId, count: 1 });
    await this.#renew(held, [objId]);
  }

  release({ host, port, objId }: RemoteRef): void {
    const held = this.#held.get(`${host}:${port}`);
    const known = held?.objects.get(objIdKey(objId));
    if (held === undefined || known === undefined) return;
    known.count -= 1;
    if (known.count > 0) return;
    held.objects.delete(objIdKey(objId));
    if (held.objects.size === 0) this.#forget(held);
    // Where this is lost, the lease ends by itself.
    this.#calls.clean(held.endpoint, [objId], this.#next()).catch(() => undefined);
  }

  /** Renews nothing more; what is leased ends by itself. */
  dispose(): void {
    for (const held of [...this.#held.values()]) this.#forget(held);
  }

  async #renew(held: Held, objIds: readonly ObjId[]): Promise<void> {
    let renewMs = RETRY_MS;
    try {
      const granted = await this.#calls.dirty(held.endpoint, objIds, this.#next(), WANTED_MS);
      renewMs = Math.min(Math.max(granted / 2, SHORTEST_MS), WANTED_MS / 2);
    } catch {
      // The call that needs the object will tell what is wrong.
    }
    if (this.#held.get(keyOf(held.endpoint)) !== held) return;
    held.timer?.dispose();
    held.timer = this.#clock.after(renewMs, () => {
      void this.#renew(
        held,
        [...held.objects.values()].map(({ objId }) => objId),
      );
    });
  }

  #heldOf(endpoint: Endpoint): Held {
    const known = this.#held.get(keyOf(endpoint));
    if (known !== undefined) return known;
    const held: Held = { endpoint, objects: new Map(), timer: undefined };
    this.#held.set(keyOf(endpoint), held);
    return held;
  }

  #forget(held: Held): void {
    held.timer?.dispose();
    this.#held.delete(keyOf(held.endpoint));
  }

  #next(): bigint {
    const sequence = this.#sequence;
    this.#sequence += 1n;
    return sequence;
  }
}

function keyOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
