import type { SerialError } from '../serial/errors.ts';
import { JavaThrowable } from '../serial/javaThrowable.ts';

/* What a Java server answers when a call cannot be served; its words, as clients may look at them. */

const IN_SERVER_THREAD = 'RemoteException occurred in server thread';

export function noSuchObject(): JavaThrowable {
  return new JavaThrowable('java.rmi.NoSuchObjectException', 'no such object in table');
}

export function unmarshalFault(detail: string, cause?: JavaThrowable): JavaThrowable {
  return new JavaThrowable('java.rmi.UnmarshalException', detail, { cause });
}

export function unknownMethod(): JavaThrowable {
  return unmarshalFault('unrecognized method hash: method not supported by remote object');
}

export function unknownOperation(): JavaThrowable {
  return unmarshalFault('invalid method number');
}

export function noOperations(): JavaThrowable {
  return unmarshalFault('skeleton class not found but required for client version');
}

export function hashMismatch(): JavaThrowable {
  return new JavaThrowable('java.rmi.server.SkeletonMismatchException', 'interface hash mismatch');
}

/** What is wrong with the arguments of a call. */
export function argumentFault(error: SerialError): JavaThrowable {
  return unmarshalFault('error unmarshalling arguments', causeOf(error));
}

function causeOf({ kind, message }: SerialError): JavaThrowable {
  switch (kind) {
    case 'refused':
    case 'limit':
      return new JavaThrowable('java.io.InvalidClassException', 'filter status: REJECTED');
    case 'version':
      return new JavaThrowable('java.io.InvalidClassException', message);
    case 'type':
      return new JavaThrowable('java.lang.ClassCastException', message);
    case 'corrupt':
      return new JavaThrowable('java.io.StreamCorruptedException', message);
  }
}

/** An exception as Java's server sends it: those of its own kind it wraps, so that callers see where they come from. */
export function asSent(thrown: JavaThrowable): JavaThrowable {
  if (thrown.is('java.rmi.RemoteException')) {
    return new JavaThrowable('java.rmi.ServerException', IN_SERVER_THREAD, { cause: thrown });
  }
  if (thrown.is('java.lang.Error')) {
    return new JavaThrowable('java.rmi.ServerError', 'Error occurred in server thread', { cause: thrown });
  }
  return thrown;
}
