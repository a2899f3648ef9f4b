import { serializable } from '../serial/classDescs.ts';
import { SerialError } from '../serial/errors.ts';
import { classData, objectOf } from '../serial/fields.ts';
import type { FieldReader } from '../serial/fields.ts';
import type { ClassDesc, JavaArray, JavaObject, JavaValue } from '../serial/model.ts';
import { arrayOf, bytesOf, javaBytes } from '../serial/values.ts';
import type { Clock } from './clock.ts';
import { DGC_ID } from './ids.ts';
import type { ObjId, Uid } from './ids.ts';
import { numberArgument, numbered, remoteMethod, valueArgument } from './methods.ts';
import type { ObjectTable } from './objectTable.ts';
import type { RemoteObject } from './remoteObject.ts';

const UID = serializable({
  name: 'java.rmi.server.UID',
  suid: 1086053664494604050n,
  fields: ['S count', 'J time', 'I unique'],
});

const OBJ_ID = serializable({
  name: 'java.rmi.server.ObjID',
  suid: -6386392263968365220n,
  fields: ['J objNum', 'L space Ljava/rmi/server/UID;'],
});

const OBJ_ID_ARRAY = serializable({ name: '[Ljava.rmi.server.ObjID;', suid: -8713620060265225090n });

const VMID = serializable({
  name: 'java.rmi.dgc.VMID',
  suid: -538642295484486218n,
  fields: ['[ addr [B', 'L uid Ljava/rmi/server/UID;'],
});

const LEASE = serializable({
  name: 'java.rmi.dgc.Lease',
  suid: -5713411624328831948n,
  fields: ['J value', 'L vmid Ljava/rmi/dgc/VMID;'],
});

const DGC_HASH = -669196253586618813n;

export const CLEAN = numbered(
  remoteMethod('clean', '([Ljava/rmi/server/ObjID;JLjava/rmi/dgc/VMID;Z)V'),
  0,
  DGC_HASH,
);
export const DIRTY = numbered(
  remoteMethod('dirty', '([Ljava/rmi/server/ObjID;JLjava/rmi/dgc/Lease;)Ljava/rmi/dgc/Lease;'),
  1,
  DGC_HASH,
);

const ADMITTED: ReadonlySet<string> = new Set([UID, OBJ_ID, VMID, LEASE].map(({ name }) => name));

/** What keeps the leases of a server's objects, as a Java server has it: it takes the same few classes. */
export function createDgcObject(table: ObjectTable, clock: Clock, leaseMs: number): RemoteObject {
  return {
    objId: DGC_ID,
    interfaces: ['java.rmi.dgc.DGC'],
    methods: [CLEAN, DIRTY],
    guard: {
      limits: { bytes: 4 * 1024 * 1024, items: 50_000, depth: 5, arrayLength: 10_000 },
      checkClass(name) {
        if (!ADMITTED.has(name)) throw new SerialError('refused', name);
      },
    },
    invoke: (method, args) => {
      const objIds = arrayOf(valueArgument(args, 0), OBJ_ID_ARRAY).map(objIdOf);
      const sequence = BigInt(numberArgument(args, 1));
      const given = valueArgument(args, 2);
      if (method === CLEAN) {
        table.giveUp({ objIds, sequence, holder: holderOf(given) });
        return Promise.resolve(undefined);
      }
      const vmid = known(given, LEASE).value('vmid');
      table.lease({ objIds, sequence, holder: holderOf(vmid) }, clock.now() + leaseMs);
      return Promise.resolve(leaseOf(leaseMs, vmid));
    },
  };
}

/** The ids of objects, as a client sends them to ask for leases and to give them up. */
export function objIdArray(objIds: readonly ObjId[]): JavaArray {
  const elements = objIds.map(({ objNum, uid }): JavaObject => {
    const fields = { objNum, space: uidValue(uid) };
    return { kind: 'object', desc: OBJ_ID, levels: [classData(OBJ_ID, fields)] };
  });
  return { kind: 'array', desc: OBJ_ID_ARRAY, bytes: undefined, elements };
}

/** Names a process among all that hold leases. */
export function vmidValue(address: Buffer, uid: Uid): JavaObject {
  const fields = { addr: javaBytes(address), uid: uidValue(uid) };
  return { kind: 'object', desc: VMID, levels: [classData(VMID, fields)] };
}

export function leaseOf(ms: number, vmid: JavaValue): JavaObject {
  return { kind: 'object', desc: LEASE, levels: [classData(LEASE, { value: BigInt(ms), vmid })] };
}

/** For how many milliseconds a lease is granted. */
export function leaseMsOf(value: JavaValue): number {
  return Number(known(value, LEASE).long('value'));
}

function objIdOf(value: JavaValue): ObjId {
  const fields = known(value, OBJ_ID);
  return { objNum: fields.long('objNum'), uid: uidOf(fields.value('space')) };
}

function uidOf(value: JavaValue): Uid {
  const fields = known(value, UID);
  return { unique: fields.number('unique'), time: fields.long('time'), count: fields.number('count') };
}

function uidValue({ unique, time, count }: Uid): JavaObject {
  return { kind: 'object', desc: UID, levels: [classData(UID, { unique, time, count })] };
}

function holderOf(vmid: JavaValue): string {
  const fields = objectOf(vmid, VMID);
  if (fields === null) return '';
  const { unique, time, count } = uidOf(fields.value('uid'));
  return `${bytesOf(fields.value('addr'))?.toString('hex')}:${unique}:${time}:${count}`;
}

function known(value: JavaValue, desc: ClassDesc): FieldReader {
  const fields = objectOf(value, desc);
  if (fields === null) throw new SerialError('type', `null where ${desc.name} is expected`);
  return fields;
}
