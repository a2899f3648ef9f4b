import { callBytes } from '../../../../src/pipeline/rmi/jrmp/calls.ts';
import { stableObjId } from '../../../../src/pipeline/rmi/jrmp/ids.ts';
import { remoteMethod, valueArgument } from '../../../../src/pipeline/rmi/jrmp/methods.ts';
import type { Argument, Result } from '../../../../src/pipeline/rmi/jrmp/methods.ts';
import type { CallContext, RemoteObject } from '../../../../src/pipeline/rmi/jrmp/remoteObject.ts';
import { startRmiServer } from '../../../../src/pipeline/rmi/jrmp/server.ts';
import type { RmiServer, RmiServerOptions } from '../../../../src/pipeline/rmi/jrmp/server.ts';
import { javaString } from '../../../../src/pipeline/rmi/serial/values.ts';

export const ECHO = remoteMethod('echo', '(Ljava/lang/String;)Ljava/lang/String;');
export const ADD = remoteMethod('add', '(IJLjava/lang/String;I)J');
export const ECHO_ID = stableObjId('echo');

/** An object that gives back what it is given, unless told otherwise. */
export function echoObject(
  echo: (text: Argument, context: CallContext) => Promise<Result> = (text) => Promise.resolve(text),
): RemoteObject {
  return {
    objId: ECHO_ID,
    interfaces: ['test.Echo'],
    methods: [ECHO, ADD],
    invoke: (method, args, context) => {
      if (method === ECHO) return echo(valueArgument(args, 0), context);
      return Promise.resolve(
        args.reduce((sum: bigint, arg) => sum + (typeof arg === 'object' ? 0n : BigInt(arg)), 0n),
      );
    },
  };
}

export function echoCall(text: string, objId = ECHO_ID): Buffer {
  return callBytes({ objId, operation: -1, hash: ECHO.hash }, ECHO.parameters, [javaString(text)]);
}

export function localServer(options: Partial<RmiServerOptions> = {}): Promise<RmiServer> {
  return startRmiServer({ host: '127.0.0.1', publicHost: '127.0.0.1', ...options });
}
