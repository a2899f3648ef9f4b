import type { CallOptions, RmiClient } from '../jrmp/client.ts';
import { RmiError } from '../jrmp/errors.ts';
import type { Argument } from '../jrmp/methods.ts';
import { remoteRefOf } from '../jrmp/remoteRef.ts';
import type { RemoteRef } from '../jrmp/remoteRef.ts';
import { readRemoteStream } from '../remoteStream/streamClient.ts';
import { mapOf } from '../serial/collections.ts';
import { SerialError } from '../serial/errors.ts';
import type { JavaValue } from '../serial/model.ts';
import { javaArrayList, javaFile, javaString, stringOf } from '../serial/values.ts';
import { JOB_CONTROL_METHODS } from './interface.ts';
import type { JobControlMethodName } from './interface.ts';
import { javaJob } from './job.ts';
import { jobStatusOf } from './jobStatus.ts';
import type { JobControlRemote, JobFileName } from './remote.ts';

/** Calls a job control service, Java's or ours. Calls reject as those of `RmiClient`. */
export function createJobControlClient(client: RmiClient, ref: RemoteRef): JobControlRemote {
  /** Calls a method, and reads its result by `read`. */
  const call = async <T>(
    name: JobControlMethodName,
    args: readonly Argument[],
    options: CallOptions | undefined,
    read: (value: JavaValue) => T,
  ): Promise<T> => {
    const result = await client.call(ref, JOB_CONTROL_METHODS[name], args, options);
    try {
      return read(typeof result === 'object' ? result : null);
    } catch (error) {
      if (!(error instanceof SerialError)) throw error;
      throw new RmiError('protocol', `understand the answer to ${name}`, error.message, error);
    }
  };
  return {
    submit: (job, options) =>
      call('submit', [javaJob(job)], options, (value) => {
        const id = stringOf(value);
        if (id === null) throw new SerialError('type', 'a job without an id');
        return id;
      }),
    status: (id, options) => call('status', [javaString(id)], options, jobStatusOf),
    arrayStatus: (ids, options) =>
      call('arrayStatus', [javaArrayList(ids.map((id) => javaString(id)))], options, (value) => {
        const entries = mapOf(value) ?? [];
        return new Map(entries.map(([id, status]) => [stringOf(id) ?? '', jobStatusOf(status)]));
      }),
    cancel: (id, options) => call('cancel', [javaString(id)], options, () => undefined),
    getFile: (file, options) => call('getFile', fileArguments(file), options, stringOf),
    getFileStream: async (file, options) => {
      const stream = await call('getFileStream', fileArguments(file), options, remoteRefOf);
      return readRemoteStream(client, stream, options);
    },
  };
}

function fileArguments({ spId, workingDirectory, name }: JobFileName): readonly Argument[] {
  return [javaString(spId), javaFile(workingDirectory), javaString(name)];
}
