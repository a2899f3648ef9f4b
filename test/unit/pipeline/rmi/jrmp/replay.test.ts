import assert from 'node:assert/strict';
import { JOB_CONTROL, JOB_CONTROL_METHODS } from '../../../../../src/pipeline/rmi/jobControl/interface.ts';
import { callHeaderOf, readReturn } from '../../../../../src/pipeline/rmi/jrmp/calls.ts';
import type { CallHeader, Return } from '../../../../../src/pipeline/rmi/jrmp/calls.ts';
import { CLEAN, DIRTY } from '../../../../../src/pipeline/rmi/jrmp/dgcObject.ts';
import { DGC_ID, objIdKey, REGISTRY_ID } from '../../../../../src/pipeline/rmi/jrmp/ids.ts';
import type { ObjId } from '../../../../../src/pipeline/rmi/jrmp/ids.ts';
import type { RemoteMethod } from '../../../../../src/pipeline/rmi/jrmp/methods.ts';
import { readServerAck } from '../../../../../src/pipeline/rmi/jrmp/protocol.ts';
import { DEFAULT_GUARD } from '../../../../../src/pipeline/rmi/jrmp/remoteObject.ts';
import type { RemoteObject } from '../../../../../src/pipeline/rmi/jrmp/remoteObject.ts';
import { remoteRefOf } from '../../../../../src/pipeline/rmi/jrmp/remoteRef.ts';
import { startRmiServer } from '../../../../../src/pipeline/rmi/jrmp/server.ts';
import type { RmiServer } from '../../../../../src/pipeline/rmi/jrmp/server.ts';
import { REGISTRY_METHODS } from '../../../../../src/pipeline/rmi/registry/registryInterface.ts';
import { createRegistry } from '../../../../../src/pipeline/rmi/registry/registryObject.ts';
import { REMOTE_STREAM_METHODS } from '../../../../../src/pipeline/rmi/remoteStream/interface.ts';
import { ByteQueue } from '../../../../../src/pipeline/rmi/serial/byteQueue.ts';
import type { JavaThrowable } from '../../../../../src/pipeline/rmi/serial/javaThrowable.ts';
import { throwableOf } from '../../../../../src/pipeline/rmi/serial/throwables.ts';
import { captureNames, recordedMessages } from '../captures.ts';
import type { RecordedMessage } from '../captures.ts';
import { RawPeer } from '../rawPeer.ts';
import { finish, writeStream } from '../streams.ts';

const METHODS: readonly RemoteMethod[] = [
  ...Object.values(JOB_CONTROL_METHODS),
  ...Object.values(REMOTE_STREAM_METHODS),
];
const SERVICE = 'JobControlService-desc';
const STRANGER = { host: '127.0.0.1', port: 1, objId: REGISTRY_ID, interfaces: [JOB_CONTROL] };
const ALL = [...METHODS, ...REGISTRY_METHODS, CLEAN, DIRTY];

/** After these, Java understands nothing more, and closes. */
const closing = /raw-(?:bad|multiplex|dgc-bad|op-number|registry-bad|unknown)/;
/** Captures in which an object, or a server, is gone; and those with an exception of a class that cannot be sent. */
const others = /server-down|server-restart|unknown-objid|submit-fail-error/;

/** The method of a recorded call; undefined where it is none that is known. */
function methodOf(message: RecordedMessage): RemoteMethod | undefined {
  const header = headerOf(message);
  return ALL.find(({ operation, hash }) => operation === header.operation && hash === header.hash);
}

/** Behind the byte for the kind, the stream's header, and the head of a piece of block data. */
function headerOf({ bytes }: RecordedMessage): CallHeader {
  return callHeaderOf(bytes.subarray(7));
}

function answerOf(message: RecordedMessage, method: RemoteMethod | undefined): Return {
  return finish(readReturn(new ByteQueue(message.bytes), method?.result ?? 'V', DEFAULT_GUARD));
}

/** An answer without what is different each time. */
function brief({ exceptional, value }: Return, detail = true): unknown {
  if (!exceptional) return typeof value === 'object' ? writeStream([value]).toString('hex') : value;
  const chain: unknown[] = [];
  let thrown: JavaThrowable | undefined = throwableOf(value as Parameters<typeof throwableOf>[0]);
  for (; thrown !== undefined; thrown = thrown.cause) {
    chain.push(
      thrown.className,
      ...(detail || thrown.className.startsWith('java.rmi') ? [thrown.detail] : []),
    );
  }
  return chain;
}

/** Objects that answer as they did in a capture, in the order of its calls. */
function objectsOf(messages: readonly RecordedMessage[]): readonly RemoteObject[] {
  const calls = messages.filter(({ kind }) => kind === 'Call');
  const answers = messages.filter(({ kind }) => kind === 'ReturnData');
  const ids = new Map<string, ObjId>();
  const script: Return[] = [];
  for (const [index, call] of calls.entries()) {
    const { objId } = headerOf(call);
    if (objId.objNum === REGISTRY_ID.objNum || objId.objNum === DGC_ID.objNum) continue;
    ids.set(objIdKey(objId), objId);
    const method = methodOf(call);
    if (method !== undefined) script.push(answerOf(answers[index]!, method));
  }
  return [...ids.values()].map((objId) => ({
    objId,
    interfaces: [JOB_CONTROL],
    methods: METHODS,
    invoke: () => {
      const answer = script.shift();
      assert.ok(answer !== undefined);
      if (!answer.exceptional) return Promise.resolve(answer.value);
      const thrown = throwableOf(answer.value as Parameters<typeof throwableOf>[0]);
      const wrapped = thrown.className === 'java.rmi.ServerException' ? thrown.cause : undefined;
      return Promise.reject(wrapped ?? thrown);
    },
  }));
}

/** What the registry of a capture had bound: what it answered to lookups. */
function bindingsOf(messages: readonly RecordedMessage[]): ReturnType<typeof remoteRefOf>[] {
  return messages
    .filter(({ what }) => what === 'normal proxy org.srs.jobcontrol.JobControl')
    .map((message) =>
      remoteRefOf(
        answerOf(
          message,
          ALL.find(({ name }) => name === 'lookup'),
        ).value as Parameters<typeof remoteRefOf>[0],
      ),
    );
}

async function replay(name: string, server: RmiServer, detail: boolean): Promise<void> {
  const messages = recordedMessages(name);
  const peer = await RawPeer.connect(server.port);
  const pending: RecordedMessage[] = [];
  for (const message of messages) {
    if (message.direction === 'client->server') {
      peer.send(message.bytes);
      if (message.kind === 'Call') pending.push(message);
      continue;
    }
    if (message.kind === 'ProtocolAck') await peer.read(readServerAck);
    else if (message.kind === 'ReturnData') {
      const method = methodOf(pending.shift()!);
      const answer = await peer.readReturn(method?.result ?? 'V');
      assert.deepEqual(brief(answer, detail), brief(answerOf(message, method), detail), message.what);
    } else {
      assert.equal(await peer.readByte(), message.bytes[0], message.kind);
    }
  }
  if (closing.test(name)) await peer.closed();
  peer.destroy();
}

describe('connections of Java clients', () => {
  for (const name of captureNames.filter((one) => !others.test(one))) {
    it(`are answered as Java answered them: ${name}`, async () => {
      const leaseMs = name.includes('lease-renewal') ? 4000 : 600_000;
      const server = await startRmiServer({ publicHost: '127.0.0.1', host: '127.0.0.1', times: { leaseMs } });
      const messages = recordedMessages(name);
      const registry = createRegistry();
      server.export(registry.object);
      for (const ref of bindingsOf(messages)) registry.bind(SERVICE, ref);
      if (name.includes('list-registry')) registry.bind(SERVICE, STRANGER);
      for (const object of objectsOf(messages)) server.export(object);
      try {
        // Java says more about a value of a wrong class.
        await replay(name, server, !name.includes('registry-string'));
      } finally {
        await server.close();
      }
    });
  }

  it('that call an object that is gone are told so', async () => {
    const server = await startRmiServer({ publicHost: '127.0.0.1', host: '127.0.0.1' });
    await replay('jdk17-raw-unknown-objid-object', server, true);
    await server.close();
  });
});
