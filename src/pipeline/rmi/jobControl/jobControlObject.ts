import type { ObjId } from '../jrmp/ids.ts';
import { valueArgument } from '../jrmp/methods.ts';
import type { Argument, RemoteMethod, Result } from '../jrmp/methods.ts';
import { CallAborted } from '../jrmp/remoteObject.ts';
import type { CallContext, RemoteObject } from '../jrmp/remoteObject.ts';
import { stubOf } from '../jrmp/remoteRef.ts';
import type { RemoteRef } from '../jrmp/remoteRef.ts';
import type { RmiServer } from '../jrmp/server.ts';
import { StreamObject } from '../remoteStream/streamObject.ts';
import { listOf } from '../serial/collections.ts';
import { JavaThrowable } from '../serial/javaThrowable.ts';
import type { JavaObject } from '../serial/model.ts';
import { fileOf, javaString, stringOf } from '../serial/values.ts';
import { declaredBy, jobControlException, jobSubmissionException } from './exceptions.ts';
import { JOB_CONTROL, JOB_CONTROL_METHODS } from './interface.ts';
import type { JobControlMethodName } from './interface.ts';
import { jobOf } from './job.ts';
import { writeJobStatus, writeJobStatuses } from './jobStatus.ts';
import type { JobControlHandlers, JobFileName } from './remote.ts';

export interface JobControlOptions {
  /** The same after each restart, so that clients need not look it up again: see `stableObjId`. */
  readonly objId: ObjId;
  /** The longest that a call may take, in milliseconds; default: the server's. */
  readonly callMs?: number;
}

/** Streams that clients have open at a time. */
const MOST_STREAMS = 100;

/** Makes a job control service callable by the pipeline. */
export function exportJobControl(
  server: RmiServer,
  handlers: JobControlHandlers,
  options: JobControlOptions,
): RemoteRef {
  return server.export(new JobControlObject(server, handlers, options));
}

class JobControlObject implements RemoteObject {
  readonly objId: ObjId;
  readonly interfaces = [JOB_CONTROL];
  readonly methods = Object.values(JOB_CONTROL_METHODS);
  readonly callMs?: number;
  readonly #server: RmiServer;
  readonly #handlers: JobControlHandlers;
  readonly #streams = new Set<StreamObject>();

  constructor(server: RmiServer, handlers: JobControlHandlers, { objId, callMs }: JobControlOptions) {
    this.objId = objId;
    if (callMs !== undefined) this.callMs = callMs;
    this.#server = server;
    this.#handlers = handlers;
  }

  async invoke({ name }: RemoteMethod, args: readonly Argument[], context: CallContext): Promise<Result> {
    const method = name as JobControlMethodName;
    try {
      return await this.#call(method, args, context);
    } catch (error) {
      throw error instanceof JavaThrowable ? declaredBy(method, error) : error;
    }
  }

  faultOf(error: unknown, { name }: RemoteMethod): JavaThrowable {
    if (error instanceof CallAborted) return jobControlException(`${name} was broken off: ${error.message}`);
    return jobControlException(`${name} failed in the job control service; its log says why`);
  }

  async #call(
    method: JobControlMethodName,
    args: readonly Argument[],
    context: CallContext,
  ): Promise<Result> {
    const handlers = this.#handlers;
    switch (method) {
      case 'submit':
        // Not as Java's own would answer: after a RemoteException the pipeline's client submits once more.
        if (args[0] === null) throw jobSubmissionException('There is no job to be submitted');
        return javaString(await handlers.submit(jobOf(valueArgument(args, 0)), context));
      case 'status': {
        const status = await handlers.status(idOf(args), context);
        return (writer) => writeJobStatus(writer, status);
      }
      case 'arrayStatus':
        return this.#arrayStatus(args, context);
      case 'cancel':
        await handlers.cancel(idOf(args), context);
        return undefined;
      case 'getFile':
        return javaString(await handlers.getFile(fileNameOf(args), context));
      case 'getFileStream':
        return this.#getFileStream(fileNameOf(args), context);
    }
  }

  async #arrayStatus(args: readonly Argument[], context: CallContext): Promise<Result> {
    const values = listOf(valueArgument(args, 0));
    if (values === null) throw new JavaThrowable('java.lang.NullPointerException');
    const ids = [...new Set(values.map(stringOf))].filter((id) => id !== null);
    const found = await this.#handlers.arrayStatus(ids, context);
    return (writer) => writeJobStatuses(writer, ids, found);
  }

  async #getFileStream(file: JobFileName, context: CallContext): Promise<JavaObject> {
    if (this.#streams.size >= MOST_STREAMS) {
      throw jobControlException(`${MOST_STREAMS} files are being read already`);
    }
    const source = await this.#handlers.getFileStream(file, context);
    const objId = this.#server.newObjId();
    const forget = (): void => void this.#streams.delete(stream);
    const onClose = (): void => {
      this.#server.withdraw(objId);
      forget();
    };
    const stream = new StreamObject({ objId, source, gzip: true, onClose });
    this.#streams.add(stream);
    const onUnreferenced = (): void => {
      forget();
      void stream.dispose();
    };
    return stubOf(this.#server.export(stream, { onUnreferenced }), true);
  }
}

function idOf(args: readonly Argument[]): string {
  const id = stringOf(valueArgument(args, 0));
  if (id === null) throw new JavaThrowable('java.lang.NullPointerException');
  return id;
}

function fileNameOf(args: readonly Argument[]): JobFileName {
  return {
    spId: stringOf(valueArgument(args, 0)),
    workingDirectory: fileOf(valueArgument(args, 1)),
    name: stringOf(valueArgument(args, 2)),
  };
}
