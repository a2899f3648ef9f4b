import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Acceptor } from './acceptor.ts';
import { createMemoryBudget } from './budget.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { createDgcObject } from './dgcObject.ts';
import { createUidSource } from './ids.ts';
import type { ObjId } from './ids.ts';
import { createNetworkFilter } from './networks.ts';
import { ObjectTable } from './objectTable.ts';
import type { ExportOptions } from './objectTable.ts';
import type { RemoteObject } from './remoteObject.ts';
import type { RemoteRef } from './remoteRef.ts';
import type { ServerEvent, ServerTimes } from './serverConnection.ts';

export interface RmiServerOptions {
  /** Address to listen at; default: all of this machine. */
  readonly host?: string;
  /** Port to listen at; 0, the default, takes a free one. */
  readonly port?: number;
  /** How stubs say that we are reached; it must be good for clients. */
  readonly publicHost: string;
  /** Default: the port that is listened at. */
  readonly publicPort?: number;
  /** Networks whose calls are taken, as `134.79.0.0/16`; default: all. Others are told so by a SecurityException. */
  readonly allow?: readonly string[];
  /** Connections at a time; more are closed at once. */
  readonly maxConnections?: number;
  /** The same from one address. */
  readonly maxConnectionsPerAddress?: number;
  /** Bytes of memory that large messages may take together. */
  readonly memory?: number;
  readonly times?: Partial<ServerTimes>;
  readonly clock?: Clock;
  /** Told of what happens, for a log. */
  readonly onEvent?: (event: ServerEvent) => void;
}

/** A port at which remote objects are called. */
export interface RmiServer {
  readonly port: number;
  /** Makes an object callable, and says how stubs refer to it. */
  export(object: RemoteObject, options?: ExportOptions): RemoteRef;
  withdraw(objId: ObjId): void;
  /** An id that no other object has. */
  newObjId(): ObjId;
  /** Open connections. */
  readonly connections: number;
  /** Takes nothing more, lets calls end for so long, then breaks them off. */
  close(graceMs?: number): Promise<void>;
}

const DEFAULT_TIMES: ServerTimes = {
  handshakeMs: 30_000,
  idleMs: 300_000,
  messageMs: 60_000,
  writeMs: 60_000,
  callMs: 60_000,
  lingerMs: 2_000,
  leaseMs: 600_000,
};
/** A small message needs no share of the memory for large ones. */
const FREE_BYTES = 256 * 1024;
const DEFAULT_MEMORY = 256 * 1024 * 1024;

/** Listens; rejects with the system's error, as where the port is taken. */
export async function startRmiServer(options: RmiServerOptions): Promise<RmiServer> {
  const { clock = systemClock } = options;
  const times = { ...DEFAULT_TIMES, ...options.times };
  const allowed = options.allow === undefined ? undefined : createNetworkFilter(options.allow);
  const table = new ObjectTable(clock, times.leaseMs);
  const nextUid = createUidSource(randomBytes(4).readInt32BE(0), clock.now());
  const budget = createMemoryBudget(options.memory ?? DEFAULT_MEMORY, FREE_BYTES);
  const onEvent = options.onEvent ?? (() => undefined);
  const acceptor = new Acceptor({
    clock,
    times,
    table,
    nextUid,
    budget,
    onEvent,
    allowed,
    maxConnections: options.maxConnections ?? 1024,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? 512,
  });
  const listener = createServer({ allowHalfOpen: true }, (socket) => acceptor.accept(socket));
  listener.listen(options.port ?? 0, options.host);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.on('error', (error) => onEvent({ kind: 'failed', reason: error.message }));

  table.add(createDgcObject(table, clock, times.leaseMs));
  return {
    port,
    get connections() {
      return acceptor.size;
    },
    export(object, exporting) {
      table.add(object, exporting);
      const { publicHost: host, publicPort = port } = options;
      return { host, port: publicPort, objId: object.objId, interfaces: object.interfaces };
    },
    withdraw: (objId) => table.remove(objId),
    newObjId: () => ({ objNum: randomBytes(8).readBigInt64BE(0) | 0x10n, uid: nextUid() }),
    async close(graceMs = 0) {
      const closed = once(listener, 'close');
      listener.close();
      await acceptor.close(graceMs);
      await closed;
      table.dispose();
    },
  };
}
