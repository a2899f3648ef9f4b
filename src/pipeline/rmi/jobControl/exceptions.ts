import { JavaThrowable } from '../serial/javaThrowable.ts';
import type { JobControlMethodName } from './interface.ts';

export const JOB_CONTROL_EXCEPTION = 'org.srs.jobcontrol.JobControlException';
export const JOB_SUBMISSION_EXCEPTION = 'org.srs.jobcontrol.JobSubmissionException';
export const NO_SUCH_JOB_EXCEPTION = 'org.srs.jobcontrol.NoSuchJobException';

/** Checked exceptions that each method declares; a Java client takes others for a failed connection and calls again. */
const DECLARED: Readonly<Record<JobControlMethodName, readonly string[]>> = {
  submit: [JOB_SUBMISSION_EXCEPTION, JOB_CONTROL_EXCEPTION],
  status: [NO_SUCH_JOB_EXCEPTION, JOB_CONTROL_EXCEPTION],
  arrayStatus: [JOB_CONTROL_EXCEPTION],
  cancel: [NO_SUCH_JOB_EXCEPTION, JOB_CONTROL_EXCEPTION],
  getFile: ['java.io.FileNotFoundException', 'java.util.concurrent.TimeoutException', JOB_CONTROL_EXCEPTION],
  getFileStream: ['java.io.IOException', JOB_CONTROL_EXCEPTION],
};

export function jobControlException(message: string, cause?: JavaThrowable): JavaThrowable {
  return new JavaThrowable(JOB_CONTROL_EXCEPTION, message, { cause });
}

export function jobSubmissionException(message: string, cause?: JavaThrowable): JavaThrowable {
  return new JavaThrowable(JOB_SUBMISSION_EXCEPTION, message, { cause });
}

export function noSuchJobException(message: string): JavaThrowable {
  return new JavaThrowable(NO_SUCH_JOB_EXCEPTION, message);
}

export function fileNotFoundException(message: string): JavaThrowable {
  return new JavaThrowable('java.io.FileNotFoundException', message);
}

export function timeoutException(message: string | null = null): JavaThrowable {
  return new JavaThrowable('java.util.concurrent.TimeoutException', message);
}

/** For callers that are not allowed; it is unchecked, so that it may come from any method. */
export function securityException(message: string | null = null): JavaThrowable {
  return new JavaThrowable('java.lang.SecurityException', message);
}

/**
 * The exception itself where the method declares it or it is unchecked, else a JobControlException with it as its cause:
 * after a RemoteException the pipeline's client would submit the same job once more.
 */
export function declaredBy(method: JobControlMethodName, thrown: JavaThrowable): JavaThrowable {
  const remote = thrown.is('java.rmi.RemoteException');
  if (thrown.is('java.lang.RuntimeException')) return thrown;
  if (!remote && DECLARED[method].some((name) => thrown.is(name))) return thrown;
  return jobControlException(thrown.detail ?? thrown.className, thrown);
}
