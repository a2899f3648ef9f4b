import assert from 'node:assert/strict';
import { JOB_CONTROL_METHODS } from '../../../../../src/pipeline/rmi/jobControl/interface.ts';
import { javaJob, jobOf } from '../../../../../src/pipeline/rmi/jobControl/job.ts';
import {
  jobStatusOf,
  writeJobStatus,
  writeJobStatuses,
} from '../../../../../src/pipeline/rmi/jobControl/jobStatus.ts';
import {
  argumentsOf,
  callBytes,
  exceptionalReturnBytes,
  normalReturnBytes,
  readClientMessage,
  readReturn,
} from '../../../../../src/pipeline/rmi/jrmp/calls.ts';
import { noSuchObject } from '../../../../../src/pipeline/rmi/jrmp/faults.ts';
import { valueArgument } from '../../../../../src/pipeline/rmi/jrmp/methods.ts';
import type { Argument, RemoteMethod, Result } from '../../../../../src/pipeline/rmi/jrmp/methods.ts';
import { DEFAULT_GUARD } from '../../../../../src/pipeline/rmi/jrmp/remoteObject.ts';
import { receivedRefOf, stubOf } from '../../../../../src/pipeline/rmi/jrmp/remoteRef.ts';
import { REGISTRY } from '../../../../../src/pipeline/rmi/registry/registryInterface.ts';
import { REMOTE_STREAM_METHODS } from '../../../../../src/pipeline/rmi/remoteStream/interface.ts';
import { ByteQueue } from '../../../../../src/pipeline/rmi/serial/byteQueue.ts';
import { listOf, mapOf } from '../../../../../src/pipeline/rmi/serial/collections.ts';
import type { JavaValue } from '../../../../../src/pipeline/rmi/serial/model.ts';
import { javaThrowable } from '../../../../../src/pipeline/rmi/serial/throwables.ts';
import {
  bytesOf,
  fileOf,
  javaArrayList,
  javaBytes,
  javaFile,
  javaString,
  javaStringArray,
  stringOf,
} from '../../../../../src/pipeline/rmi/serial/values.ts';
import { captureNames, recordedMessages } from '../captures.ts';
import { finish } from '../streams.ts';

const { submit, status, arrayStatus, cancel, getFile, getFileStream } = JOB_CONTROL_METHODS;

/** A string, as itself made anew. */
const text = (value: JavaValue): JavaValue => javaString(stringOf(value));
const path = (value: JavaValue): JavaValue => javaFile(fileOf(value));

/** Captures without that of a call that Java does not understand. */
const understood = captureNames.filter((name) => !name.includes('op-number'));

/** Messages of a kind in all captures, or in those named. */
function messages(what: string, captures = understood): readonly Buffer[] {
  const found = captures.flatMap(recordedMessages).filter((message) => message.what === what);
  assert.ok(found.length > 0, what);
  return found.map(({ bytes }) => bytes);
}

/** The same call from arguments that were understood and made anew. */
function calledAgain(
  bytes: Buffer,
  method: RemoteMethod,
  ...remakes: ((value: JavaValue) => JavaValue)[]
): Buffer {
  const message = finish(
    readClientMessage(
      new ByteQueue(bytes),
      () => DEFAULT_GUARD,
      () => method,
    ),
  );
  assert.ok(message.kind === 'call');
  const args = argumentsOf(method.parameters, message.contents);
  const made = args.map((arg, index): Argument => {
    const remake = remakes[index];
    return remake === undefined ? arg : remake(valueArgument(args, index));
  });
  assert.equal(message.header.hash, method.hash);
  return callBytes(message.header, method.parameters, made);
}

/** The same answer from a result that was understood and made anew. */
function answeredAgain(bytes: Buffer, type: string, remake?: (value: JavaValue) => Result): Buffer {
  const { uid, value, exceptional } = finish(readReturn(new ByteQueue(bytes), type, DEFAULT_GUARD));
  assert.equal(exceptional, false);
  const made = remake !== undefined && typeof value === 'object' ? remake(value) : value;
  return normalReturnBytes(uid, type, made);
}

function same(bytes: readonly Buffer[], remake: (bytes: Buffer) => Buffer): void {
  for (const one of bytes) assert.equal(remake(one).toString('hex'), one.toString('hex'));
}

/** Whether the maps of its job are HashMaps of texts that it has once. */
const plainJobs = ['bigfile', 'minimal', 'nocommand', 'unicode', 'fail-control', 'fail-security'].map(
  (name) => `jdk17-submit-${name}-object`,
);

describe('what we send', () => {
  it('is what Java sends for a job', () => {
    same(messages('JobControl.submit', plainJobs), (bytes) =>
      calledAgain(bytes, submit, (value) => javaJob(jobOf(value))),
    );
  });

  it('is what Java sends for the other calls', () => {
    same(messages('JobControl.status'), (bytes) => calledAgain(bytes, status, text));
    same(messages('JobControl.cancel'), (bytes) => calledAgain(bytes, cancel, text));
    same(messages('JobControl.getFile'), (bytes) => calledAgain(bytes, getFile, text, path, text));
    same(messages('JobControl.getFileStream'), (bytes) =>
      calledAgain(bytes, getFileStream, text, path, text),
    );
    same(
      messages('JobControl.arrayStatus', ['jdk17-arrayStatus-object', 'jdk17-arrayStatus-empty-object']),
      (bytes) => calledAgain(bytes, arrayStatus, (value) => javaArrayList((listOf(value) ?? []).map(text))),
    );
  });

  it('is what Java answers to them', () => {
    same(messages('normal org.srs.jobcontrol.common.CommonJobStatus'), (bytes) =>
      answeredAgain(bytes, 'L', (value) => (writer) => writeJobStatus(writer, jobStatusOf(value))),
    );
    // In the other, an id is one text as key and as field.
    const lists = captureNames.filter((name) => /^jdk17-arrayStatus-\w.+-object$/.test(name));
    same(messages('normal java.util.LinkedHashMap', lists), (bytes) =>
      answeredAgain(bytes, 'L', (value) => {
        const statuses = new Map(
          (mapOf(value) ?? []).map(([id, one]) => [stringOf(id) ?? '', jobStatusOf(one)]),
        );
        return (writer) => writeJobStatuses(writer, [...statuses.keys()], statuses);
      }),
    );
    same(messages('normal java.lang.String'), (bytes) => answeredAgain(bytes, 'L', text));
    same(messages('normal null'), (bytes) => answeredAgain(bytes, 'L', text));
    same(messages('normal void'), (bytes) => answeredAgain(bytes, 'V'));
  });

  it('is what Java sends for remote streams', () => {
    const { usingGZIPCompression, readPacket, close } = REMOTE_STREAM_METHODS;
    same(messages('RemoteInputStream.usingGZIPCompression'), (bytes) =>
      calledAgain(bytes, usingGZIPCompression),
    );
    same(messages('RemoteInputStream.readPacket'), (bytes) => calledAgain(bytes, readPacket));
    same(messages('RemoteInputStream.close'), (bytes) => calledAgain(bytes, close));
    same([...messages('normal primitive 00'), ...messages('normal primitive 01')], (bytes) =>
      answeredAgain(bytes, 'Z'),
    );
    same(messages('normal [B'), (bytes) => answeredAgain(bytes, '[', (value) => javaBytes(bytesOf(value))));
  });

  it('is what Java sends to registries, and what they answer', () => {
    const stub = (isResult: boolean) => (value: JavaValue) => stubOf(receivedRefOf(value)!.ref, isResult);
    same(messages('Registry.lookup', ['jdk17-registry-lookup-registry']), (bytes) =>
      calledAgain(bytes, REGISTRY.lookup, text),
    );
    same(messages('Registry.bind'), (bytes) => calledAgain(bytes, REGISTRY.bind, text, stub(false)));
    same(messages('Registry.list'), (bytes) => calledAgain(bytes, REGISTRY.list));
    same(messages('normal proxy org.srs.jobcontrol.JobControl'), (bytes) =>
      answeredAgain(bytes, 'L', stub(true)),
    );
    same(messages('normal proxy java.rmi.Remote,com.healthmarketscience.rmiio.RemoteInputStream'), (bytes) =>
      answeredAgain(bytes, 'L', stub(true)),
    );
    same(messages('normal [Ljava.lang.String;'), (bytes) =>
      answeredAgain(bytes, '[', (value) => {
        assert.ok(value?.kind === 'array');
        return javaStringArray(value.elements.map((one) => stringOf(one) ?? ''));
      }),
    );
  });

  it('is what Java throws where it shows no stack', () => {
    same(
      messages('exceptional java.rmi.NoSuchObjectException', ['jdk17-raw-unknown-objid-object']),
      (bytes) => {
        const { uid } = finish(readReturn(new ByteQueue(bytes), 'V', DEFAULT_GUARD));
        return exceptionalReturnBytes(uid, javaThrowable(noSuchObject()));
      },
    );
  });
});
